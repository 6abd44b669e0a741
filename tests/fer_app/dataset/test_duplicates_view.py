"""The duplicates of a dataset on a page: an offer to look, good news, and groups whose pictures can be excluded."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.corrections.edits import read_corrections
from fer_core.dataset.duplicates.pairs import duplicates_of
from tests.dataset.pictures import write_class_folders, write_picture


def _page() -> None:
    from fer_app.dataset.duplicates_view import show_duplicates
    from fer_core.dataset import open_dataset

    show_duplicates(open_dataset("faces"))


@pytest.fixture
def folder(fer_home, tmp_path, monkeypatch):
    """Class folders of noise; a function run as an app has no other page to link to."""
    monkeypatch.setattr(st, "page_link", lambda *arguments, **options: None)
    return write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy"])


def _open(**query: str) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def test_before_the_search_it_is_offered(folder):
    add_dataset(folder, name="faces")
    app = _open()
    assert "Nobody has looked" in app.info[0].value
    assert [button.label for button in app.button] == ["Look for duplicates"]


def test_no_leaks_are_good_news(folder):
    duplicates_of(add_dataset(folder, name="faces"))
    assert "No leaks" in _open().success[0].value


def test_a_leak_can_be_excluded_from_train(folder):
    write_picture(folder / "test" / "happy" / "again.png", seed=1001)
    duplicates_of(add_dataset(folder, name="faces"))
    app = _open()
    assert any("1 of 6 in train, 1 of 4 in test, in 1 group" in text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Exclude from train").click().run()
    assert not app.exception, app.exception
    assert read_corrections(open_dataset("faces"))["path"].tolist() == ["train/sad/1.png"]
    assert "No leaks" in app.success[0].value


def test_the_link_decides_which_kind_is_shown(folder):
    write_picture(folder / "train" / "happy" / "again.png", seed=1001)
    duplicates_of(add_dataset(folder, name="faces"))
    app = _open(twins="contradicting")
    assert any("2 of 10 pictures in 1 group" in text.value for text in app.markdown)
