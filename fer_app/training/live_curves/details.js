// The details of the epochs: a slider chooses one; the newest is shown until another is chosen.

class DetailsPart {
  constructor([store], plotly) {
    this.store = store
    this.chosen = null // an epoch's number; null follows the newest
    this.choices = new Choices(`details-${store.name}`, { hidden: [] })
    this.legend = new Legend({ title: "Classes shown", choices: this.choices, onchange: () => this.draw() })
    this.chart = new Chart({ name: "recall", title: "Recall of each class", choices: this.choices, plotly, height: 300 })
    this.id = freshId("epoch")
    this.slider = element("input", { id: this.id, type: "range", min: "0", step: "1", oninput: () => this.choose() })
    this.output = element("output", { for: this.id })
    this.newest = element("button", { type: "button", onclick: () => ((this.chosen = null), this.draw()) }, "Follow the newest")
    this.matrix = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Confusion matrix" })
    this.faces = element("div", {})
    const control = element("label", { class: "slider epoch", for: this.id }, "Epoch ", this.slider, this.output)
    const matrix = element("div", { class: "matrix" }, element("h4", {}, "Confusion matrix"), this.matrix)
    const recall = element("div", {}, this.chart.node, this.legend.node)
    this.node = element("section", { class: "details", "aria-label": "Details of the epochs" },
      element("div", { class: "tools" }, control, this.newest), this.faces, element("div", { class: "charts" }, recall, matrix))
    this.draw()
  }

  choose() {
    const position = Number(this.slider.value)
    this.chosen = position === this.store.epochs.length - 1 ? null : this.store.epochs[position].epoch
    this.draw()
  }

  get classNames() {
    return this.store.faces?.classNames ?? Object.keys(this.store.epochs.at(-1).recall)
  }

  get colors() {
    return this.store.faces?.classColors ?? this.classNames.map((_, i) => RUN_COLORS[i % RUN_COLORS.length])
  }

  draw() {
    const { epochs } = this.store
    show(this.node, epochs.length > 0)
    if (!epochs.length) return
    const found = epochs.findIndex((record) => record.epoch === this.chosen)
    const position = found < 0 ? epochs.length - 1 : found
    const isNewest = position === epochs.length - 1
    this.slider.max = String(epochs.length - 1)
    this.slider.value = String(position)
    const text = `${epochs[position].epoch} of ${epochs.at(-1).epoch}${isNewest ? " (newest)" : ""}`
    write(this.output, text)
    this.slider.setAttribute("aria-valuetext", `epoch ${text}`)
    show(this.newest, !isNewest)
    this.drawRecord(epochs[position])
    this.drawRecall(epochs[position])
  }

  // The same epoch again is left as it is: whoever scrolls or selects there is not disturbed.
  drawRecord(record) {
    const key = `${record.epoch}-${this.store.epochs.length === 1}`
    if (this.drawnRecord === record && this.drawnKey === key) return
    this.drawnRecord = record
    this.drawnKey = key
    this.matrix.replaceChildren(newConfusion(record, this.classNames))
    this.faces.replaceChildren(...newFaces(this.store.faces, record))
  }

  drawRecall(record) {
    const { epochs } = this.store
    const entries = this.classNames.map((name, i) => ({ name: `class:${name}`, text: name, color: this.colors[i], dash: "solid" }))
    this.legend.draw(entries)
    const x = epochs.map(({ epoch }) => epoch)
    const traces = this.classNames.flatMap((name, i) => {
      if (this.legend.isHidden(`class:${name}`)) return []
      const y = epochs.map(({ recall }) => (recall[name] === null || recall[name] === undefined ? null : 100 * recall[name]))
      const line = { color: this.colors[i], width: 2 }
      const mode = x.length < 60 ? "lines+markers" : "lines"
      return [{ x, y, type: "scatter", mode, line, marker: { size: 4 }, name: plain(name), hovertemplate: `${plain(name)}: %{y:.0f} %<extra></extra>` }]
    })
    const marked = { x: [record.epoch, record.epoch], y: [0, 100], type: "scatter", mode: "lines", hoverinfo: "skip", line: { color: "rgba(128,128,128,0.7)", dash: "dot", width: 1 } }
    const spoken = this.classNames.map((name) => `${name} ${percent(record.recall[name])}`).join(", ")
    this.chart.draw([...traces, marked], { axis: "epoch", xTitle: "epoch", hoverTitle: "epoch %{x}", yTitle: "%", description: `Epoch ${record.epoch}: ${spoken}.` })
  }

  remove() {
    this.chart.remove()
  }
}
