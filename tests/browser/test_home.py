"""Home in a real browser: entered by its address or by a deep link, on a wide and a narrow screen."""

import re

import pytest
from playwright.sync_api import expect

WAIT = 60_000  # ms; the first answer of a fresh server on a busy computer
OVERFLOW = "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"


@pytest.fixture
def trouble(live_server, page):
    """Errors in the console and requests to other servers, as they come in."""
    local = (live_server.url, live_server.url.replace("http", "ws", 1), "data:", "blob:")
    found = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith(local) else found.append(request.url))
    return found


def test_a_deep_link_on_a_fresh_server_has_the_app_around_it(live_server, page):
    page.goto(f"{live_server.url}/prediction")
    expect(page.get_by_role("heading", name="Prediction")).to_be_visible(timeout=WAIT)
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(6)
    expect(page).to_have_title(re.compile("Prediction"))


def test_home_leads_to_a_dataset_and_back(live_server, page, trouble):
    page.goto(live_server.url)
    page.get_by_role("button", name="Get a dataset").click(timeout=WAIT)
    expect(page).to_have_url(f"{live_server.url}/dataset", timeout=WAIT)
    expect(page.get_by_role("heading", name="Dataset", exact=True)).to_be_visible(timeout=WAIT)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_role("heading", name="What does a face show?")).to_be_visible(timeout=WAIT)
    assert trouble == []


@pytest.mark.parametrize("width", [1280, 390])
def test_home_fits_the_screen_and_fetches_nothing_from_elsewhere(live_server, page, trouble, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(live_server.url)
    expect(page.get_by_text("Article 5(1)(f)")).to_be_visible(timeout=WAIT)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(OVERFLOW) == 0
    assert trouble == []
