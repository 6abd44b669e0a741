"""A picture taken with the camera on the Photos page, in a real Chromium with a fake camera: its faces are read."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import CHROMIUM_ARGUMENTS
from tests.browser.fake_camera import camera_arguments, two_faces, write_camera

WAIT = 60_000  # ms
PLAYS = "document.querySelector('video')?.currentTime > 0.5"  # Chromium plays only what is in sight


def test_a_snapshot_is_read_like_a_photo_and_another_takes_its_place(live_server, playwright, chromium_path, tmp_path):
    camera = write_camera(tmp_path / "camera.y4m", two_faces, seconds=1)
    arguments = [*CHROMIUM_ARGUMENTS, "--disable-gpu", *camera_arguments(camera)]
    browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
    try:
        page = browser.new_page(viewport={"width": 390, "height": 900})
        page.goto(f"{live_server.url}/prediction?view=photos")
        page.get_by_text("Take a picture with the camera").click(timeout=WAIT)
        for _ in range(2):
            button = page.get_by_role("button", name="Take Photo")
            button.scroll_into_view_if_needed(timeout=WAIT)
            page.wait_for_function(PLAYS, timeout=WAIT)
            button.click()
            expect(page.get_by_text(re.compile("^2 faces on 1 photo"))).to_be_visible(timeout=WAIT)
            expect(page.get_by_text(re.compile("camera-snapshot.jpg · 2 faces"))).to_be_visible(timeout=WAIT)
            expect(page.locator(".fer-face")).to_have_count(2, timeout=WAIT)
            page.get_by_role("button", name="Clear photo").click()
            expect(page.get_by_text("Drop one or many photos above")).to_be_visible(timeout=WAIT)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        browser.close()
