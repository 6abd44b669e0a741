// Carries what the panel shows now to the element that shows it.

export default function ({ data }) {
  globalThis.ferWebcamNews = JSON.parse(new TextDecoder().decode(data))
  globalThis.dispatchEvent(new Event("fer-webcam-news"))
}
