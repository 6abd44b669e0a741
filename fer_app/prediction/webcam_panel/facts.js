// The numbers of the stream: frames, delay, and what became of the frames. Nothing else is kept of anybody.

class FactsPart {
  constructor() {
    this.values = new Map()
    const fact = (name, title) => {
      const value = element("dd", { "data-fact": name }, "–")
      this.values.set(name, value)
      return element("div", {}, element("dt", {}, title), value)
    }
    this.node = element(
      "section", {},
      element("h2", {}, "Video"),
      element("dl", {}, fact("received", "received"), fact("processed", "analysed"), fact("dropped", "passed over"), fact("delay", "delay here")),
      element("h2", {}, "Frames and privacy"),
      element("dl", {}, fact("total", "analysed in memory"), fact("stored", "stored"), fact("sent", "sent on")),
    )
  }

  draw({ facts, privacy, isLive }) {
    for (const name of ["received", "processed", "dropped"]) this.put(name, isLive ? `${facts[name].toFixed(1)} /s` : "–")
    this.put("delay", isLive && facts.delay !== null ? `${facts.delay} ms` : "–")
    this.put("total", privacy.processed.toLocaleString("en"))
    this.put("stored", String(privacy.stored))
    this.put("sent", String(privacy.sent))
  }

  put(name, text) {
    write(this.values.get(name), text)
  }
}
