// The last minute of each face, a lane a track, drawn by plotly.js; one's zoom stays while new points come.

const LANE_HEIGHT = 96
const SECONDS = 60
const BETWEEN_DRAWINGS = 1900 // ms; the browser also has a video to decode

class TimelinePart {
  constructor(plotly) {
    this.plotly = plotly
    this.plot = element("div", { class: "plot", role: "img", "aria-label": "Probabilities of each face over the last minute" })
    this.legend = element("p", { class: "legend" })
    this.node = element("section", { class: "timeline", hidden: true }, element("h2", {}, "Last minute"), this.legend, this.plot)
    this.drawnAt = 0
  }

  draw(content) {
    this.node.hidden = content.lanes.length === 0
    if (this.node.hidden || this.isDrawing || document.hidden) return
    const lanes = content.lanes.map((lane) => lane.track).join()
    const now = performance.now()
    if (lanes === this.lanes && now - this.drawnAt < BETWEEN_DRAWINGS) return
    ;[this.lanes, this.drawnAt, this.isDrawing] = [lanes, now, true]
    this.drawLegend(content)
    loadPlotly(this.plotly)
      .then((plotly) => plotly.react(this.plot, this.traces(content), this.layout(content), { displayModeBar: false, responsive: true }))
      .catch((error) => (this.plot.textContent = `The timeline cannot be drawn: ${error.message}. Reload the page to try again.`))
      .finally(() => (this.isDrawing = false))
  }

  drawLegend({ classNames, classColors }) {
    if (this.names === classNames.join()) return
    this.names = classNames.join()
    this.legend.replaceChildren(
      ...classNames.map((name, position) => element("span", {}, element("i", { style: `background:${classColors[position]}` }), name)),
    )
  }

  traces({ lanes, classNames, classColors }) {
    return lanes.flatMap((lane, row) =>
      classNames.map((name, position) => ({
        type: "scatter",
        mode: "lines",
        name,
        x: lane.ago.map((seconds) => -seconds),
        y: lane.values[position],
        yaxis: row === 0 ? "y" : `y${row + 1}`,
        line: { color: classColors[position], width: 1.8 },
        hovertemplate: `face ${lane.track}, %{x:.0f} s: ${name} %{y} %<extra></extra>`,
      })),
    )
  }

  layout({ lanes }) {
    const style = getComputedStyle(this.plot)
    const quiet = { gridcolor: "rgba(128,128,128,0.25)", zeroline: false, automargin: true }
    const share = 1 / lanes.length
    const axes = Object.fromEntries(
      lanes.map((lane, row) => [
        row === 0 ? "yaxis" : `yaxis${row + 1}`,
        {
          ...quiet, range: [-2, 102], fixedrange: true, tickvals: [0, 50, 100], title: { text: `face ${lane.track} (%)`, font: { size: 11 } },
          domain: [1 - (row + 1) * share + (row < lanes.length - 1 ? 0.03 : 0), 1 - row * share - (row > 0 ? 0.03 : 0)],
        },
      ]),
    )
    return {
      ...axes,
      height: 46 + LANE_HEIGHT * lanes.length,
      margin: { l: 8, r: 8, t: 6, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: style.fontFamily, size: 11, color: style.color },
      showlegend: false,
      hovermode: "closest",
      dragmode: globalThis.matchMedia("(pointer: coarse)").matches ? false : "zoom", // on a phone a finger scrolls the page
      uirevision: "timeline",
      xaxis: { ...quiet, range: [-SECONDS, 0], ticksuffix: " s", title: { text: "seconds before now", font: { size: 11 } }, anchor: lanes.length === 1 ? "y" : `y${lanes.length}` },
    }
  }
}
