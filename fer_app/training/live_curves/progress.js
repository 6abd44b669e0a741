// How far a run is: bars, figures, and the use of the hardware as small curves; below it the end of the log.

const SPARK = { width: 120, height: 26 }

class ProgressPart {
  constructor([store]) {
    this.store = store
    this.phase = element("p", { class: "phase" }, "Reading how far it is")
    this.bars = element("div", { class: "bars" })
    this.figures = element("dl", { class: "figures" })
    this.sentence = element("p", { class: "quiet" })
    this.sparks = element("dl", { class: "figures sparks" })
    this.spoken = element("p", { class: "unseen", role: "status" })
    this.node = element("section", { "aria-label": "Progress" }, this.phase, this.bars, this.figures, this.sparks, this.sentence, this.spoken)
    this.draw()
  }

  draw() {
    const { facts } = this.store
    if (!facts) return
    write(this.phase, facts.phase)
    this.bars.replaceChildren(...facts.bars.map(newBar))
    this.figures.replaceChildren(...facts.figures.map(({ label, value, note }) => newFigure(label, value, note)))
    this.sparks.replaceChildren(...this.readings().map(({ label, value, values, highest }) => newFigure(label, value, "", newSpark(values, highest))))
    write(this.sentence, facts.sentence)
    const epoch = this.store.rows.length
    if (epoch !== this.spokenFor) write(this.spoken, facts.spoken) // once an epoch, not once a second
    this.spokenFor = epoch
  }

  readings() {
    const { hardware, rows } = this.store
    const of = (column) => hardware.map((row) => row[column]).filter((value) => value !== null && value !== undefined)
    const kinds = [
      { label: "Images/s, by epoch", values: rows.map((row) => row.images_per_second).filter((value) => value), text: (value) => value.toFixed(0) },
      { label: "CPU, all cores", values: of("cpu_percent"), text: (value) => `${value.toFixed(0)} %`, highest: 100 },
      { label: "Memory of the training", values: of("memory_mb"), text: megabytes },
      { label: "GPU", values: of("gpu_percent"), text: (value) => `${value.toFixed(0)} %`, highest: 100 },
      { label: "GPU memory", values: of("gpu_memory_mb"), text: megabytes },
    ]
    return kinds.filter(({ values }) => values.length).map((kind) => ({ ...kind, value: kind.text(kind.values.at(-1)) }))
  }

  remove() {}
}

class LogPart {
  constructor([store]) {
    this.store = store
    this.text = element("pre", { tabindex: "0", "aria-label": "The last lines of the log" })
    this.node = element("details", { class: "log" }, element("summary", {}, "Log"), this.text)
    this.draw()
  }

  draw() {
    const isAtEnd = this.text.scrollHeight - this.text.scrollTop - this.text.clientHeight < 20
    write(this.text, this.store.log || "Nothing yet.")
    if (isAtEnd) this.text.scrollTop = this.text.scrollHeight
  }

  remove() {}
}

function megabytes(value) {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} GB` : `${value.toFixed(0)} MB`
}

function newBar({ label, share }) {
  const fill = element("span", { class: "fill" })
  fill.style.width = `${100 * share}%`
  const bar = element("div", {
    class: "bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": Math.round(100 * share), "aria-label": label,
  }, fill)
  return element("div", {}, element("span", { class: "label", "aria-hidden": "true" }, label), bar)
}

function newFigure(label, value, note = "", drawing = null) {
  const told = [element("span", { class: "value" }, value), ...(note ? [" ", element("span", { class: "note" }, note)] : [])]
  return element("div", {}, element("dt", {}, label), element("dd", {}, ...told), ...(drawing ? [drawing] : []))
}

function newSpark(values, highest) {
  const top = highest ?? 1.1 * Math.max(...values, 1e-9)
  const step = SPARK.width / Math.max(1, values.length - 1)
  const points = values.map((value, i) => `${(i * step).toFixed(1)},${(SPARK.height - 1 - (SPARK.height - 2) * Math.min(1, value / top)).toFixed(1)}`)
  const make = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag)
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
    return made
  }
  const svg = make("svg", { viewBox: `0 0 ${SPARK.width} ${SPARK.height}`, preserveAspectRatio: "none", "aria-hidden": "true", class: "spark" })
  svg.append(make("polyline", { points: points.join(" "), fill: "none", "vector-effect": "non-scaling-stroke" }))
  return svg
}
