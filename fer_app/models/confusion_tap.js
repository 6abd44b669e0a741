// One tap chooses a cell. plotly.js clicks on what the pointer hovers over, and a finger hovers over nothing before it
// taps: so the chart is told of the finger's place first.

function hoverFirst(event) {
  const chart = event.target.closest?.("[class*=st-key-confusion-figure] .nsewdrag")
  if (!chart || event.touches.length !== 1) return
  const { clientX, clientY } = event.touches[0]
  chart.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX, clientY }))
}

export default function () {
  if (globalThis.ferHoverFirst) return
  globalThis.ferHoverFirst = hoverFirst
  document.addEventListener("touchstart", hoverFirst, { capture: true, passive: true })
}
