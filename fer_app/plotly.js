// Loads plotly.js once for all parts of a component.

let plotlyLoading = null

// plotly.js takes itself for an AMD module where a loader is about; here it is a plain script.
function loadPlotly(address) {
  if (globalThis.Plotly) return Promise.resolve(globalThis.Plotly)
  plotlyLoading ??= new Promise((resolve, reject) => {
    const script = element("script", { src: address })
    script.addEventListener("load", () => resolve(globalThis.Plotly))
    script.addEventListener("error", () => {
      plotlyLoading = null // the next drawing tries again
      reject(new Error("plotly.js could not be loaded"))
    })
    document.head.append(script)
  })
  return plotlyLoading
}
