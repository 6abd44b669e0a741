// One chart: drawn by plotly.js, zoomed by dragging or by keys. Where it stands is remembered here and not asked of
// Plotly, so that new rows, another axis or a reload find it again.

const ZOOM_STEP = 0.6
const PAN_STEP = 0.2
const PLOTLY_OPTIONS = { displayModeBar: false, responsive: true, doubleClick: "autosize", showTips: false }

class Chart {
  constructor({ name, title, choices, plotly, height = 250 }) {
    this.name = name
    this.choices = choices
    this.plotly = plotly
    this.height = height
    this.axis = "epoch"
    this.plot = element("div", {
      class: "plot", tabindex: "0", role: "group", "aria-roledescription": "chart", onkeydown: (event) => this.onKey(event),
    })
    this.reset = element("button", { type: "button", class: "reset", hidden: true, onclick: () => this.showAll() }, "Show all")
    const heading = element("div", { class: "heading" }, element("h4", {}, title), this.reset)
    this.node = element("figure", { class: "chart" }, heading, this.plot)
    this.title = title
    this.watcher = new IntersectionObserver((entries) => this.onSight(entries.at(-1).isIntersecting), { rootMargin: "150px" })
    this.watcher.observe(this.plot)
  }

  // Off the screen nothing is drawn: a browser on the computer that trains takes no time from the training.
  onSight(isSeen) {
    this.isSeen = isSeen
    if (isSeen && this.wanted && !this.isDrawing) this.drawWanted()
  }

  get zoomKey() {
    return `zoom-${this.name}-${this.axis}`
  }

  // layout: {axis, xTitle, yTitle, hoverTitle, description}; traces as Plotly takes them
  draw(traces, layout) {
    this.axis = layout.axis
    this.traces = traces
    this.plot.setAttribute("aria-label", `${this.title}. ${layout.description} Keys: plus and minus zoom, arrows move, 0 shows all.`)
    this.wanted = () => this.plotly().then((plotly) => this.drawNow(plotly, layout))
    if (this.isSeen && !this.isDrawing) this.drawWanted()
  }

  // Plotly draws one thing after another; of several wishes only the last counts.
  async drawWanted() {
    this.isDrawing = true
    try {
      while (this.wanted) {
        const draw = this.wanted
        this.wanted = null
        await draw()
      }
    } catch (error) {
      this.plot.textContent = `The chart cannot be drawn: ${error.message}. Reload the page to try again.`
    } finally {
      this.isDrawing = false
    }
  }

  async drawNow(plotly, layout) {
    await plotly.react(this.plot, this.traces, this.layout(layout), PLOTLY_OPTIONS)
    if (this.listens) return
    this.listens = true
    this.plot.on("plotly_relayout", (change) => this.onZoom(change))
  }

  layout({ axis, xTitle, yTitle, hoverTitle }) {
    const zoom = this.choices.get(this.zoomKey)
    show(this.reset, Boolean(zoom))
    const plainAxis = { gridcolor: "rgba(128,128,128,0.25)", zeroline: false, automargin: true }
    const drags = !globalThis.matchMedia("(pointer: coarse)").matches // on a phone a finger scrolls the page
    return {
      height: this.height,
      margin: { l: 8, r: 8, t: 6, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(this.plot).fontFamily, size: 12 },
      showlegend: false,
      hovermode: "x unified",
      hoverlabel: { namelength: -1 },
      dragmode: drags ? "zoom" : false,
      uirevision: `${this.name}-${axis}`,
      xaxis: { ...plainAxis, title: { text: xTitle }, unifiedhovertitle: { text: hoverTitle }, ...range(zoom?.x), ...(axis === "epoch" ? this.epochTicks() : {}) },
      yaxis: { ...plainAxis, title: { text: yTitle }, ...range(zoom?.y), exponentformat: "power" },
    }
  }

  // Of few epochs each has its tick: Plotly would put one at an epoch and a half.
  epochTicks() {
    const last = this.traces.reduce((most, trace) => Math.max(most, trace.x.at(-1) ?? 0), 0)
    return { tickformat: "~g", ...(last <= 10 ? { tick0: 0, dtick: 1 } : {}) }
  }

  onZoom(change) {
    if (!Object.keys(change).some((name) => /^[xy]axis\./.test(name))) return
    const { xaxis, yaxis } = this.plot.layout
    const zoom = {}
    if (!xaxis.autorange && xaxis.range) zoom.x = [...xaxis.range]
    if (!yaxis.autorange && yaxis.range) zoom.y = [...yaxis.range]
    this.choices.set(this.zoomKey, zoom.x || zoom.y ? zoom : undefined)
    show(this.reset, Boolean(zoom.x || zoom.y))
  }

  showAll() {
    globalThis.Plotly?.relayout(this.plot, { "xaxis.autorange": true, "yaxis.autorange": true })
    this.plot.focus()
  }

  onKey(event) {
    const bounds = this.plot.layout?.xaxis.range
    if (!bounds || event.target !== this.plot || event.ctrlKey || event.metaKey || event.altKey) return
    const [first, last] = bounds
    const width = last - first
    const move = { "+": [first + (1 - ZOOM_STEP) * width, last], "=": [first + (1 - ZOOM_STEP) * width, last],
      "-": [last - width / ZOOM_STEP, last], ArrowLeft: [first - PAN_STEP * width, last - PAN_STEP * width],
      ArrowRight: [first + PAN_STEP * width, last + PAN_STEP * width] }[event.key]
    if (!move && event.key !== "0" && event.key !== "Home") return
    event.preventDefault()
    if (move) globalThis.Plotly.relayout(this.plot, { "xaxis.range": move })
    else this.showAll()
  }

  remove() {
    this.wanted = null
    this.watcher.disconnect()
    if (this.listens) globalThis.Plotly.purge(this.plot)
  }
}

function range(bounds) {
  return bounds ? { range: [...bounds], autorange: false } : { autorange: true }
}
