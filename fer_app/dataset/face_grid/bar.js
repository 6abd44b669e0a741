// What surrounds the pictures: the bar of actions, what went wrong, the question about the test split, the keys.

const KEYS = [
  ["← → ↑ ↓, Home, End", "move"],
  ["Shift + arrows or click", "select a range"],
  ["Space, Ctrl + click", "select one more"],
  ["Ctrl + A, Esc", "select the page, select nothing"],
  ["1 to 9", "give the label with this number"],
  ["X", "exclude, or take back in"],
  ["O", "back to how it was indexed: its label, and not excluded"],
  ["U, Ctrl + Z", "undo your last change"],
  ["Shift + U, Ctrl + Y", "redo it"],
  ["Enter, double click", "open the picture"],
  ["N, P", "next and previous page"],
  ["/", "search by name"],
  ["?", "show these keys"],
]

function newBar(data, act, status) {
  const labels = data.class_names.map((name, number) => {
    const dot = element("i", { class: "dot", "aria-hidden": "true" })
    dot.style.background = data.class_colors[number]
    const digit = number < 9 ? element("kbd", { "aria-hidden": "true" }, String(number + 1)) : ""
    const made = button("", { class: "relabel", "aria-label": `Label as ${name}`, onclick: () => act.relabel(name) })
    made.append(dot, name, digit)
    return made
  })
  const pages = element(
    "div",
    { class: "pages" },
    button("‹", { "aria-label": "Previous page", class: "previous", onclick: () => act.turn(-1) }),
    element("span", { class: "page" }),
    button("›", { "aria-label": "Next page", class: "next", onclick: () => act.turn(1) })
  )
  const actions = [
    button("Exclude", { class: "exclude", onclick: act.exclude }),
    button("As indexed", { class: "restore", title: "Back to the label it came with, not excluded", onclick: act.restore }),
    button("Undo", { onclick: act.undo }),
    button("Redo", { onclick: act.redo }),
    button("Open", { onclick: act.open }),
    button("Select page", { class: "all", onclick: act.selectAll }),
    button("Keys", { class: "keys", onclick: act.showKeys }),
  ]
  const about = element("div", { class: "about" }, element("span", { class: "subject" }), status, pages)
  const labelRow = element("div", { class: "row labels" }, ...labels)
  const actionRow = element("div", { class: "row" }, ...actions)
  const bar = element("div", { class: "bar", role: "toolbar", "aria-label": "Change pictures" }, about)
  bar.append(labelRow, actionRow)
  return bar
}

function drawBar(bar, { subject, excludes, restores, page, numPages, numSelected }) {
  bar.querySelector(".subject").textContent = subject
  bar.querySelector(".exclude").textContent = excludes ? "Exclude" : "Take back in"
  bar.querySelector(".restore").disabled = !restores
  bar.querySelector(".all").textContent = numSelected ? "Select nothing" : "Select page"
  bar.querySelector(".page").textContent = `Page ${page.toLocaleString("en")} of ${numPages.toLocaleString("en")}`
  bar.querySelector(".previous").disabled = page <= 1
  bar.querySelector(".next").disabled = page >= numPages
}

function newTrouble(retry, dismiss) {
  const text = element("span", { class: "text" })
  const tryAgain = button("Try again", { onclick: retry })
  return element("div", { class: "trouble", role: "alert", hidden: true }, text, tryAgain, button("Dismiss", { onclick: dismiss }))
}

function drawTrouble(trouble, error, numFailed) {
  trouble.hidden = !error
  const count = numFailed > 1 ? `${numFailed} changes were not saved. ` : error ? "Not saved. " : ""
  trouble.querySelector(".text").textContent = count + error
}

function newDialog(title, ...content) {
  const dialog = element("dialog", { "aria-label": title }, element("h3", {}, title), ...content)
  dialog.addEventListener("keydown", (event) => event.stopPropagation())
  return dialog
}

function newKeysDialog() {
  const rows = KEYS.map(([keys, what]) => element("tr", {}, element("td", {}, element("kbd", {}, keys)), element("td", {}, what)))
  const close = button("Close", { onclick: () => dialog.close() })
  const dialog = newDialog("Keys", element("table", {}, element("tbody", {}, ...rows)), close)
  return dialog
}

function newQuestion() {
  const text = element("p")
  const yes = button("Change the test split", { class: "yes" })
  const no = button("Leave it as it is", { onclick: () => dialog.close(), autofocus: true })
  const dialog = newDialog("This changes the test split", text, element("div", { class: "row" }, no, yes))
  dialog.ask = (numImages, split, agreed) => {
    text.textContent =
      `${numImages === 1 ? "The picture is" : `${numImages} pictures are`} in “${split}”. Figures measured before and ` +
      "after the change cannot be compared, and labels mended where a model failed flatter that model. " +
      "You are asked once in a session."
    yes.onclick = () => (dialog.close(), agreed())
    dialog.showModal()
  }
  return dialog
}
