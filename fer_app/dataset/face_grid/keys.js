// The keys. They work while the focus is in the grid; in the one that a page is about, also while nothing has it. On a
// button of the bar the keys that press or leave a button stay the browser's.

function numColumns(cells) {
  return getComputedStyle(cells).gridTemplateColumns.split(" ").length
}

FaceGrid.prototype.handleKey = function (event) {
  if (!this.data || event.altKey || event.isComposing) return
  const path = event.composedPath()
  const inBar = path.includes(this.bar) && event.key.length === 1 && event.key !== " "
  const nowhere = document.activeElement === document.body && !document.querySelector("[role=dialog]")
  if (!path.includes(this.cells) && !inBar && !(nowhere && this.data.owns_keys)) return
  if (this.handleMove(event) || this.handleAction(event)) {
    event.preventDefault()
    event.stopPropagation() // Streamlit has keys of its own
  }
}

FaceGrid.prototype.handleMove = function (event) {
  const columns = numColumns(this.cells)
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }
  const step = steps[event.key] ?? { Home: -Infinity, End: Infinity }[event.key]
  if (step === undefined) return false
  const isFirst = !this.hasBeenFocused && Number.isFinite(step)
  const target = isFirst ? this.focused : this.focused + step
  const beyond = Number.isFinite(step) && (target < 0 || target >= this.nodes.length)
  this.moveTo(beyond ? this.focused : target, { extend: event.shiftKey })
  return true
}

FaceGrid.prototype.handleAction = function (event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const { class_names: names } = this.data
  if (event.ctrlKey || event.metaKey) {
    if (key === "a") this.selected = new Set(this.shown.map((cell) => cell.id))
    else if (key === "z") this.outbox.add(event.shiftKey ? "redo" : "undo")
    else if (key === "y") this.outbox.add("redo")
    else return false
  } else if (key === "Enter" && this.hasBeenFocused) this.open()
  else if (key === " " && this.hasBeenFocused) this.toggle(this.focused)
  else if (key === "Escape" && this.selected.size) this.selected.clear()
  else if (/^[1-9]$/.test(key) && names[key - 1]) this.relabel(names[key - 1])
  else if (key === "x") this.exclude()
  else if (key === "o") this.restore()
  else if (key === "u") this.outbox.add(event.shiftKey ? "redo" : "undo")
  else if (key === "n" || key === "p") this.turn(key === "n" ? 1 : -1)
  else if (key === "/") document.querySelector(`input[aria-label="${this.data.search_box}"]`)?.focus()
  else if (key === "?") this.keysDialog.showModal()
  else return false
  this.draw()
  return true
}
