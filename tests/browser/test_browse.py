"""Browse in a real browser: a view by its address, keys, corrections that survive, two people at once, a phone."""

import re
import time

import filelock
import pytest
from playwright.sync_api import Page, expect

from fer_core.dataset import Dataset, add_dataset, open_dataset
from fer_core.dataset.corrections.edits import exclude, read_corrections
from tests.dataset.pictures import write_class_folders

WAIT = 90_000  # ms; one answer of the page on a busy computer
OVERFLOW = "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"
FOCUSED = """() => {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return focused?.getAttribute('aria-label')
}"""


@pytest.fixture
def dataset(live_server, tmp_path, monkeypatch, request) -> Dataset:
    """A dataset of its own for each test: 8 pictures of each of two classes, in train and in test."""
    monkeypatch.setenv("FER_HOME", str(live_server.home))
    places = ("train/happy", "train/sad", "test/happy", "test/sad")
    name = re.sub(r"\W+", "-", request.node.name)[:60].strip("-")
    return add_dataset(write_class_folders(tmp_path / "faces", places, 8), name=name)


@pytest.fixture
def address(live_server, dataset):
    return f"{live_server.url}/dataset?dataset={dataset.name}&view=browse"


def _open(page: Page, address: str, num_pictures: int) -> Page:
    page.set_default_timeout(WAIT)
    page.goto(address)
    expect(page.get_by_role("option")).to_have_count(num_pictures, timeout=WAIT)
    return page


def _picture(page: Page, name: str):
    return page.get_by_role("option", name=name)


def _says(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible(timeout=WAIT)


def test_keys_correct_pictures_in_place_and_a_reload_keeps_it(page, address, dataset):
    _open(page, f"{address}&split=train&label=happy", 8)
    _picture(page, "happy/0.png").click()
    page.keyboard.press("ArrowRight")
    assert "happy/1.png" in page.evaluate(FOCUSED)
    for key in ("2", "ArrowRight", "x", "ArrowRight", "x"):  # faster than any answer
        page.keyboard.press(key)
    expect(_picture(page, "happy/1.png")).to_have_attribute("aria-label", re.compile("^sad, .*was happy"))
    _says(page, "1 picture excluded")
    page.keyboard.press("u")
    _says(page, "Undone: 1 picture")
    expect(_picture(page, "happy/3.png")).to_have_attribute("aria-label", "happy, train/happy/3.png")
    assert "happy/3.png" in (page.evaluate(FOCUSED) or "")
    table = dataset.view().table.set_index("path")
    assert table["label"]["train/happy/1.png"] == "sad"
    assert table.index[table["excluded"]].tolist() == ["train/happy/2.png"]
    page.reload()
    expect(page.get_by_role("option")).to_have_count(6, timeout=WAIT)
    _picture(page, "happy/0.png").click()
    page.keyboard.press("u")  # the tab still knows what it did
    _says(page, "Undone: 1 picture")
    assert not open_dataset(dataset.name).view().table["excluded"].any()


def test_a_range_is_changed_at_once_and_the_test_split_asks_first(page, address, dataset):
    _open(page, f"{address}&split=test", 16)
    _picture(page, "happy/0.png").click()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("2")
    expect(page.get_by_text("4 pictures are in “test”")).to_be_visible()
    page.get_by_role("button", name="Leave it as it is").click()
    assert read_corrections(dataset).empty
    page.keyboard.press("2")
    page.get_by_role("button", name="Change the test split").click()
    _says(page, "4 pictures labelled sad")
    assert len(read_corrections(dataset)) == 4
    _picture(page, "happy/7.png").click()
    page.keyboard.press("x")  # asked once in a session
    _says(page, "1 picture excluded")


def test_an_opened_picture_stands_in_the_url_and_back_closes_it(page, address):
    _open(page, f"{address}&split=train", 16)
    _picture(page, "happy/2.png").click()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_alt_text("happy: train/happy/2.png")).to_be_visible(timeout=WAIT)
    expect(page).to_have_url(re.compile(r"image=\d+"))
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_alt_text("happy: train/happy/3.png")).to_be_visible(timeout=WAIT)
    page.go_back()
    expect(dialog.get_by_alt_text("happy: train/happy/2.png")).to_be_visible(timeout=WAIT)
    page.go_back()
    expect(dialog).to_have_count(0, timeout=WAIT)
    expect(page.get_by_role("option")).to_have_count(16)


def test_closing_a_picture_leads_the_focus_back_to_it(page, address):
    _open(page, f"{address}&split=train", 16)
    _picture(page, "happy/2.png").click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_alt_text("happy: train/happy/2.png")).to_be_visible(timeout=WAIT)
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("image="), timeout=WAIT)
    page.wait_for_function(f"() => ({FOCUSED})()?.includes('happy/2.png')", timeout=WAIT)


def test_two_people_editing_at_once_lose_nothing(page, browser, address, dataset):
    other_context = browser.new_context()
    other = _open(other_context.new_page(), f"{address}&split=train&label=sad", 8)
    _open(page, f"{address}&split=train&label=happy", 8)
    for someone, label in ((page, "happy"), (other, "sad")):
        _picture(someone, f"{label}/0.png").click()
    for _ in range(5):
        for someone in (page, other):
            someone.keyboard.press("x")
            someone.keyboard.press("ArrowRight")
    for someone in (page, other):
        _says(someone, "1 picture excluded")
    for someone, label in ((page, "happy"), (other, "sad")):
        excluded = someone.get_by_role("option", name=re.compile(f"{label}.*excluded"))
        expect(excluded).to_have_count(5, timeout=WAIT)
    end = time.monotonic() + WAIT / 1000
    while len(corrections := read_corrections(dataset)) < 10 and time.monotonic() < end:
        page.wait_for_timeout(200)
    assert len(corrections) == 10
    assert corrections["author"].nunique() == 2
    other_context.close()


def test_what_somebody_else_changes_is_seen_without_a_reload(page, address, dataset):
    _open(page, f"{address}&split=train", 16)
    there = open_dataset(dataset.name)
    exclude(there, [there.index.table["path"].tolist().index("train/happy/0.png")], author="somebody else")
    expect(page.get_by_role("option", name=re.compile("excluded"))).to_have_count(1, timeout=WAIT)


def test_corrections_can_be_undone_after_a_reload(page, address, dataset):
    _open(page, f"{address}&split=train", 16)
    _picture(page, "happy/0.png").click()
    page.keyboard.press("x")
    _says(page, "1 picture excluded")
    page.goto(address.replace("view=browse", "view=corrections"))
    page.get_by_role("button", name="Undo", disabled=False).click()
    expect(page.get_by_text("Undone: 1 picture")).to_be_visible(timeout=WAIT)
    assert not open_dataset(dataset.name).view().table["excluded"].any()


def test_letters_work_on_a_button_of_the_bar_too(page, address):
    _open(page, f"{address}&split=train", 16)
    _picture(page, "happy/0.png").click()
    page.get_by_role("button", name="Exclude", exact=True).click()
    _says(page, "1 picture excluded")
    page.keyboard.press("u")
    _says(page, "Undone: 1 picture")


def test_a_change_that_cannot_be_written_is_taken_back_and_said(page, address, dataset):
    _open(page, f"{address}&split=train", 16)
    _picture(page, "happy/0.png").click()
    with filelock.FileLock(dataset.folder / ".corrections.lock"):
        page.keyboard.press("x")
        expect(_picture(page, "happy/0.png")).to_have_attribute("aria-label", re.compile("excluded"))
        expect(page.get_by_role("alert").filter(has_text="Not saved")).to_be_visible(timeout=WAIT)
    expect(_picture(page, "happy/0.png")).to_have_attribute("aria-label", "happy, train/happy/0.png")
    assert read_corrections(dataset).empty
    page.get_by_role("button", name="Try again").click()
    _says(page, "1 picture excluded")
    assert len(read_corrections(dataset)) == 1


def test_a_phone_has_it_all_without_overflow(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, address, 32)
    assert page.evaluate(OVERFLOW) == 0
    _picture(page, "train/sad/0.png").locator(".tick").click()
    page.get_by_role("button", name="Label as happy").click()
    _says(page, "1 picture labelled happy")
