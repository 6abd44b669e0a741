"""The app as a visitor's session runs it: one page, its limits, and the notes about pictures and law."""

import io

import pytest
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest

from fer_app.prediction.photo_results import ReadingWay, ResultStore
from fer_app.prediction.photo_sources import Picture
from fer_app.prediction.photo_turns import photo_turns
from fer_app.responsible_use import LAW, NOTICE, RIGHTS
from fer_core.labels import LABEL_NOTICE
from tests.source_tree import PROJECT


@pytest.fixture
def app(fer_home, monkeypatch):
    """The app, entered at its start; a visitor's when the server is shared."""
    details = config.get_option("client.showErrorDetails")

    def open_(access):
        monkeypatch.setenv("FER_ACCESS", access)
        app = AppTest.from_file(str(PROJECT / "fer_app" / "main.py"), default_timeout=60)
        app.run()
        assert not app.exception
        return app

    yield open_
    config.set_option("client.showErrorDetails", details)


def test_a_visitor_starts_on_prediction_and_no_other_page_is_there(app):
    visitor = app("shared")
    assert [title.value for title in visitor.title] == ["Prediction"]
    with pytest.raises(ValueError, match="Could not find"):
        visitor.switch_page("../pages/dataset.py")


@pytest.mark.parametrize("view", ["batch", "photos"])
def test_a_visitor_is_asked_for_no_path_even_if_the_address_names_that_view(app, view):
    visitor = app("shared")
    visitor.query_params["view"] = view
    visitor.run()
    assert not visitor.exception
    assert [box.label for box in visitor.text_input] == []
    assert "Many pictures" not in str(visitor.main)
    assert "Read all pictures" not in [button.label for button in visitor.button]


def test_a_local_app_has_all_pages_and_no_sign_in(app):
    local = app("local")
    assert local.title[0].value == "What does a face show?"
    assert "Datasets, training and models are for those" not in str(local.sidebar)
    local.switch_page("../pages/prediction.py").run()
    assert "Many pictures" in str(local.main)
    local.query_params["view"] = "batch"
    assert [box.label for box in local.run().text_input] == ["Folder, zip or picture on this computer"]


@pytest.mark.parametrize(("access", "place"), [("local", "this computer's memory"), ("shared", "this server's memory")])
def test_every_page_says_what_happens_to_pictures_and_what_the_law_is(app, access, place):
    told = "\n".join(element.value for element in app(access).sidebar.markdown)
    assert place in told
    for word in ("Article 5(1)(f)", "Article 50(3)", LAW, "two of three faces"):
        assert word in told


def test_notice_and_exports_say_what_the_figures_are():
    assert "apparent expression" in NOTICE
    for text in (NOTICE, LABEL_NOTICE, RIGHTS):
        assert "5(1)(f)" in text
    assert "Apparent expression" in LABEL_NOTICE


def test_a_photo_beyond_the_visitors_pixels_is_an_error_before_it_is_decoded():
    packed = io.BytesIO()
    Image.new("1", (200, 100)).save(packed, "PNG")
    picture = Picture("large.png", "digest", "key", packed.getvalue)
    result = ResultStore().result(picture, None, ReadingWay("model"), max_pixels=19_999)
    assert "200 x 100 pixels" in result.error


def test_a_photo_that_found_no_turn_is_read_when_it_is_asked_for_again():
    store, picture = ResultStore(), Picture("x.png", "digest", "key", lambda: b"x")
    turns, taken = photo_turns(), 0
    while turns._places.acquire(blocking=False):
        taken += 1
    assert store.result(picture, None, ReadingWay("model")).is_busy
    for _ in range(taken):
        turns._places.release()
    assert not store.result(picture, None, ReadingWay("model")).is_busy
    assert len(store) == 1
