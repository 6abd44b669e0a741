// What Streamlit calls when the page runs and when the theme changes. The element stays; news come as an event.

const mounted = new WeakMap() // parent element -> Panel

class Panel {
  constructor(root, plotly) {
    this.parts = [new FacesPart(), new TimelinePart(plotly), new FactsPart()]
    root.replaceChildren(...this.parts.map((part) => part.node))
    this.onNews = () => this.draw()
    globalThis.addEventListener("fer-webcam-news", this.onNews)
    this.draw()
  }

  draw() {
    const content = globalThis.ferWebcamNews
    if (content) for (const part of this.parts) part.draw(content)
  }

  remove() {
    globalThis.removeEventListener("fer-webcam-news", this.onNews)
  }
}

export default function ({ data, parentElement }) {
  let panel = mounted.get(parentElement)
  if (!panel) mounted.set(parentElement, (panel = new Panel(parentElement.querySelector(".fer-webcam"), data.plotly)))
  else panel.draw()
  return () => (panel.remove(), mounted.delete(parentElement))
}
