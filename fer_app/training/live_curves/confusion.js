// The confusion matrix of one epoch, as a table that can be read aloud: true classes as rows, predicted as columns.

function newConfusion(record, classNames) {
  const cells = record.confusion.map((counts, row) => {
    const all = counts.reduce((sum, count) => sum + count, 0)
    const tds = counts.map((count, column) => {
      const share = all ? count / all : 0
      const cell = element("td", { class: row === column ? "right" : "", title: `true ${classNames[row]}, predicted ${classNames[column]}: ${count} of ${all}` },
        element("b", {}, percent(share)), element("small", {}, String(count)))
      cell.style.setProperty("--share", `${Math.round(85 * share)}%`)
      return cell
    })
    return element("tr", {}, element("th", { scope: "row" }, classNames[row]), ...tds)
  })
  const corner = element("td", { class: "corner" }, "true \\ predicted")
  const head = element("tr", {}, corner, ...classNames.map((name) => element("th", { scope: "col" }, element("span", {}, name))))
  const caption = element("caption", {}, `Epoch ${record.epoch}: share of each true class, and number of validation images`)
  return element("table", { class: "confusion" }, caption, element("thead", {}, head), element("tbody", {}, ...cells))
}
