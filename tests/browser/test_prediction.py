"""Prediction in a real browser: photos are dropped, results looked at, the table is taken away."""

import io
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from fer_core.labels import EXPRESSIONS
from tests.scenes import portrait

WAIT = 60_000  # ms


def _file(name, image):
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": stored.getvalue()}


PORTRAIT = _file("portrait.jpg", portrait())
WALL = _file("wall.jpg", np.full((200, 200, 3), 120, np.uint8))
BROKEN = {**PORTRAIT, "name": "cut.jpg", "buffer": PORTRAIT["buffer"][:5000]}


@pytest.fixture
def prediction(live_server, page, tiny_package):
    """The page with the model `tiny` chosen by its address."""
    folder = live_server.home / "models" / "tiny"
    if not folder.exists():
        shutil.copytree(tiny_package.folder, folder)
    page.goto(f"{live_server.url}/prediction?model=tiny")
    expect(page.get_by_text("Drop one or many photos above")).to_be_visible(timeout=WAIT)
    return page


def _overlay(page, name):
    """The picture with its boxes, as it stands on a wide screen."""
    return page.locator("[class*=st-key-photo-wide]").get_by_alt_text(re.compile(f"{name} with 1 face"))


def _drop(page, *files):
    page.locator("input[type=file]").first.set_input_files(list(files))
    expect(page.get_by_text(re.compile(r"unsure about \d+ of them"))).to_be_visible(timeout=WAIT)


def test_photos_become_a_table_that_can_be_taken_away(prediction):
    _drop(prediction, PORTRAIT, BROKEN)
    expect(prediction.get_by_text("1 of 2 photos could not be read")).to_be_visible()
    expect(_overlay(prediction, "portrait.jpg")).to_be_visible()
    expect(prediction.locator(".fer-face")).to_have_count(1, timeout=WAIT)
    expect(prediction.locator(".fer-bar")).to_have_count(7)
    with prediction.expect_download() as download:
        prediction.get_by_role("button", name="Table (CSV)").click()
    assert re.fullmatch(r"apparent-expressions-tiny-\d{4}-\d\d-\d\d-\d{4}\.csv", download.value.suggested_filename)
    table = pd.read_csv(download.value.path())
    assert table["image"].tolist() == ["portrait.jpg"]
    assert list(table.columns[-7:]) == [f"p_{name}" for name in EXPRESSIONS]


def test_a_picture_without_a_face_can_be_taken_as_one(prediction):
    _drop(prediction, WALL)
    expect(prediction.get_by_text("No face was found here")).to_be_visible()
    prediction.get_by_role("button", name="Treat the whole picture as a face").click()
    expect(_overlay(prediction, "wall.jpg")).to_be_visible(timeout=WAIT)
    expect(prediction.get_by_text("All faces")).to_be_visible()


def test_the_switch_and_the_model_stand_in_the_address(prediction):
    prediction.get_by_role("button", name="Settings").click()
    prediction.get_by_text("Each picture is one face").click()
    expect(prediction).to_have_url(re.compile("whole=true"))
    prediction.reload()
    prediction.get_by_role("button", name="Settings").click(timeout=WAIT)
    expect(prediction.get_by_role("switch", name="Each picture is one face")).to_be_checked(timeout=WAIT)
    expect(prediction).to_have_url(re.compile("model=tiny"))


def test_fifty_photos_are_read_and_folded(prediction):
    _drop(prediction, *({**PORTRAIT, "name": f"photo{number:02d}.jpg"} for number in range(50)))
    expect(prediction.get_by_text("50 faces on 50 photos")).to_be_visible(timeout=WAIT)
    expect(prediction.locator(".fer-face")).to_have_count(3, timeout=WAIT)
    prediction.get_by_text("photo24.jpg").last.click()
    expect(_overlay(prediction, "photo24.jpg")).to_be_visible(timeout=WAIT)


def test_an_example_is_one_click_and_its_picture_can_be_taken_away(prediction):
    prediction.get_by_role("button", name="Six drawn faces").click()
    expect(prediction.locator(".fer-face")).to_have_count(6, timeout=WAIT)
    with prediction.expect_download() as download:
        prediction.get_by_role("button", name="Annotated picture", exact=True).click()
    assert download.value.suggested_filename == "six-drawn-faces-annotated.jpg"
    assert download.value.path().read_bytes().startswith(b"\xff\xd8\xff")  # JPEG


@pytest.mark.parametrize(("width", "shown"), [(1280, "wide"), (390, "narrow")])
def test_each_screen_gets_its_own_picture_and_nothing_runs_off_its_side(prediction, width, shown):
    prediction.set_viewport_size({"width": width, "height": 900})
    prediction.get_by_role("button", name="Thirty drawn faces").click()
    expect(prediction.locator(".fer-face")).to_have_count(30, timeout=WAIT)
    for name in ("wide", "narrow"):
        picture = prediction.locator(f"[class*=st-key-photo-{name}] img")
        expect(picture).to_be_visible(visible=name == shown)
    assert prediction.evaluate("document.documentElement.scrollWidth") <= width
