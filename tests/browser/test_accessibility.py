"""What axe-core finds on every page, in both colour schemes, and a way through the app by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import run_here
from tests.fer_app.training.growing_runs import start_growing_run

WAIT = 40_000  # ms; one answer of the page on a busy computer
MEASURED = {"model": "default", "dataset": "drawn", "split": "test", "views": "one"}
PAGES = {
    "home": ("", "Ready on this computer"),
    "health": ("dataset?dataset=drawn", "Images per class"),
    "browse": ("dataset?dataset=drawn&view=browse", "Exclude"),
    "training": ("training?view=new", "Start training"),
    "run": ("training?view=runs&run=short", "Accuracy"),
    "models": ("models?model=default", "Take it along"),
    "evaluation": ("models?view=evaluation&" + "&".join(f"{n}={v}" for n, v in MEASURED.items()), "Confusion matrix"),
    "prediction": ("prediction?model=default", "All faces"),
    "storage": ("storage", "Type an address"),
}  # address, and what stands there once it is ready
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 20, 28)"}
FOCUSED = """() => {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  const around = [focused, focused.parentElement].map((element) => getComputedStyle(element))
  const isSeen = around.some((style) => style.outlineStyle !== "none" || style.boxShadow !== "none")
  return [focused.ariaLabel ?? focused.closest("button, label, a")?.innerText ?? "", isSeen]
}"""  # what a screen reader says of the element that has the focus, and whether a ring is drawn
ONLY_FAULTS = {"resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def filled_server(live_server, tmp_path_factory):
    """The app with a dataset, an evaluated model and a finished run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FER_HOME", str(live_server.home))
        faces = tmp_path_factory.mktemp("faces") / "drawn"
        write_drawn_faces(faces, num_train=70, num_test=14)
        add_dataset(faces, name="drawn")
        job = "fer_core.models.assessment:evaluate_job"
        run_here(live_server.home / "jobs" / "measured", job, MEASURED, title="Evaluating")
        start_growing_run(live_server.home / "runs", "short", seconds=0.01, epochs=3)
    return live_server


@pytest.fixture(scope="module")
def same_page(browser):
    """One page for all addresses: what it has fetched once it need not fetch again."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(filled_server, same_page: Page, name):
    (address, ready), page = PAGES[name], same_page
    page.emulate_media(color_scheme="light")
    page.goto(f"{filled_server.url}/{address}")
    if name == "prediction":
        page.get_by_role("button", name="Six drawn faces").click(timeout=WAIT)
    expect(page.get_by_text(ready).first).to_be_attached(timeout=WAIT)
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground, timeout=WAIT)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=WAIT)
        page.wait_for_timeout(400)  # colours change slowly
        assert _serious(page) == [], scheme


def _serious(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=ONLY_FAULTS).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:300]}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_an_example_photo_is_read_by_keyboard_alone(filled_server, page: Page):
    page.goto(f"{filled_server.url}/prediction?model=default")
    expect(page.get_by_role("button", name="Six drawn faces")).to_be_visible(timeout=WAIT)
    _tab_to(page, "Portrait")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".fer-face")).to_have_count(6, timeout=WAIT)


def test_a_face_is_opened_by_keyboard_alone(filled_server, page: Page):
    page.goto(f"{filled_server.url}/dataset?dataset=drawn")
    expect(page.get_by_role("radio", name="Health")).to_be_visible(timeout=WAIT)
    _tab_to(page, "Health")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("option").first).to_be_visible(timeout=WAIT)
    _tab_to(page, r"(train|test)/\w+/\w+\.png")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible(timeout=WAIT)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=WAIT)


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until something of this name has the focus, and can be seen to have it."""
    passed = []
    for _ in range(80):
        page.keyboard.press("Tab")
        said, is_seen = page.evaluate(FOCUSED)
        if re.search(name, said):
            assert is_seen, said
            return
        passed.append(said)
    pytest.fail(f"Tab does not reach {name}; but {passed}")


def test_one_tap_chooses_a_cell_of_the_confusion_matrix(filled_server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{filled_server.url}/{PAGES['evaluation'][0]}")
    matrix = page.locator(".js-plotly-plot .heatmaplayer").first
    expect(matrix).to_be_visible(timeout=WAIT)
    page.wait_for_timeout(1000)  # what stands above it has come by now
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 2.5 / 7, box["y"] + box["height"] * 0.5 / 7)
    expect(page.get_by_text("images of angry are called fear")).to_be_visible(timeout=WAIT)
    expect(page).to_have_url(re.compile("true=angry&predicted=fear"))
    context.close()
