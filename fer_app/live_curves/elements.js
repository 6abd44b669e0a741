// Elements of the page: made, labelled, and written to only where something has changed.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, "")
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value)
  }
  made.append(...children)
  return made
}

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
