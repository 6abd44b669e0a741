// The fixed row of validation faces: their labels, and what the network made of them at one epoch.

function newFace(faces, position, probabilities) {
  const { labels, classNames, classColors, mosaic, tiles } = faces
  const label = labels[position]
  const best = probabilities.indexOf(Math.max(...probabilities))
  const isKnown = probabilities.length > 0 && best >= 0
  const isRight = isKnown && classNames[best] === label
  const picture = element("span", { class: "thumb", "aria-hidden": "true" })
  if (mosaic) {
    picture.style.backgroundImage = `url("${mosaic}")`
    picture.style.backgroundSize = `${100 * tiles.columns}% ${100 * tiles.rows}%`
    const along = (number, count) => (count > 1 ? (100 * number) / (count - 1) : 0)
    picture.style.backgroundPosition = `${along(position % tiles.columns, tiles.columns)}% ${along(Math.floor(position / tiles.columns), tiles.rows)}%`
  }
  const verdict = isKnown ? `${isRight ? "✓" : "✗"} ${classNames[best]} ${percent(probabilities[best])}` : "–"
  const spoken = isKnown ? `labelled ${label}, read as ${classNames[best]} with ${percent(probabilities[best])}: ${isRight ? "right" : "wrong"}` : `labelled ${label}`
  const dot = element("i", { class: "dot" })
  dot.style.background = classColors[classNames.indexOf(label)] ?? "transparent"
  const seen = element("span", { "aria-hidden": "true" }, element("span", { class: "label" }, dot, label), element("span", { class: `verdict ${isRight ? "right" : "wrong"}` }, verdict))
  return element("li", { class: isRight ? "right" : "wrong" }, picture, seen, element("span", { class: "unseen" }, spoken))
}

function newFaces(faces, record) {
  if (!faces || !record.faces.length) return []
  const items = faces.labels.map((_, position) => newFace(faces, position, record.faces[position] ?? []))
  const numRight = items.filter((item) => item.className === "right").length
  const title = `Validation faces: ${numRight} of ${items.length} read as labelled`
  return [element("h4", {}, title), element("ul", { class: "faces", "aria-label": title }, ...items)]
}
