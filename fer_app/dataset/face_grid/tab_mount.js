// Tells the app the tab's token where it has another one, as after a reload.

export default function ({ data, setTriggerValue }) {
  const kept = tabAuthor(data.author)
  if (kept !== data.author) setTriggerValue("author", kept)
}
