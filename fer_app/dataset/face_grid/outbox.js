// The changes made in the grid that the app has not confirmed yet.
//
// The app reads only the newest message, so every message carries all waiting changes; the id of a change lets the app
// do it once, however often it is sent. A change that fails, or stays unanswered, is taken back and kept for a retry.

const PATIENCE = 20000 // ms without an answer until a change is taken back

function newId() {
  const random = crypto.getRandomValues(new Uint32Array(3))
  return Array.from(random, (part) => part.toString(36)).join("")
}

class Outbox {
  constructor(send, changed) {
    this.send = send // gets all waiting changes
    this.changed = changed // called when what is shown must change
    this.waiting = []
    this.failed = []
    this.error = ""
  }

  add(action, imageIds = [], label = "") {
    this.dismiss()
    this._post([{ id: newId(), action, image_ids: imageIds, label }])
  }

  retry() {
    const again = this.failed
    this.dismiss()
    this._post(again)
  }

  dismiss() {
    this.failed = []
    this.error = ""
  }

  // answers: {id: {error, text}}
  acknowledge(answers) {
    const isRefused = (edit) => answers[edit.id]?.error
    const refused = [...this.failed, ...this.waiting].filter(isRefused)
    const isOpen = (edit) => !answers[edit.id]
    this.waiting = this.waiting.filter(isOpen)
    this.failed = this.failed.filter(isOpen)
    if (refused.length) {
      this.error = answers[refused[0].id].error
      // The app has done with this id: another try is another change.
      this.failed.push(...refused.map((edit) => ({ ...edit, id: newId() })))
    } else if (!this.failed.length) {
      this.error = ""
    }
    this._watch()
  }

  // Return a cell as it looks with the waiting changes done.
  applied(cell) {
    const shown = { ...cell }
    for (const { action, image_ids: imageIds, label } of this.waiting) {
      if (!imageIds.includes(cell.id)) continue
      if (action === "relabel") shown.label = label // and brings an excluded one back
      if (action === "restore") shown.label = cell.was || cell.label
      shown.excluded = action === "exclude"
    }
    return shown
  }

  stop() {
    clearTimeout(this.timer)
  }

  _post(edits) {
    if (!edits.length) return
    const sentAt = Date.now()
    this.waiting.push(...edits.map((edit) => ({ ...edit, sentAt })))
    this.send(this.waiting.map(({ sentAt, ...edit }) => edit))
    this._watch()
    this.changed()
  }

  _watch() {
    clearTimeout(this.timer)
    if (!this.waiting.length) return
    const oldest = Math.min(...this.waiting.map((edit) => edit.sentAt))
    this.timer = setTimeout(() => this._giveUp(), Math.max(0, oldest + PATIENCE - Date.now()))
  }

  _giveUp() {
    this.failed.push(...this.waiting)
    this.waiting = []
    this.error = "The app did not answer, so the change was taken back. Check that it still runs, then try again."
    this.changed()
  }
}
