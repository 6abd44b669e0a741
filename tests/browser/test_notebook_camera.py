"""The camera snippet of the notebook in a real browser: a click takes a photo, and nothing stays behind."""

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright

from tests.browser.conftest import CHROMIUM_ARGUMENTS
from tests.source_tree import PROJECT

CAMERA = (PROJECT / "fer_core/notebook/camera.js").read_text("utf-8")
ADDRESS = "https://notebook.test/"  # a camera needs a secure page; it is answered here, not in any network
SLOW_TO_PLAY = """() => {
  const play = HTMLVideoElement.prototype.play
  HTMLVideoElement.prototype.play = async function () {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await play.call(this)
  }
}"""  # as on a busy computer: the buttons are there, and are clicked, before the camera plays
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(params=[FAKE_CAMERA], ids=["with a camera"])
def page(request: pytest.FixtureRequest, playwright: Playwright, chromium_path: str) -> Iterator[Page]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=[*CHROMIUM_ARGUMENTS, *request.param])
    page = browser.new_page()
    page.route(ADDRESS, lambda route: route.fulfill(body="<body></body>", content_type="text/html"))
    page.goto(ADDRESS)
    page.evaluate(SLOW_TO_PLAY)
    page.evaluate("window.google = { colab: { output: { setIframeHeight() {} } } }")
    page.add_script_tag(content=CAMERA)
    page.evaluate("() => { window.photo = takePhoto(); }")
    yield page
    browser.close()


def test_a_click_takes_a_photo_and_lets_go_of_the_camera(page: Page) -> None:
    page.get_by_role("button", name="Take the photo").click()
    kind, _, content = page.evaluate("window.photo").partition(",")
    assert kind == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert picture.size == (640, 480)
    assert page.locator("video").count() == 0


def test_cancel_takes_none(page: Page) -> None:
    page.get_by_role("button", name="Cancel").click()
    assert page.evaluate("window.photo") == ""


@pytest.mark.parametrize("page", [[]], indirect=True, ids=["without a camera"])
def test_without_a_camera_it_says_why(page: Page) -> None:
    assert page.evaluate("window.photo").startswith("error:")
