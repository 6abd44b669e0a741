"""The Models page in a real browser: from a cell of the confusion matrix to its faces, and a label mended there."""

import numpy as np
from playwright.sync_api import expect

from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import run_here
from fer_core.models import find_model
from fer_core.models.assessment import read_cached_predictions

WAIT = 90_000  # ms; one answer of the page on a busy computer


def test_a_click_on_a_cell_shows_its_faces_which_can_be_corrected(page, live_server, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_HOME", str(live_server.home))
    write_drawn_faces(tmp_path / "drawn", num_train=14, num_test=42)
    add_dataset(tmp_path / "drawn", name="drawn")
    arguments = {"model": "default", "dataset": "drawn", "split": "test", "views": "one"}
    job = "fer_core.models.assessment:evaluate_job"
    report = run_here(live_server.home / "jobs" / "measured", job, arguments, title="Evaluating")
    wrong = np.array(report["confusion"]) * (1 - np.eye(7, dtype=int))
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    true, predicted = report["class_names"][row], report["class_names"][column]
    page.set_default_timeout(WAIT)
    page.goto(f"{live_server.url}/models?model=default&view=evaluation&dataset=drawn&split=test&views=one")
    expect(page.get_by_text("images are named wrongly")).to_be_visible(timeout=WAIT)
    matrix = page.locator(".js-plotly-plot .heatmaplayer").first
    expect(matrix).to_be_visible(timeout=WAIT)
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    place = (box["x"] + box["width"] * (column + 0.5) / 7, box["y"] + box["height"] * (row + 0.5) / 7)
    page.mouse.move(*place)
    page.mouse.click(*place)
    said = f"{wrong[row, column]} of 6 images of {true} are called {predicted}"
    expect(page.get_by_text(said)).to_be_visible(timeout=WAIT)
    faces = page.get_by_role("option")
    expect(faces).to_have_count(int(wrong[row, column]), timeout=WAIT)
    table = read_cached_predictions(find_model("default"), open_dataset("drawn"), "test", "one")
    of_cell = table[(table["label"] == true) & (table["predicted"] == predicted)]
    first = of_cell.sort_values("confidence", ascending=False, kind="stable").iloc[0]
    assert first["path"] in faces.first.get_attribute("aria-label")
    faces.first.click()
    page.keyboard.press("x")
    page.get_by_role("button", name="Change the test split").click()
    expect(page.get_by_role("button", name="1 corrected")).to_be_enabled(timeout=WAIT)
    assert bool(open_dataset("drawn").view().table["excluded"].iloc[int(first["image_id"])])
    expect(faces).to_have_count(int(wrong[row, column]))  # it keeps its place
