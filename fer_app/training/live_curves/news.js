// Carries what is new about a run to the elements that draw it, and asks for all of it where something was missed.

export default function ({ data, setTriggerValue }) {
  const message = JSON.parse(new TextDecoder().decode(data))
  const news = (globalThis.ferRunNews ??= new Map()) // run -> the latest
  news.set(message.run, { message, askForAll: () => setTriggerValue("behind", true) })
  globalThis.dispatchEvent(new CustomEvent("fer-run-news", { detail: message.run }))
}
