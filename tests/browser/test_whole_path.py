"""The whole path in one browser: faces, training, a reload in the middle, evaluation, and the model on Prediction."""

import re

from playwright.sync_api import Page, expect

from fer_core.training import list_runs

WAIT = 120_000  # ms; one answer of the page on a busy computer
JOB_WAIT = 600_000  # ms; drawing the faces, or two epochs with loading TensorFlow and exporting
CHARTS = ".js-plotly-plot"


def test_from_drawn_faces_to_a_model_that_prediction_offers(live_server, page, monkeypatch):
    monkeypatch.setenv("FER_HOME", str(live_server.home))
    _add_drawn_faces(page, live_server.url)
    _start_training(page, num_epochs=2)
    _watch_it_learn(page)
    _measure_it(page)
    page.get_by_role("link", name="Try it on photos").click()
    expect(page).to_have_url(re.compile("/prediction.*model=drawn-small-1"), timeout=WAIT)
    expect(page.get_by_text("tells apart angry, disgust, fear, happy, neutral, sad, surprise")).to_be_visible(
        timeout=WAIT
    )


def _add_drawn_faces(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Dataset").click(timeout=WAIT)
    page.get_by_role("button", name="Add drawn faces").dblclick(timeout=WAIT)
    expect(page.get_by_role("heading", name="Split against split")).to_be_visible(timeout=JOB_WAIT)
    page.get_by_text("Samples", exact=True).click()
    expect(page.get_by_alt_text(re.compile(r"^happy: "))).to_have_count(10, timeout=WAIT)
    expect(page).to_have_url(re.compile("dataset=drawn&view=samples"))
    page.get_by_text("Health", exact=True).click()


def _start_training(page: Page, *, num_epochs: int) -> None:
    page.get_by_role("link", name="Train a network on this dataset").click()
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill(str(num_epochs), timeout=WAIT)
    epochs.press("Enter")
    expect(page.get_by_text("preset: 10")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Start training").dblclick()
    expect(page).to_have_url(re.compile("run=drawn-small-1"), timeout=WAIT)
    expect(page.get_by_role("button", name="Stop training")).to_be_visible(timeout=WAIT)


def _watch_it_learn(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"Epoch \d of 2: step"))).to_be_visible(timeout=JOB_WAIT)
    page.reload()
    expect(page.get_by_role("heading", name="drawn-small-1")).to_be_visible(timeout=WAIT)
    expect(page.locator(CHARTS).first).to_be_visible(timeout=JOB_WAIT)
    expect(page.get_by_text("Finished in")).to_be_visible(timeout=JOB_WAIT)
    assert [run.name for run in list_runs()] == ["drawn-small-1"]
    assert len(list_runs()[0].history()) == 2


def _measure_it(page: Page) -> None:
    page.get_by_role("link", name="See how good it is").click()
    # The training measured the test split itself, at its end.
    expect(page.get_by_role("radio", name="How good")).to_be_checked(timeout=WAIT)
    expect(page.get_by_text(re.compile("of 210 images are named correctly"))).to_be_visible(timeout=WAIT)
    # The confusion matrix, how far confidence can be trusted, and what "unsure" costs.
    expect(page.locator(CHARTS)).to_have_count(3, timeout=WAIT)
