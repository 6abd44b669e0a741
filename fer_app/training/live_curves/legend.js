// A legend of buttons: one for all charts, reachable by keys; a click hides or shows what it stands for.

class Legend {
  // onchange is called with nothing; hidden entries are kept in the choices
  constructor({ title, choices, onchange }) {
    this.choices = choices
    this.onchange = onchange
    this.node = element("div", { class: "legend", role: "group", "aria-label": title })
    this.drawn = ""
  }

  isHidden(name) {
    return (this.choices.get("hidden") ?? []).includes(name)
  }

  // entries: [{name, text, color, dash: "solid" | "dash" | "star" | "square"}]
  draw(entries) {
    const drawn = JSON.stringify(entries)
    if (drawn !== this.drawn) {
      this.drawn = drawn
      this.node.replaceChildren(...entries.map((entry) => this.button(entry)))
    }
    for (const button of this.node.children) button.setAttribute("aria-pressed", String(!this.isHidden(button.dataset.name)))
  }

  button({ name, text, color, dash }) {
    const sample = element("i", { class: `sample ${dash}`, "aria-hidden": "true" }, dash === "star" ? "★" : "")
    sample.style.setProperty("--color", color)
    return element("button", { type: "button", "data-name": name, title: `Show or hide ${text}`, onclick: () => this.toggle(name) }, sample, text)
  }

  toggle(name) {
    const hidden = this.choices.get("hidden") ?? []
    this.choices.set("hidden", hidden.includes(name) ? hidden.filter((other) => other !== name) : [...hidden, name])
    this.onchange()
  }
}
