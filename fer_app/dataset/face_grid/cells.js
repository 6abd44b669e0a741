// Drawing: one element a picture, its thumbnail cut out of the page's mosaic by position.

const MAX_MOSAICS = 12
const mosaics = new Map() // key -> data URL; the last few pages
const viewers = new Set() // grids on the page, told when a mosaic has come

function keepMosaic({ mosaic_key: key, url }) {
  mosaics.delete(key)
  mosaics.set(key, url)
  if (mosaics.size > MAX_MOSAICS) mosaics.delete(mosaics.keys().next().value)
  for (const grid of viewers) grid.drawMosaic()
}

function button(text, attributes) {
  return element("button", { type: "button", ...attributes }, text)
}

function newCell(position, tiles) {
  const thumb = element("span", { class: "thumb" }, element("span", { class: "tick", "aria-hidden": "true" }, "✓"))
  const column = position % tiles.columns
  const row = Math.floor(position / tiles.columns)
  thumb.style.backgroundSize = `${100 * tiles.columns}% ${100 * tiles.rows}%`
  thumb.style.backgroundPosition = `${percent(column, tiles.columns)}% ${percent(row, tiles.rows)}%`
  const name = element("span", { class: "name" })
  const label = element("span", { class: "label" }, element("i", { class: "dot" }), name)
  const attributes = { role: "option", class: "cell", tabindex: "-1", "data-position": position }
  return element("div", attributes, thumb, label, element("span", { class: "note" }))
}

function percent(number, count) {
  return count > 1 ? (100 * number) / (count - 1) : 0
}

// cell: {id, path, label, was, excluded, readable, split, note}; state: {selected, position, total, color}
function drawCell(node, cell, state) {
  const drawn = JSON.stringify([cell, state])
  if (node.drawn === drawn) return
  node.drawn = drawn
  const was = cell.was && cell.was !== cell.label ? cell.was : ""
  const spoken = [cell.label || "no label", cell.path]
  if (was) spoken.push(`was ${was}`)
  if (cell.excluded) spoken.push("excluded")
  if (!cell.readable) spoken.push("cannot be read")
  if (cell.note) spoken.push(cell.note)
  node.setAttribute("aria-label", spoken.join(", "))
  node.setAttribute("aria-selected", String(state.selected))
  node.setAttribute("aria-posinset", state.position)
  node.setAttribute("aria-setsize", state.total)
  node.title = spoken.slice(1).join("\n")
  node.classList.toggle("excluded", cell.excluded)
  node.classList.toggle("relabelled", Boolean(was))
  node.classList.toggle("unreadable", !cell.readable)
  node.querySelector(".dot").style.background = state.color
  node.querySelector(".name").replaceChildren(...(was ? [element("s", {}, was), " "] : []), cell.label)
  node.querySelector(".note").textContent = cell.note
}
