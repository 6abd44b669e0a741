// The faces as they are now, as a table: number, label, seven bars, age. Rows and bars are made once and written to.

function write(node, text) {
  if (node.textContent !== text) node.textContent = text
}

class FacesPart {
  constructor() {
    this.head = element("tr")
    this.body = element("tbody")
    this.empty = element("p", { class: "quiet" })
    this.table = element(
      "table", {},
      element("caption", { class: "unseen" }, "Faces in the picture now: how strongly each looks like each expression, in percent"),
      element("thead", {}, this.head), this.body,
    )
    this.dark = element("p", { class: "quiet" }, "Very little light: faces may be missed, and readings are less certain.")
    this.node = element("section", {}, element("h2", {}, "Faces now"), this.empty, this.table, this.dark)
    this.rows = new Map() // track -> FaceRow
  }

  draw({ classNames, classColors, faces, isLive, isDark }) {
    if (this.classes !== classNames.join()) {
      this.classes = classNames.join()
      this.head.replaceChildren(
        element("th", { scope: "col" }, "Face"),
        ...classNames.map((name) => element("th", { scope: "col", class: "class" }, element("span", {}, name))),
      )
      for (const row of this.rows.values()) row.node.remove()
      this.rows.clear()
    }
    this.empty.hidden = faces.length > 0
    this.table.hidden = faces.length === 0
    this.dark.hidden = faces.length === 0 || !isDark
    write(this.empty, this.emptySentence(isLive, isDark))
    const here = new Set(faces.map((face) => face.track))
    for (const [track, row] of this.rows) {
      if (here.has(track)) continue
      row.node.remove()
      this.rows.delete(track)
    }
    for (const face of faces) {
      if (!this.rows.has(face.track)) {
        this.rows.set(face.track, new FaceRow(face.track, classNames, classColors))
        this.body.append(this.rows.get(face.track).node)
      }
      this.rows.get(face.track).draw(face)
    }
  }

  emptySentence(isLive, isDark) {
    if (!isLive) return "Press START: the faces in the picture appear here, each with its number."
    return isDark ? "No face is seen: the picture is very dark. Some light from the front helps." : "No face is in the picture."
  }
}

class FaceRow {
  constructor(track, classNames, classColors) {
    this.label = element("b", {})
    this.note = element("small", {})
    const heading = element("th", { scope: "row" }, element("span", { class: "number" }, String(track)), " ", this.label, this.note)
    this.cells = classNames.map((name, position) => {
      const bar = element("i", { style: `background:${classColors[position]}` })
      const text = element("span", {})
      return { bar, text, node: element("td", { title: name }, element("div", { class: "column" }, bar), text) }
    })
    this.node = element("tr", { "data-track": track }, heading, ...this.cells.map((cell) => cell.node))
  }

  draw({ label, isUnsure, probabilities, age, quality }) {
    write(this.label, label)
    this.node.classList.toggle("unsure", isUnsure)
    write(this.note, [`${age} s`, ...quality].join(" · "))
    this.cells.forEach(({ bar, text }, position) => {
      const percent = probabilities[position]
      bar.style.transform = `scaleY(${(percent ?? 0) / 100})` // unlike a height, and unlike a transition, it costs the video nothing
      write(text, percent === undefined ? "–" : String(percent))
    })
  }
}
