// The curves: loss, accuracy, macro-F1 and learning rate of one run, or of several in colours of their own.

const TRAIN_COLOR = "#8A8D91"
const VALIDATION_COLOR = "#2A8FD0"
const BEST_COLOR = "#D55E00"
// Okabe & Ito (2008), as the classes have them; here they stand for runs.
const RUN_COLORS = ["#2A8FD0", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#7F3C8D", "#56B4E9", "#B8A800"]
const SMOOTHEST = 0.95

class CurvesPart {
  constructor(stores, plotly) {
    this.stores = stores
    const names = stores.map((store) => store.name).join("|")
    this.choices = new Choices("all", { smoothing: 0, axis: "epoch", hidden: [] })
    const zooms = new Choices(names, {}) // each run has a zoom of its own
    this.legend = new Legend({ title: "Curves shown", choices: this.choices, onchange: () => this.draw() })
    this.charts = Object.entries(METRICS).map(([name, { title }]) => new Chart({ name, title, choices: zooms, plotly }))
    this.grid = element("div", { class: "charts" }, ...this.charts.map((chart) => chart.node))
    this.spoken = element("p", { class: "unseen", role: "status" })
    this.empty = element("p", { class: "quiet" }, "The curves begin when the first epoch has ended.")
    this.table = newFiguresTable(stores)
    this.tools = element("div", { class: "tools" }, this.smoothingControl(), this.axisControl(), this.legend.node)
    this.node = element("section", { "aria-label": "Curves" }, this.tools, this.empty, this.grid, this.table.node, this.spoken)
    this.draw()
  }

  smoothingControl() {
    const [id, value] = [freshId("smoothing"), element("output", {})]
    const slider = element("input", {
      id, type: "range", min: "0", max: String(SMOOTHEST), step: "0.05", value: this.choices.get("smoothing"),
      oninput: () => {
        this.choices.set("smoothing", Number(slider.value))
        write(value, Number(slider.value).toFixed(2))
        this.draw()
      },
    })
    value.textContent = Number(slider.value).toFixed(2)
    return element("label", { class: "slider", for: id }, "Smoothing ", slider, value)
  }

  axisControl() {
    const radios = ["epoch", "time"].map((axis) => {
      const radio = element("input", {
        type: "radio", name: this.axisName ??= freshId("axis"), value: axis, checked: this.choices.get("axis") === axis,
        onchange: () => (this.choices.set("axis", axis), this.draw()),
      })
      return element("label", {}, radio, axis === "epoch" ? " Epoch" : " Time")
    })
    return element("fieldset", { class: "axis" }, element("legend", { class: "unseen" }, "Horizontal axis"), ...radios)
  }

  get shownStores() {
    return this.stores.filter((store) => !this.legend.isHidden(`run:${store.name}`))
  }

  draw() {
    const hasRows = this.stores.some((store) => store.rows.length)
    for (const part of [this.tools, this.grid, this.table.node]) show(part, hasRows)
    show(this.empty, !hasRows)
    write(this.spoken, this.stores.map(summary).join(" "))
    if (!hasRows) return
    this.legend.draw(this.entries())
    this.table.draw()
    const axis = this.choices.get("axis")
    const longest = Math.max(...this.stores.map((store) => elapsed(store.rows).at(-1) ?? 0))
    const unit = timeUnit(longest)
    for (const chart of this.charts) this.drawChart(chart, axis, unit)
  }

  entries() {
    const several = this.stores.length > 1
    const runs = this.stores.map(({ name }, i) => ({ name: `run:${name}`, text: name, color: RUN_COLORS[i % RUN_COLORS.length], dash: "square" }))
    return [
      ...(several ? runs : []),
      { name: "train", text: "training", color: several ? "currentcolor" : TRAIN_COLOR, dash: "dash" },
      { name: "validation", text: "validation", color: several ? "currentcolor" : VALIDATION_COLOR, dash: "solid" },
      { name: "best", text: "best epoch", color: several ? "currentcolor" : BEST_COLOR, dash: "star" },
    ]
  }

  drawChart(chart, axis, unit) {
    const metric = METRICS[chart.name]
    const noted = this.stores.some(({ rows }) => [metric.train, metric.validation].some((column) => column && isNoted(rows, column)))
    show(chart.node, noted)
    if (!noted) return
    const traces = this.shownStores.flatMap((store) => this.traces(store, metric, axis, unit))
    const spoken = this.shownStores.map((store) => this.described(store, metric)).join(" ")
    const titles = axis === "epoch"
      ? { xTitle: "epoch", hoverTitle: "epoch %{x}" }
      : { xTitle: `training time (${unit.name})`, hoverTitle: `after %{x:.1f} ${unit.name}` }
    chart.draw(traces, { axis, ...titles, yTitle: metric.unit.trim(), description: spoken })
  }

  described(store, metric) {
    const last = store.rows.at(-1)
    if (!last) return ""
    const column = isNoted([last], metric.validation) ? metric.validation : metric.train
    const value = isNoted([last], column) ? worded(metric.scale * last[column], metric) : "not known"
    return `${store.name}: ${value} at epoch ${last.epoch}.`
  }

  traces(store, metric, axis, unit) {
    const several = this.stores.length > 1
    const own = RUN_COLORS[this.stores.indexOf(store) % RUN_COLORS.length]
    const x = axis === "epoch" ? store.rows.map((row) => row.epoch) : elapsed(store.rows).map((seconds) => seconds / unit.seconds)
    const prefix = several ? `${plain(store.name)}, ` : ""
    const traces = []
    const kinds = metric.isSetting
      ? [["train", "", VALIDATION_COLOR, "solid"]]
      : [["train", "training", TRAIN_COLOR, "dash"], ["validation", "validation", VALIDATION_COLOR, "solid"]]
    for (const [kind, word, color, dash] of kinds) {
      const column = metric[kind]
      if (!column || !isNoted(store.rows, column) || (!metric.isSetting && this.legend.isHidden(kind))) continue
      const line = { color: several ? own : color, dash, width: 2 }
      traces.push(...this.curve(store, { column, metric, x, line, name: prefix + (word || "learning rate") }))
    }
    return [...traces, ...this.star(store, metric, x, several ? own : BEST_COLOR, prefix)]
  }

  curve(store, { column, metric, x, line, name }) {
    const raw = scaled(store.rows, column, metric.scale)
    const weight = metric.isSetting ? 0 : this.choices.get("smoothing")
    const mode = raw.length < 60 ? "lines+markers" : "lines"
    const format = metric.isSetting ? ".2~e" : `.${metric.digits}f`
    const common = { x, type: "scatter", mode, marker: { size: 4, color: line.color }, name }
    const shown = { ...common, y: smoothed(raw, weight), line, hovertemplate: `${name}: %{y:${format}}${metric.unit}<extra></extra>` }
    if (!weight) return [shown]
    return [{ ...common, y: raw, line: { ...line, dash: "solid", width: 1 }, mode: "lines", opacity: 0.3, hoverinfo: "skip" }, shown]
  }

  star(store, metric, x, color, prefix) {
    const best = bestRow(store.rows, store.metric)
    const column = metric.validation && isNoted(store.rows, metric.validation) ? metric.validation : null
    if (!best || !column || this.legend.isHidden("best")) return []
    const marker = { symbol: "star", size: 13, color }
    const text = `${prefix}best epoch ${best.epoch}: ${scoreInWords(best, store.metric)} ${METRIC_NAMES[store.metric]}`
    return [{ x: [x[store.rows.indexOf(best)]], y: [metric.scale * best[column]], type: "scatter", mode: "markers", marker,
      name: "best epoch", hovertemplate: `${text}<extra></extra>` }]
  }

  remove() {
    for (const chart of this.charts) chart.remove()
  }
}

// The same in figures, for those who would rather read or copy them; built when it is opened.
function newFiguresTable(stores) {
  const place = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Figures of all epochs" })
  const node = element("details", { ontoggle: () => table.draw() }, element("summary", {}, "Figures as a table"), place)
  const table = { node, draw: () => node.open && place.replaceChildren(...stores.map(figuresOf)) }
  return table
}

function figuresOf(store) {
  const shown = store.columns.filter((column) => column !== "ended_at" && isNoted(store.rows, column))
  const best = bestRow(store.rows, store.metric)
  const rows = store.rows.toReversed().map((row) => {
    const cells = shown.map((column) => element("td", {}, column === "epoch" ? `${row.epoch}${row === best ? " ★" : ""}` : String(row[column] ?? "–")))
    return element("tr", {}, ...cells)
  })
  const head = element("tr", {}, ...shown.map((column) => element("th", { scope: "col" }, column.replaceAll("_", " ").replace("val ", "validation "))))
  return element("table", {}, element("caption", {}, store.name), element("thead", {}, head), element("tbody", {}, ...rows))
}
