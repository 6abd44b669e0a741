// What the browser knows of a run: all of it from the page, then the news. A gap in the news is asked for.

class RunStore {
  constructor(content) {
    this.name = content.name
    this.metric = content.metric
    this.columns = content.columns
    this.hardwareColumns = content.hardwareColumns ?? []
    this.faces = content.faces ?? null
    this.rows = JSON.parse(content.rows).map((row) => this.named(this.columns, row))
    this.epochs = JSON.parse(content.epochs ?? "[]")
    this.hardware = JSON.parse(content.hardware ?? "[]").map((row) => this.named(this.hardwareColumns, row))
    this.facts = null
    this.log = ""
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
      rows: rows && JSON.stringify(rows) !== JSON.stringify(this.rows),
      epochs: epochs && epochs.length !== this.epochs.length,
    }
    if (changed.rows) this.rows = rows
    if (epochs) this.epochs = epochs
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

const MAX_READINGS = 240
