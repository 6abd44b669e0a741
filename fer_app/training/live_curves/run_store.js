// What the browser knows of a run: all of it from the page, then the news. A gap in the news is asked for.

const MAX_READINGS = 240

class RunStore {
  constructor(content) {
    this.name = content.name
    this.facts = null
    this.log = ""
    this.renew(content)
  }

  // Takes all from the page, which knows everything up to when it ran.
  renew(content) {
    this.metric = content.metric
    this.columns = content.columns
    this.hardwareColumns = content.hardwareColumns ?? []
    this.faces = content.faces ?? null
    this.rows = JSON.parse(content.rows).map((row) => this.named(this.columns, row))
    this.epochs = JSON.parse(content.epochs ?? "[]")
    this.hardware = JSON.parse(content.hardware ?? "[]").map((row) => this.named(this.hardwareColumns, row))
  }

  // Whether news that came some time ago are older than what the page said since.
  isPast({ message }) {
    return message.rows.total < this.rows.length || message.epochs.total < this.epochs.length
  }

  named(columns, values) {
    return Object.fromEntries(columns.map((name, position) => [name, values[position]]))
  }

  // Takes in what is new; returns which parts have changed.
  takeIn({ message, askForAll }) {
    const rows = this.replaced(this.rows, message.rows, (row) => this.named(this.columns, row))
    const epochs = this.replaced(this.epochs, message.epochs, (record) => record)
    if (!rows || !epochs) askForAll()
    const changed = {
      rows: rows && !isSame(rows, this.rows, message.rows.from),
      epochs: epochs && !isSame(epochs, this.epochs, message.epochs.from),
    }
    if (changed.rows) this.rows = rows
    if (changed.epochs) this.epochs = epochs
    this.addHardware(message.hardware)
    this.facts = message.facts
    this.log = message.log
    return changed
  }

  // What is known with the news in its place; null where records between the two are missing.
  replaced(known, { from, total, texts }, read) {
    if (from > known.length) return null
    return [...known.slice(0, from), ...texts.map(read)].slice(0, total)
  }

  addHardware(readings) {
    const newest = this.hardware.at(-1)?.time ?? 0
    const fresh = readings.map((row) => this.named(this.hardwareColumns, row)).filter((row) => row.time > newest)
    this.hardware = [...this.hardware, ...fresh].slice(-MAX_READINGS)
  }
}

function isSame(some, others, from) {
  return some.length === others.length && JSON.stringify(some.slice(from)) === JSON.stringify(others.slice(from))
}
