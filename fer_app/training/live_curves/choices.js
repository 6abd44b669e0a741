// What a person has chosen (smoothing, axis, hidden curves, zoom): kept over refreshes and, in this tab, over a reload.

class Choices {
  constructor(name, defaults) {
    this.key = `fer-curves-${name}`
    this.values = { ...defaults, ...this.stored() }
  }

  stored() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key)) ?? {}
    } catch {
      return {} // storage is forbidden, or holds something else
    }
  }

  get(name) {
    return this.values[name]
  }

  set(name, value) {
    this.values[name] = value
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.values))
    } catch {
      // storage is forbidden: the choice lives as long as the page
    }
  }
}
