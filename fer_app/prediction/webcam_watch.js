// What the browser knows of the camera and the page's server cannot: whether one is there and may be used, and what
// the video element says. It looks, reports what has changed, and touches nothing but the remembered camera.

const VIDEO_ELEMENT = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
const BETWEEN_LOOKS = 1000 // ms
const REMEMBERED = "streamlit-webrtc:device-ids" // where streamlit-webrtc keeps the camera of the last time
const FACING = "fer-webcam-facing"

const watchers = new WeakMap() // parent element -> Watcher

// A remembered camera comes before the side that was asked for: another side begins without one.
function forgetCameraOfOtherSide(facing) {
  try {
    if (localStorage.getItem(FACING) === facing) return
    for (const name of Object.keys(localStorage)) if (name.startsWith(REMEMBERED)) localStorage.removeItem(name)
    localStorage.setItem(FACING, facing)
  } catch {
    // storage is switched off: then nothing is remembered either
  }
}

const nameOf = (button) => button?.textContent.trim().toUpperCase()

// What was seen of a video's page stays with it: Streamlit makes this element anew when video starts or ends.
function seenOf(page) {
  const pages = (globalThis.ferWebcamPages ??= new WeakMap())
  if (!pages.has(page)) {
    const seen = { lastTime: 0, movedAt: performance.now(), hasMoved: false, hasEnded: false, wasStopped: false }
    // Whoever presses STOP knows why the video ended.
    page.addEventListener("click", (event) => (seen.wasStopped = nameOf(event.target.closest("button")) === "STOP"), true)
    // Between two looks a video can begin and break off.
    page.addEventListener("timeupdate", (event) => (seen.hasMoved ||= event.target.currentTime > 0), true)
    pages.set(page, seen)
  }
  return pages.get(page)
}

function noteEnd(seen, isStarted) {
  if (isStarted) {
    seen.hasEnded = false
  } else if (seen.hasMoved) {
    seen.hasMoved = false
    seen.hasEnded = !seen.wasStopped
  }
}

class Watcher {
  constructor(send, patience) {
    this.send = send
    this.patience = 1000 * patience
    this.cameras = null
    this.permission = "unknown"
    this.timer = setInterval(() => this.look(), BETWEEN_LOOKS)
    this.look()
  }

  async look() {
    const media = navigator.mediaDevices
    try {
      const devices = await media?.enumerateDevices?.()
      this.cameras = devices ? devices.filter((device) => device.kind === "videoinput").length : null
      this.permission = (await navigator.permissions?.query({ name: "camera" }))?.state ?? "unknown"
    } catch {
      this.permission = "unknown" // a browser that does not tell
    }
    const video = this.video()
    this.report({
      is_secure: globalThis.isSecureContext,
      has_media: !globalThis.isSecureContext || Boolean(media?.getUserMedia),
      permission: this.permission,
      num_cameras: this.cameras,
      is_online: navigator.onLine !== false,
      ...video,
    })
  }

  // What the video's own page shows: an error, that START was pressed and no picture moves, or that a video has ended.
  video() {
    let page = null
    try {
      page = document.querySelector(VIDEO_ELEMENT)?.contentDocument
    } catch {
      return {} // it comes from another address, and stays unseen
    }
    if (!page) return {}
    const message = page.querySelector('[role="alert"]')?.textContent?.trim().slice(0, 200) ?? ""
    const seen = seenOf(page)
    const isStarted = Array.from(page.querySelectorAll("button"), nameOf).includes("STOP")
    const time = page.querySelector("video")?.currentTime ?? 0
    const now = performance.now()
    const isMoving = isStarted && time !== seen.lastTime
    if (!isStarted || isMoving || document.hidden) seen.movedAt = now
    seen.lastTime = time
    noteEnd(seen, isStarted)
    return { message, is_waiting: isStarted && now - seen.movedAt >= this.patience, has_ended: seen.hasEnded }
  }

  report(seen) {
    const text = JSON.stringify(seen)
    if (text === this.sent) return
    this.sent = text
    this.send(seen)
  }

  remove() {
    clearInterval(this.timer)
  }
}

export default function ({ data, parentElement, setStateValue }) {
  forgetCameraOfOtherSide(data.facing)
  if (!watchers.has(parentElement)) watchers.set(parentElement, new Watcher((seen) => setStateValue("report", seen), data.patience))
  return () => (watchers.get(parentElement)?.remove(), watchers.delete(parentElement))
}
