"""Live video in a real Chromium with a fake camera: it moves, says what it should, and lets go when it ends."""

import io
import re
import time
from contextlib import contextmanager

import av
import pandas as pd
import psutil
import pytest
from playwright.sync_api import expect

from fer_core.labels import EXPRESSION_COLORS
from tests.browser.conftest import CHROMIUM_ARGUMENTS
from tests.browser.fake_camera import camera_arguments, crossing, light_goes_out, two_faces, write_camera

WAIT = 120_000  # ms; a busy computer takes long to start video
VIDEO = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'
HAPPY = [int(EXPRESSION_COLORS["happy"][start : start + 2], 16) for start in (1, 3, 5)]
MOVES = """() => {
    const video = document.querySelector("video")
    if (!video?.videoWidth) return false
    window.firstTime ??= video.currentTime
    return video.currentTime > window.firstTime + 0.3
}"""
COUNT_PIXELS = """(color) => {
    const video = document.querySelector("video"), canvas = document.createElement("canvas")
    if (!video?.videoWidth) return 0
    ;[canvas.width, canvas.height] = [640, 480]
    const pen = canvas.getContext("2d")
    pen.drawImage(video, 0, 0, 640, 480)
    const { data } = pen.getImageData(0, 0, 640, 480)
    let count = 0
    const isLike = (at) => color.every((part, i) => Math.abs(data[at + i] - part) < 45)
    for (let at = 0; at < data.length; at += 4) count += isLike(at)
    return count
}"""

KEEP_CONNECTIONS = """
    window.connections = []
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...all) { super(...all); connections.push(this) }
    }
"""
# What Chromium does when no answer comes from the other side for some seconds, without these seconds.
BREAK_OFF = """() => {
    const connection = connections.at(-1)
    Object.defineProperty(connection, "connectionState", { value: "disconnected" })
    connection.dispatchEvent(new Event("connectionstatechange"))
}"""


@contextmanager
def browser_with(playwright, chromium_path, arguments):
    arguments = [*CHROMIUM_ARGUMENTS, "--disable-gpu", *arguments]  # a graphics card in software costs the most
    browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="module")
def camera_browser(playwright, chromium_path, tmp_path_factory):
    camera = write_camera(tmp_path_factory.mktemp("camera") / "two-faces.y4m", two_faces)
    with browser_with(playwright, chromium_path, camera_arguments(camera)) as browser:
        yield browser


def open_webcam(browser, live_server):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True).new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{live_server.url}/prediction?view=webcam")
    return page


@pytest.fixture
def webcam(camera_browser, live_server):
    page = open_webcam(camera_browser, live_server)
    yield page
    page.context.close()


def video(page):
    frame = page.wait_for_selector(VIDEO, timeout=WAIT).content_frame()
    frame.get_by_role("button", name="START").or_(frame.get_by_role("button", name="STOP")).wait_for(timeout=WAIT)
    return frame


def start(page):
    frame = video(page)
    frame.get_by_role("button", name="START").click(timeout=WAIT)
    frame.evaluate("() => { window.firstTime = null }")
    frame.wait_for_function(MOVES, timeout=WAIT)
    wait_for_frames(page, 3)
    return frame


def stop(page):
    frame = video(page)
    frame.get_by_role("button", name="STOP").click(timeout=WAIT)
    frame.get_by_role("button", name="START").wait_for(timeout=WAIT)


def num_analysed(page):
    text = page.locator('[data-fact="total"]').inner_text(timeout=WAIT).replace(",", "")
    return int(text) if text.isdigit() else 0


def wait_for_frames(page, num_more):
    first = num_analysed(page)
    wait_until(lambda: num_analysed(page) >= first + num_more, f"{num_more} more frames after {first}")


def wait_until(is_done, what, seconds=WAIT / 1000):
    end = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.2)


def num_threads(live_server):
    return psutil.Process(live_server.pid).num_threads()


def test_the_video_shows_the_overlay_and_the_panel_the_faces(webcam):
    expect(webcam.get_by_text("apparent expression").first).to_be_visible(timeout=WAIT)
    frame = start(webcam)
    expect(webcam.locator(".fer-webcam tbody tr")).to_have_count(2, timeout=WAIT)
    expect(webcam.locator(".fer-webcam tbody tr").first).to_contain_text("happy", timeout=WAIT)
    wait_until(lambda: frame.evaluate(COUNT_PIXELS, HAPPY) > 500, "the colour of `happy` in the video")
    expect(webcam.locator(".fer-webcam .js-plotly-plot .scatterlayer .trace").first).to_be_attached(timeout=WAIT)
    expect(webcam.locator('[data-fact="stored"]')).to_have_text("0")
    stop(webcam)
    expect(webcam.get_by_text("Press START: the faces in the picture appear here")).to_be_visible(timeout=WAIT)


def test_sliders_do_not_interrupt_the_stream(webcam):
    frame = start(webcam)
    expect(webcam.locator(".fer-webcam tbody tr").first).to_contain_text("happy", timeout=WAIT)
    frame.evaluate("() => { window.sameVideo = document.querySelector('video') }")
    slider = webcam.get_by_role("slider").nth(1)
    slider.focus()
    slider.press("End")  # 95 %
    expect(webcam.locator(".fer-webcam tbody tr").first).to_contain_text("unsure", timeout=WAIT)
    wait_for_frames(webcam, 3)
    assert frame.evaluate("() => window.sameVideo === document.querySelector('video') && !window.sameVideo.ended")


def record(webcam, num_frames=5):
    webcam.get_by_role("button", name=re.compile("Record$")).click()
    stop_recording = webcam.get_by_role("button", name="Stop recording")
    stop_recording.wait_for()
    wait_for_frames(webcam, num_frames)
    stop_recording.click()


def test_what_is_asked_for_can_be_taken_away(webcam):
    start(webcam)
    webcam.get_by_role("button", name=re.compile("Snapshot$")).click()
    with webcam.expect_download() as download:
        webcam.get_by_role("button", name="Snapshot (JPEG)").click()
    assert download.value.path().read_bytes()[:3] == b"\xff\xd8\xff"
    record(webcam)
    with webcam.expect_download() as download:
        webcam.get_by_role("button", name="Results (CSV").click()
    table = pd.read_csv(download.value.path())
    assert {"time_s", "track", "label", "p_happy"} <= set(table.columns)
    assert len(table) > 0
    with webcam.expect_download() as download:
        webcam.get_by_role("button", name="Clip (WebM").click()
    with av.open(io.BytesIO(download.value.path().read_bytes())) as clip:
        picture = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape[2] == 3


def test_a_click_counts_as_soon_as_its_button_is_there(webcam):
    """What goes away must not push a button from under the mouse, nor stay when a refresh begins in that moment."""
    start(webcam)
    for _ in range(8):
        record(webcam, num_frames=1)
        with webcam.expect_download():
            webcam.get_by_role("button", name="Results (CSV").click()
        webcam.get_by_role("button", name="Discard").click()
        expect(webcam.get_by_role("button", name="Results (CSV")).to_have_count(0, timeout=10_000)


def test_stop_and_start_ten_times_give_the_threads_back(webcam, live_server):
    start(webcam)
    stop(webcam)
    time.sleep(2)
    before = num_threads(live_server)
    for _ in range(10):
        start(webcam)
        stop(webcam)
    wait_until(lambda: num_threads(live_server) <= before + 1, f"threads to fall to {before}", 60)


@pytest.mark.parametrize("way", ["another page", "another view", "reload", "closed tab"])
def test_however_one_leaves_the_threads_come_back(camera_browser, live_server, way):
    page = open_webcam(camera_browser, live_server)
    start(page)
    stop(page)
    before = num_threads(live_server)
    start(page)
    if way == "another page":
        page.get_by_role("link", name="Home").click()
        expect(page).to_have_title("Home · FER Studio", timeout=WAIT)
    elif way == "another view":
        page.get_by_role("radio", name="Photos").click()
        expect(page.locator(VIDEO)).to_have_count(0, timeout=WAIT)
    elif way == "reload":
        page.reload()
        video(page)
    else:
        page.close()
    wait_until(lambda: num_threads(live_server) <= before + 1, f"threads to fall to {before}", 90)
    if way == "another page":  # and video starts again on coming back
        page.get_by_role("link", name="Prediction").click()
        page.get_by_role("radio", name="Webcam").click()
        start(page)
    if way != "closed tab":
        page.context.close()


def test_a_refused_camera_is_told_with_a_way_out(playwright, chromium_path, live_server):
    with browser_with(playwright, chromium_path, ["--use-fake-device-for-media-stream"]) as browser:
        page = open_webcam(browser, live_server)
        video(page).get_by_role("button", name="START").click()
        expect(page.get_by_text("was not allowed to use the camera")).to_be_visible(timeout=WAIT)
        page.get_by_role("button", name="Use a photo instead").click()
        expect(page.get_by_text("Or choose a photo")).to_be_visible(timeout=WAIT)


def test_a_missing_camera_is_told(playwright, chromium_path, live_server):
    with browser_with(playwright, chromium_path, ["--use-fake-ui-for-media-stream"]) as browser:
        page = open_webcam(browser, live_server)
        video(page).get_by_role("button", name="START").click()
        expect(page.get_by_text("The browser finds no camera")).to_be_visible(timeout=WAIT)


def test_two_people_who_cross_keep_their_numbers(playwright, chromium_path, live_server, tmp_path):
    camera = write_camera(tmp_path / "crossing.y4m", crossing, seconds=8, rate=6)
    with browser_with(playwright, chromium_path, camera_arguments(camera)) as browser:
        page = open_webcam(browser, live_server)
        start(page)
        page.get_by_role("button", name=re.compile("Record$")).click()
        page.get_by_role("button", name="Stop recording").wait_for()
        page.wait_for_timeout(6000)  # they pass each other every four seconds
        page.get_by_role("button", name="Stop recording").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Results (CSV").click()
        table = pd.read_csv(download.value.path())
    is_in_front = (table["y1"] + table["y2"]) / 2 > 235  # where the camera file has the one, and not the other
    share = is_in_front.groupby(table["track"]).agg(["mean", "size"])
    assert len(table) > 20
    assert ((share["mean"] > 0.9) | (share["mean"] < 0.1)).all(), share
    assert sorted(share.nlargest(2, "size")["mean"].round()) == [0, 1], share
    assert share["size"].nlargest(2).sum() > 0.5 * len(table), share


def test_an_empty_and_a_dark_room_are_told_and_a_face_is_found_again(playwright, chromium_path, live_server, tmp_path):
    camera = write_camera(tmp_path / "light.y4m", light_goes_out, seconds=6)
    with browser_with(playwright, chromium_path, camera_arguments(camera)) as browser:
        page = open_webcam(browser, live_server)
        start(page)
        row, dark = page.locator(".fer-webcam tbody tr"), page.get_by_text("Very little light")
        expect(page.get_by_text("No face is in the picture.")).to_be_visible(timeout=WAIT)
        expect(dark).to_be_visible(timeout=WAIT)
        expect(dark).to_be_hidden(timeout=WAIT)
        expect(row).to_have_count(1, timeout=WAIT)
        expect(row.first).to_contain_text("happy", timeout=WAIT)


def test_a_connection_that_breaks_off_is_told_with_a_way_on(webcam):
    webcam.add_init_script(KEEP_CONNECTIONS)
    webcam.reload()
    frame = start(webcam)
    frame.evaluate(BREAK_OFF)
    expect(webcam.get_by_text("The connection broke off")).to_be_visible(timeout=WAIT)
    expect(webcam.get_by_role("button", name="Take single pictures instead")).to_be_visible(timeout=WAIT)
    start(webcam)
    expect(webcam.get_by_text("The connection broke off")).to_be_hidden(timeout=WAIT)
    stop(webcam)
    webcam.wait_for_timeout(2500)  # the browser is looked at every second
    expect(webcam.get_by_text("The connection broke off")).to_be_hidden()


def test_single_pictures_work_in_place_of_video(webcam):
    webcam.get_by_role("button", name="Single pictures instead").click()
    webcam.wait_for_function("() => document.querySelector('video')?.currentTime > 0.3", timeout=WAIT)
    webcam.get_by_role("button", name="Take Photo").click()
    expect(webcam.get_by_text("Face 1").first).to_be_visible(timeout=WAIT)
