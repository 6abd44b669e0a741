"""What does reading the faces cost live video, against the same page with a callback that does nothing?

    python -m benchmarks.webcam_rate [--seconds 15] [--rounds 3] [--visitors 1 3] [--minutes 0] [--json FILE]

A real server and one Chromium on the same computer; each visitor's camera is a canvas of 640 x 480 with two faces and
a clock, drawn 30 times a second. The clock is read back from the video that comes round, so the delay is the whole way.
In each round every number of visitors watches the empty page and then the webcam page. Shown are frames a second that
the browser shows and the server analyses, and the median delay; ratios and differences are those of the rounds'
medians. With --minutes, one visitor starts six times and then streams that long while the server's memory is watched.
Targets: shown at 90 % and analysed at 75 % of the empty page's rate or more; at most 60 ms more delay; three visitors
at 80 %; at most 20 MB growth in ten minutes. Playwright and a Chromium are needed.
"""

import argparse
import base64
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import cv2

from benchmarks.live_browser import chromium, server
from tests.browser.fake_camera import two_faces

KINDS = ("empty", "webcam")
VIDEO = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
SETTLING_SECONDS = 6
ATTEMPTS = 3  # at a round in which a visitor's video ends by itself
LEAST_DELAYS = 3  # frames with a readable clock; each third of the time needs one
ARGUMENTS = (
    "--use-fake-ui-for-media-stream",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)
PAGE = """
import streamlit as st
from streamlit_webrtc import webrtc_streamer
from fer_app.loaders import predictor_for
from fer_app.prediction.webcam_view import _ATTRIBUTES, _VIDEO, show_webcam
from fer_core.models import find_model

async def newest(frames):
    return [frames[-1]]

st.set_page_config(layout="wide")
if st.query_params["kind"] == "empty":
    with st.columns([3, 2], gap="medium")[0]:
        webrtc_streamer(
            key="empty", rtc_configuration={"iceServers": []}, queued_video_frames_callback=newest,
            media_stream_constraints={"video": _VIDEO, "audio": False}, video_html_attrs=_ATTRIBUTES,
        )
else:
    model = find_model("default")
    show_webcam(predictor_for(model), model_digest=model.digest())
"""
# A camera drawn on a canvas. Sixteen bits of the clock stand at the top, for the overlay writes its delay into the
# lower left corner; below each stands its opposite, so that a bit which something covers is seen to be none. The webcam
# page turns the picture left to right.
CAMERA = """(() => {
  const BITS = 16, SIDE = 40, picture = new Image()
  picture.src = "PICTURE"
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas")
    ;[canvas.width, canvas.height] = [640, 480]
    const pen = canvas.getContext("2d")
    const draw = () => {
      const now = Math.round(performance.now()) & 0xffff
      pen.drawImage(picture, 12 * Math.sin(now / 700) - 16, -8, 672, 496)
      for (let bit = 0; bit < BITS; bit++) {
        const isSet = (now >> bit) & 1
        pen.fillStyle = isSet ? "#fff" : "#000"
        pen.fillRect(bit * SIDE, 0, SIDE, 30)
        pen.fillStyle = isSet ? "#000" : "#fff"
        pen.fillRect(bit * SIDE, 30, SIDE, 30)
      }
    }
    draw()
    setInterval(draw, 1000 / 30)
    return canvas.captureStream(30)
  }
  window.watch = async (seconds, isMirrored) => {
    const video = document.querySelector("video"), canvas = document.createElement("canvas")
    if (!video) return { shown: 0, analysed: 0, delays: [], size: "no video element" }
    ;[canvas.width, canvas.height] = [640, 480]
    const pen = canvas.getContext("2d", { willReadFrequently: true }), delays = []
    let shown = 0, isOver = false
    const read = () => {
      shown++
      pen.drawImage(video, 0, 0, 640, 480)
      let time = 0
      for (let bit = 0; bit < BITS; bit++) {
        const x = (isMirrored ? BITS - 1 - bit : bit) * SIDE + SIDE / 2
        const [upper, lower] = [15, 45].map((y) => pen.getImageData(x, y, 1, 1).data[1] > 127)
        if (upper === lower) return
        time |= upper << bit
      }
      delays.push(((performance.now() | 0) - time) & 0xffff)
    }
    const onFrame = () => { if (!isOver) { read(); video.requestVideoFrameCallback(onFrame) } }
    const news = () => window.parent.ferWebcamNews?.privacy.processed ?? 0
    const [began, before] = [performance.now(), news()]
    video.requestVideoFrameCallback(onFrame)
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds))
    isOver = true
    const elapsed = (performance.now() - began) / 1000
    const size = `${video.videoWidth} x ${video.videoHeight}`
    return { shown: shown / elapsed, analysed: (news() - before) / elapsed, delays, size }
  }
})()"""


class NothingShownError(Exception):
    """A visitor's video gave nothing to measure."""


def main() -> None:
    """Measure what the command line asks for, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15, help="how long each page is watched in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--visitors", type=int, nargs="*", default=[1, 3], help="how many watch at the same time")
    parser.add_argument("--minutes", type=float, default=0, help="how long memory is watched; 0: not at all")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory(prefix="webcam-rate-") as place,
        server(PAGE, Path(place), Path(place) / "home") as (process, address),
        chromium(ARGUMENTS) as browser,
    ):
        print(f"{'visitors':12}{'page':9}{'shown /s':>10}{'analysed /s':>13}{'delay ms':>10}")
        for number in options.visitors:
            keep(figures, f"{number} at once", measured(browser, address, number, options), options.json)
        if options.minutes:
            keep(figures, "memory", growth(browser, process, address, options.minutes), options.json)


def measured(browser: Any, address: str, num_visitors: int, options: argparse.Namespace) -> dict[str, Any]:
    """Watch both pages in turns with as many visitors at once; the figures of each round, then their comparison."""
    rounds: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for _ in range(options.rounds):
        for kind, found in rounds.items():
            found.append(watched(browser, address, (kind, num_visitors), options.seconds))
    median = {
        kind: {
            name: statistics.median(found[name] for found in rounds[kind]) for name in ("shown", "analysed", "delay")
        }
        for kind in KINDS
    }
    empty, webcam = (median[kind] for kind in KINDS)
    return {
        "rounds": rounds,
        "shown_to_empty": round(webcam["shown"] / empty["shown"], 3),
        "analysed_to_empty": round(webcam["analysed"] / empty["shown"], 3),
        "added_delay_ms": round(webcam["delay"] - empty["delay"]),
        "delay_growth_ms": round(statistics.median(found["growth"] for found in rounds["webcam"])),
    }


def watched(browser: Any, address: str, what: tuple[str, int], seconds: float) -> dict[str, float]:
    """Open a kind of page for a number of visitors and watch; again where one lost the video, as on a busy computer."""
    kind, num_visitors = what
    for attempt in range(1, ATTEMPTS + 1):
        pages = [open_page(browser, address, kind) for _ in range(num_visitors)]
        try:
            frames = [start(page) for page in pages]
            pages[0].wait_for_timeout(1000 * SETTLING_SECONDS)
            return together(pages, frames, seconds, is_mirrored=kind == "webcam")
        except NothingShownError as problem:
            if attempt == ATTEMPTS:
                raise SystemExit(str(problem)) from problem
            print(f"not counted, and tried again: {problem}", flush=True)
        finally:
            for page in pages:
                page.context.close()
    raise AssertionError("unreachable")


def together(pages: list[Any], frames: list[Any], seconds: float, *, is_mirrored: bool) -> dict[str, float]:
    """Watch all pages during the same seconds; rates are means a visitor, delays medians over all."""
    call = "([seconds, turned]) => { window.found = null; watch(seconds, turned).then((all) => (window.found = all)) }"
    for frame in frames:
        frame.evaluate(call, [seconds, is_mirrored])
    pages[0].wait_for_timeout(1000 * seconds)
    found = [frame.wait_for_function("() => window.found").json_value() for frame in frames]
    for number, one in enumerate(found, start=1):
        check(one, f"visitor {number} of {len(found)} on the {'webcam' if is_mirrored else 'empty'} page")
    thirds = [(one["delays"][: len(one["delays"]) // 3], one["delays"][-len(one["delays"]) // 3 :]) for one in found]
    return {
        "shown": statistics.mean(one["shown"] for one in found),
        "analysed": statistics.mean(one["analysed"] for one in found),
        "delay": statistics.median(delay for one in found for delay in one["delays"]),
        "growth": statistics.median(statistics.median(last) - statistics.median(first) for first, last in thirds),
    }


def check(found: dict[str, Any], who: str) -> None:
    """Raise NothingShownError where a visitor's video showed nothing, or nothing that the clock could be read from."""
    if found["shown"] == 0:
        raise NothingShownError(f"{who} was shown no frame ({found['size']}). Open the page to see what it says of it.")
    if len(found["delays"]) < LEAST_DELAYS:
        raise NothingShownError(
            f"{who} was shown {found['shown']:.1f} frames a second ({found['size']}), but the clock at the top was "
            f"read in only {len(found['delays'])}: something covers it, or the picture is not turned as expected."
        )


def growth(browser: Any, process: Any, address: str, minutes: float) -> dict[str, float]:
    """Memory of the server in MB after six starts, and how much more after streaming for some minutes."""
    page = open_page(browser, address, "webcam")
    for number in range(6):
        frame = start(page)
        page.wait_for_timeout(3000)
        if number < 5:
            frame.get_by_role("button", name="STOP").click()
            frame.get_by_role("button", name="START").wait_for()
    before = process.memory_info().rss / 1e6
    page.wait_for_timeout(60_000 * minutes)
    after = process.memory_info().rss / 1e6
    page.context.close()
    return {"minutes": minutes, "before_mb": round(before, 1), "growth_mb": round(after - before, 1)}


def open_page(browser: Any, address: str, kind: str) -> Any:
    """Open a page as a visitor of its own, with its own camera."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    bgr = cv2.cvtColor(two_faces(0.2), cv2.COLOR_RGB2BGR)
    picture = base64.b64encode(cv2.imencode(".jpg", bgr)[1].tobytes()).decode()
    context.add_init_script(CAMERA.replace("PICTURE", f"data:image/jpeg;base64,{picture}"))
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/?kind={kind}")
    return page


def start(page: Any) -> Any:
    """Press START and wait for a moving picture; returns the video's frame."""
    frame = page.wait_for_selector(VIDEO).content_frame()
    frame.get_by_role("button", name="START").click()
    frame.wait_for_function("() => document.querySelector('video')?.currentTime > 0.3")
    return frame


def keep(figures: dict[str, Any], title: str, found: dict[str, Any], path: Path | None) -> None:
    """Add figures to those that are there, print them and write all of them to a file."""
    figures[title] = found
    if path:
        path.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    if title == "memory":
        words = (
            f"{found['before_mb']} MB after six starts, then {found['growth_mb']:+} MB in {found['minutes']} minutes"
        )
        print(f"memory: {words}", flush=True)
        return
    for kind in KINDS:
        for one in found["rounds"][kind]:
            print(f"{title:12}{kind:9}{one['shown']:10.1f}{one['analysed']:13.1f}{one['delay']:10.0f}")
    print(
        f"{title}: shown {found['shown_to_empty']:.0%} and analysed {found['analysed_to_empty']:.0%} of the empty "
        f"page's rate; delay {found['added_delay_ms']:+} ms, growing by {found['delay_growth_ms']} ms in a round",
        flush=True,
    )


if __name__ == "__main__":
    main()
