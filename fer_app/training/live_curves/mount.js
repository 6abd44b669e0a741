// What Streamlit calls when the page runs and when the theme changes. The element stays; its zoom and choices with it.

const PARTS = { progress: ProgressPart, curves: CurvesPart, details: DetailsPart, log: LogPart }
const mounted = new WeakMap() // parent element -> view

class CurvesView {
  constructor(root) {
    this.root = root
    this.onNews = ({ detail }) => this.takeNews(detail)
    globalThis.addEventListener("fer-run-news", this.onNews)
  }

  update(data) {
    if (data === this.data) return // another theme: the style sheet takes care of it
    const shown = JSON.stringify([data.parts, data.runs.map((run) => run.name)])
    this.data = data
    if (shown === this.shown) this.renew()
    else this.build()
    this.shown = shown
    for (const store of this.stores) {
      const news = globalThis.ferRunNews?.get(store.name) // perhaps of an earlier visit to the page
      if (news && !store.isPast(news)) this.takeNews(store.name)
    }
  }

  build() {
    for (const part of this.parts ?? []) part.remove()
    this.stores = this.data.runs.map((run) => new RunStore(run))
    this.parts = this.data.parts.map((name) => new PARTS[name](this.stores, () => loadPlotly(this.data.plotly)))
    this.root.replaceChildren(...this.parts.map((part) => part.node))
  }

  // The page ran again: what is open, chosen or focused stays as it is.
  renew() {
    this.stores.forEach((store, position) => store.renew(this.data.runs[position]))
    for (const part of this.parts) part.draw()
  }

  takeNews(name) {
    const store = this.stores?.find((known) => known.name === name)
    const news = globalThis.ferRunNews?.get(name)
    if (!store || !news || !this.data.parts.includes("progress")) return
    const changed = store.takeIn(news)
    for (const part of this.parts) {
      const isLive = part instanceof ProgressPart || part instanceof LogPart
      if (isLive || (part instanceof CurvesPart && changed.rows) || (part instanceof DetailsPart && changed.epochs)) part.draw()
    }
  }

  remove() {
    globalThis.removeEventListener("fer-run-news", this.onNews)
    for (const part of this.parts ?? []) part.remove()
  }
}

export default function ({ data, parentElement }) {
  let view = mounted.get(parentElement)
  if (!view) mounted.set(parentElement, (view = new CurvesView(parentElement.querySelector(".fer-curves"))))
  view.update(data)
  return () => (view.remove(), mounted.delete(parentElement))
}
