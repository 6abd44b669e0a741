"""The Training page in a real browser: the views and the form keep what was chosen while a run refreshes itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import request_cancel
from tests.fer_app.training.growing_runs import start_growing_run

WAIT = 90_000  # ms; one answer of the page on a busy computer


@pytest.fixture
def growing(live_server, tmp_path, monkeypatch):
    """A run under way that refreshes the page every second."""
    monkeypatch.setenv("FER_HOME", str(live_server.home))
    write_drawn_faces(tmp_path / "faces", num_train=70, num_test=7)
    add_dataset(tmp_path / "faces", name="drawn")
    run = start_growing_run(live_server.home / "runs", "growing", seconds=1.0, epochs=400, noted=3)
    yield run
    request_cancel(run.folder)


def test_views_change_and_the_form_stays_while_a_run_refreshes_the_page(live_server, page: Page, growing) -> None:
    page.goto(f"{live_server.url}/training")
    expect(page.get_by_role("button", name="Stop training")).to_be_visible(timeout=WAIT)
    expect(page).to_have_url(re.compile("view=runs&run=growing"), timeout=WAIT)
    for _ in range(3):
        page.get_by_text("New training", exact=True).click()
        expect(page.get_by_role("button", name="Add to the queue")).to_be_visible(timeout=WAIT)
        page.wait_for_timeout(1500)  # a refresh that was on its way has come by now
        expect(page).to_have_url(re.compile("view=new"))
        page.get_by_text(re.compile(r"^Runs \(\d\)$")).click()
        expect(page.get_by_role("button", name="Stop training")).to_be_visible(timeout=WAIT)
    page.get_by_text("New training", exact=True).click()
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill("7", timeout=WAIT)
    epochs.press("Enter")
    expect(page).to_have_url(re.compile("epochs=7"), timeout=WAIT)
    page.reload()
    expect(page.get_by_text("preset: 10")).to_be_visible(timeout=WAIT)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_role("heading", name="What does a face show?")).to_be_visible(timeout=WAIT)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Training").click()
    page.get_by_text("New training", exact=True).click(timeout=WAIT)
    expect(page.get_by_text("preset: 10")).to_be_visible(timeout=WAIT)
