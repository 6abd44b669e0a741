"""The live region in a real browser: what a person has chosen stays while a real process notes new epochs."""

import csv
import re
import statistics
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from fer_core.dataset import add_dataset, list_datasets
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import read_status, request_cancel
from tests.fer_app.training.growing_runs import start_growing_run

WAIT = 90_000  # ms; one answer of the page on a busy computer
NEW_ROW_SECONDS = 2
OVERFLOW = "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"
NEWEST = "plot => Math.max(0, ...plot.data.flatMap(trace => trace.x))"
RANGES = "plot => [plot.layout.xaxis.range, plot.layout.yaxis.range]"

MISS_SOME_NEWS = """name => new Promise(done => {
  addEventListener("fer-run-news", () => ferRunNews.get(name).message.rows.from === 0 && done(true))
  setTimeout(() => done(false), 60000)
  const news = ferRunNews.get(name)
  const rows = { from: news.message.rows.total + 5, total: news.message.rows.total + 6, texts: [] }
  ferRunNews.set(name, { ...news, message: { ...news.message, rows } })
  dispatchEvent(new CustomEvent("fer-run-news", { detail: name }))
})"""


@pytest.fixture
def run(live_server, tmp_path, monkeypatch, request):
    """A run of its own for each test, with 8 epochs noted and another one every second."""
    monkeypatch.setenv("FER_HOME", str(live_server.home))
    if not list_datasets():
        write_drawn_faces(tmp_path / "faces", num_train=21, num_test=7)
        add_dataset(tmp_path / "faces", name="drawn")
    name = re.sub(r"\W+", "-", request.node.name)[5:50].strip("-")
    run = start_growing_run(live_server.home / "runs", name, seconds=1.0, epochs=400, noted=8)
    yield run
    _stop(run)


@pytest.fixture
def troubles(page) -> list[str]:
    """What the browser complains about, but for Streamlit, which looks for its own server below a deep link first."""
    found: list[str] = []

    def listen(message) -> None:
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            found.append(f"{message.text} {message.location['url']}")

    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def _stop(run) -> None:
    request_cancel(run.folder)
    end = time.monotonic() + 20
    while read_status(run.folder).is_live and time.monotonic() < end:
        time.sleep(0.1)


def _open(page: Page, live_server, run) -> Page:
    page.set_default_timeout(WAIT)
    page.goto(f"{live_server.url}/training?run={run.name}")
    _wait_until_drawn(_plot(page, "Loss"))
    return page


def _wait_until_drawn(plot: Locator) -> None:
    plot.scroll_into_view_if_needed()
    expect(plot.locator(".nsewdrag")).to_be_visible(timeout=WAIT)


def _plot(page: Page, title: str) -> Locator:
    chart = page.locator("figure.chart").filter(has=page.get_by_role("heading", name=title, exact=True))
    return chart.locator(".plot")


def _drag(page: Page, plot: Locator) -> list[list[float]]:
    """Zoom into the middle of a chart; return where it stands then."""
    plot.scroll_into_view_if_needed()
    box = plot.locator(".nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    page.mouse.up()
    page.wait_for_timeout(800)
    return plot.evaluate(RANGES)


def _wait_for_epochs(page: Page, plot: Locator, number: int) -> None:
    wanted = plot.evaluate(NEWEST) + number
    end = time.monotonic() + WAIT / 1000
    while plot.evaluate(NEWEST) < wanted:
        assert time.monotonic() < end
        page.wait_for_timeout(200)


def _crowding() -> float:
    """How many times its processor time a piece of work takes: 1 on a quiet computer, more where others work too."""
    began_at, spent = time.perf_counter(), time.process_time()
    while time.process_time() - spent < 0.3:
        sum(range(1000))
    return max(1.0, (time.perf_counter() - began_at) / (time.process_time() - spent))


def _kinds(plot: Locator) -> list[str]:
    return plot.evaluate("plot => plot.data.map(trace => trace.name)")


def test_zoom_and_hidden_curves_stay_while_epochs_come_in_and_after_a_reload(page, live_server, run, troubles):
    plot = _plot(_open(page, live_server, run), "Loss")
    whole = plot.evaluate(RANGES)
    zoomed = _drag(page, plot)
    assert whole[0][0] < zoomed[0][0] < zoomed[0][1] < whole[0][1]
    button = page.get_by_role("button", name="training", exact=True)
    button.click()
    _wait_for_epochs(page, plot, 3)
    assert plot.evaluate(RANGES) == zoomed
    expect(button).to_have_attribute("aria-pressed", "false")
    assert _kinds(plot) == ["validation", "best epoch"]
    page.get_by_role("slider", name="Smoothing").fill("0.5")
    page.reload()
    _wait_until_drawn(plot)
    assert plot.evaluate(RANGES) == zoomed
    expect(page.get_by_role("slider", name="Smoothing")).to_have_value("0.5")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert troubles == []


def test_a_new_row_is_on_the_page_within_two_seconds(page, live_server, run, troubles):
    plot = _plot(_open(page, live_server, run), "Accuracy")
    plot.scroll_into_view_if_needed()
    page.wait_for_timeout(3000)
    delays = []
    for _ in range(5):
        wanted = plot.evaluate(NEWEST) + 1
        while plot.evaluate(NEWEST) < wanted:
            page.wait_for_timeout(20)
        seen_at = time.time()
        with (run.folder / "history.csv").open() as file:
            written_at = next(float(row["ended_at"]) for row in csv.DictReader(file) if int(row["epoch"]) == wanted)
        delays.append(seen_at - written_at)
    assert statistics.median(delays) <= NEW_ROW_SECONDS * _crowding()
    assert troubles == []


def test_a_chosen_epoch_stays_chosen_and_the_newest_is_followed_again(page, live_server, run):
    _open(page, live_server, run)
    details = page.get_by_role("region", name="Details of the epochs")
    slider = details.get_by_role("slider")
    expect(details.locator("output")).to_contain_text("(newest)")
    slider.press("Home")
    expect(details.get_by_text("Epoch 1: share of each true class")).to_be_visible()
    last = int(slider.get_attribute("max"))
    expect(slider).not_to_have_attribute("max", str(last), timeout=WAIT)
    expect(details.locator("output")).to_contain_text(re.compile(r"^1 of \d+$"))
    expect(details.get_by_role("list", name="Validation faces").get_by_role("listitem")).to_have_count(12)
    details.get_by_role("button", name="Follow the newest").click()
    expect(details.locator("output")).to_contain_text("(newest)")


def test_news_that_were_missed_are_asked_for(page, live_server, run, troubles):
    plot = _plot(_open(page, live_server, run), "Loss")
    _wait_for_epochs(page, plot, 1)
    assert page.evaluate(MISS_SOME_NEWS, run.name)
    assert plot.evaluate("plot => plot.data[0].x") == list(range(1, plot.evaluate(NEWEST) + 1))
    assert troubles == []


def test_the_faces_a_run_watches_come_once_they_are_chosen(page, live_server, run):
    watched = (run.folder / "watched_faces.json").rename(run.folder / "later")
    _open(page, live_server, run)
    faces = page.get_by_role("list", name="Validation faces")
    expect(faces).to_have_count(0)
    watched.rename(run.folder / "watched_faces.json")
    expect(faces.get_by_role("listitem")).to_have_count(12, timeout=WAIT)


def test_keys_zoom_a_chart_and_show_all_of_it_again(page, live_server, run):
    plot = _plot(_open(page, live_server, run), "Loss")
    plot.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    first, last = plot.evaluate(RANGES)[0]
    assert first > 1
    assert last < plot.evaluate(NEWEST)
    page.keyboard.press("0")
    page.wait_for_timeout(500)
    assert plot.evaluate(RANGES)[0][0] < 1


def test_when_the_run_ends_the_page_runs_again_and_keeps_the_zoom(page, live_server, run, troubles):
    plot = _plot(_open(page, live_server, run), "Loss")
    zoomed = _drag(page, plot)
    _stop(run)
    expect(page.get_by_role("region", name="Progress")).to_have_count(0, timeout=WAIT)
    _wait_until_drawn(plot)
    assert plot.evaluate(RANGES) == zoomed
    assert troubles == []


def test_a_phone_shows_it_all_without_overflow(page, live_server, run):
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, live_server, run)
    for title in ("Loss", "Macro-F1", "Recall of each class"):
        _wait_until_drawn(_plot(page, title))
    assert page.evaluate(OVERFLOW) == 0
