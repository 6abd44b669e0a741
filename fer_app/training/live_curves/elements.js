// Elements of the page that are written to only where something has changed.

function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}

function show(node, isShown) {
  if (node.hidden === isShown) node.hidden = !isShown
}

// Plotly reads some markup in names; what a class or run is called is no markup.
function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;")
}

function percent(share, digits = 0) {
  return share === null || share === undefined ? "–" : `${(100 * share).toFixed(digits)} %`
}

let numElements = 0

function freshId(name) {
  numElements += 1
  return `fer-${name}-${numElements}`
}
