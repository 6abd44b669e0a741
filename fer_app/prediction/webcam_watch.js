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
    this.listen(page)
    const isStarted = Array.from(page.querySelectorAll("button"), nameOf).includes("STOP")
    const time = page.querySelector("video")?.currentTime ?? 0
    const now = performance.now()
    const isMoving = isStarted && time !== this.lastTime
    if (!isStarted || isMoving || document.hidden) this.movedAt = now
    this.lastTime = time
    this.noteEnd(isStarted, isMoving && time > 0)
    return { message, is_waiting: isStarted && now - this.movedAt >= this.patience, has_ended: this.hasEnded }
  }

  // Whoever presses STOP knows why the video ended.
  listen(page) {
    if (page === this.page) return
    ;[this.page, this.hasMoved, this.hasEnded] = [page, false, false]
    page.addEventListener("click", (event) => (this.wasStopped = nameOf(event.target.closest("button")) === "STOP"), true)
  }

  noteEnd(isStarted, isMoving) {
    if (isStarted) {
      this.hasMoved ||= isMoving
      this.hasEnded = false
    } else if (this.hasMoved) {
      this.hasMoved = false
      this.hasEnded = !this.wasStopped
    }
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
