// The grid: focus, selection, keys and pointer. Python hands over a page as data and gets back changes to make; the
// element stays mounted from run to run, so focus and scroll position stay too.

function isChanged(cell) {
  return cell.excluded || Boolean(cell.was && cell.was !== cell.label)
}

class FaceGrid {
  constructor(root) {
    this.nodes = []
    this.selected = new Set() // image ids
    this.focused = 0 // position
    this.anchor = 0 // position where a range starts
    this.hasBeenFocused = false
    this.outbox = new Outbox((edits) => this.send("edits", { author: tabAuthor(this.data.author), edits }), () => this.draw())
    this.cells = element("div", { class: "cells", role: "listbox", "aria-multiselectable": "true" })
    this.status = element("p", { class: "status", role: "status" })
    this.trouble = newTrouble(() => this.outbox.retry(), () => (this.outbox.dismiss(), this.draw()))
    this.keysDialog = newKeysDialog()
    this.question = newQuestion()
    this.bar = element("div")
    root.replaceChildren(this.trouble, this.cells, this.bar, this.keysDialog, this.question)
    this.cells.addEventListener("click", (event) => this.onClick(event))
    this.cells.addEventListener("dblclick", (event) => this.onDoubleClick(event))
    this.cells.addEventListener("focusin", (event) => this.onFocus(event))
    this.onKey = (event) => this.handleKey(event)
    document.addEventListener("keydown", this.onKey, true)
    this.root = root
    viewers.add(this)
  }

  remove() {
    viewers.delete(this)
    this.outbox.stop()
    document.removeEventListener("keydown", this.onKey, true)
  }

  update({ data, setTriggerValue }) {
    const before = this.data
    this.send = setTriggerValue
    this.data = data
    if (!before && tabAuthor(data.author) !== data.author) this.send("author", tabAuthor(data.author))
    this.outbox.acknowledge(data.answers)
    const newest = Object.values(data.answers).at(-1)
    if (newest && newest.text !== this.status.textContent) this.status.textContent = newest.text
    if (before?.page_key !== data.page_key) this.turnTo(before)
    if (JSON.stringify(before?.class_names) !== JSON.stringify(data.class_names)) this.renewBar()
    this.draw()
    if (before?.opened && !data.opened) this.focusImage(data.came_from)
  }

  turnTo(before) {
    const hadFocus = this.cells.contains(this.root.getRootNode().activeElement)
    this.nodes = this.data.cells.map((_, position) => newCell(position, this.data.tiles))
    this.cells.replaceChildren(...this.nodes)
    this.selected.clear()
    this.focused = this.anchor = 0
    this.hasBeenFocused = hadFocus
    this.drawMosaic()
    if (!before) return
    if (hadFocus) this.nodes[0]?.focus({ preventScroll: true })
    if (this.root.getBoundingClientRect().top < 0) this.root.scrollIntoView({ block: "start" })
  }

  renewBar() {
    const act = {
      relabel: (label) => this.relabel(label),
      exclude: () => this.exclude(),
      restore: () => this.restore(),
      undo: () => this.outbox.add("undo"),
      redo: () => this.outbox.add("redo"),
      open: () => this.open(),
      turn: (step) => this.turn(step),
      selectAll: () => this.selectAll(),
      showKeys: () => this.keysDialog.showModal(),
    }
    const bar = newBar(this.data, act, this.status)
    this.bar.replaceWith(bar)
    this.bar = bar
  }

  drawMosaic() {
    const url = mosaics.get(this.data.mosaic_key)
    this.cells.style.setProperty("--mosaic", url ? `url("${url}")` : "none")
  }

  draw() {
    const { cells, class_names: names, class_colors: colors, first, total } = this.data
    this.cells.setAttribute("aria-label", this.data.title)
    this.shown = cells.map((cell) => this.outbox.applied(cell))
    this.shown.forEach((cell, position) => {
      const color = colors[names.indexOf(cell.label)] ?? "transparent"
      const state = { selected: this.selected.has(cell.id), position: first + position, total, color }
      drawCell(this.nodes[position], cell, state)
      this.nodes[position].tabIndex = position === this.focused ? 0 : -1
    })
    drawTrouble(this.trouble, this.outbox.error, this.outbox.failed.length)
    this.drawBar()
  }

  drawBar() {
    const subjects = this.subjects()
    const numSelected = this.selected.size
    const subject = numSelected
      ? `${numSelected} selected`
      : subjects.length && this.hasBeenFocused
        ? `${subjects[0].label} · ${subjects[0].path}`
        : "Choose a picture"
    const excludes = subjects.some((cell) => !cell.excluded)
    const restores = subjects.some(isChanged)
    const { page, num_pages: numPages } = this.data
    drawBar(this.bar, { subject, excludes, restores, page, numPages, numSelected })
  }

  // The cells that an action is about: the selected ones, else the focused one.
  subjects() {
    if (this.selected.size) return this.shown.filter((cell) => this.selected.has(cell.id))
    return this.shown.slice(this.focused, this.focused + 1)
  }

  relabel(label) {
    this.change("relabel", this.subjects().filter((cell) => cell.label !== label || cell.excluded), label)
  }

  exclude() {
    const subjects = this.subjects()
    const excludes = subjects.some((cell) => !cell.excluded)
    this.change(excludes ? "exclude" : "include", subjects.filter((cell) => cell.excluded !== excludes))
  }

  restore() {
    this.change("restore", this.subjects().filter(isChanged))
  }

  change(action, cells, label = "") {
    if (!cells.length || (!this.hasBeenFocused && !this.selected.size)) return
    const guarded = this.agreed ? [] : cells.filter((cell) => this.data.guarded_splits.includes(cell.split))
    const go = () => {
      this.selected.clear()
      this.outbox.add(action, cells.map((cell) => cell.id), label)
    }
    if (!guarded.length) return go()
    this.question.ask(guarded.length, guarded[0].split, () => {
      this.agreed = true
      this.send("agreed", true)
      go()
    })
  }

  open() {
    const cell = this.shown[this.focused]
    if (cell) this.send("open", cell.id)
  }

  turn(step) {
    const page = this.data.page + step
    if (page >= 1 && page <= this.data.num_pages) this.send("page", page)
  }

  selectAll() {
    if (this.selected.size) this.selected.clear()
    else for (const cell of this.shown) this.selected.add(cell.id)
    this.draw()
  }

  focusImage(imageId) {
    const position = this.data.cells.findIndex((cell) => cell.id === imageId)
    if (position >= 0) setTimeout(() => this.moveTo(position), 50) // after the closing dialog has let go of the focus
  }

  moveTo(position, { extend = false } = {}) {
    if (!this.nodes.length) return
    position = Math.max(0, Math.min(position, this.nodes.length - 1))
    if (extend) this.selectRange(this.anchor, position)
    else this.anchor = position
    this.focused = position
    this.hasBeenFocused = true
    this.draw()
    this.nodes[position].focus()
  }

  selectRange(from, to) {
    const [first, last] = from < to ? [from, to] : [to, from]
    this.selected = new Set(this.shown.slice(first, last + 1).map((cell) => cell.id))
  }

  toggle(position) {
    const { id } = this.shown[position]
    if (!this.selected.delete(id)) this.selected.add(id)
    this.moveTo(position)
  }

  onFocus(event) {
    const position = this.nodes.indexOf(event.target)
    if (position < 0 || (position === this.focused && this.hasBeenFocused)) return
    this.focused = position
    this.hasBeenFocused = true
    this.draw()
  }

  onClick(event) {
    const position = this.nodes.indexOf(event.target.closest(".cell"))
    if (position < 0) return
    const touched = event.pointerType === "touch" || event.target.closest(".tick")
    if (event.shiftKey) this.moveTo(position, { extend: true })
    else if (event.ctrlKey || event.metaKey || touched) this.toggle(position)
    else this.moveTo(position)
  }

  onDoubleClick(event) {
    if (event.target.closest(".cell") && !event.target.closest(".tick")) this.open()
  }
}
