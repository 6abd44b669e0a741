import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import exclude, read_corrections, relabel
from tests.dataset.pictures import write_class_folders

PLACES = ("train/happy", "train/sad", "test/happy", "test/sad")
NUM_IMAGES = 40  # in each place


@pytest.fixture
def dataset(fer_home, tmp_path) -> Dataset:
    return add_dataset(write_class_folders(tmp_path / "faces", PLACES, NUM_IMAGES), name="faces")


@pytest.fixture
def browse(dataset) -> Callable[..., AppTest]:
    def open_(**query: str) -> AppTest:
        app = AppTest.from_function(_page, default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = value
        return _checked(app.run())

    return open_


def _page() -> None:
    from fer_app.dataset.browse_view import show_browse
    from fer_core.dataset import open_dataset

    show_browse(open_dataset("faces"))


def _checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def _grid(app: AppTest) -> dict[str, Any]:
    contents = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return next(content for content in contents if "cells" in content)


def _shown(app: AppTest) -> list[str]:
    return [cell["path"] for cell in _grid(app)["cells"]]


def _press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return _checked(app.run())


def test_a_page_is_one_element_and_one_picture(browse):
    app = browse(page_size="120", page="2")
    grid = _grid(app)
    assert len(grid["cells"]) == 40
    assert (grid["first"], grid["total"], grid["num_pages"]) == (121, 160, 2)
    assert len(app.get("bidi_component")) == 2
    assert any("160" in text.value for text in app.markdown)


def test_the_url_is_the_view(browse):
    app = browse(split="train", label="sad", name="/1", sort="-path", dataset="faces")
    assert _shown(app)[:2] == ["train/sad/19.png", "train/sad/18.png"]
    assert app.selectbox(key="browse-split").value == "train"
    assert app.query_params["dataset"] == "faces"
    again = browse(**app.query_params)
    assert _shown(again) == _shown(app)


def test_a_filter_changes_the_url_and_starts_at_the_first_page(browse):
    app = browse(page="2")
    app.selectbox(key="browse-label").select("sad")
    _checked(app.run())
    assert app.query_params["label"] == "sad"
    assert "page" not in app.query_params
    assert {path.split("/")[1] for path in _shown(app)} == {"sad"}


def test_another_url_sets_the_boxes_as_the_back_button_does(browse):
    app = browse(label="sad", page="2")
    app.query_params["label"] = "happy"
    del app.query_params["page"]
    _checked(app.run())
    assert app.selectbox(key="browse-label").value == "happy"
    assert app.number_input(key="browse-page").value == 1
    assert _grid(app)["cells"][0]["label"] == "happy"


def test_an_empty_view_names_its_filters_and_lets_each_be_cleared(browse):
    app = browse(label="sad", name="nowhere")
    assert "nowhere" in app.info[0].value
    assert "sad" in app.info[0].value
    _press(app, "Clear name")
    assert "name" not in app.query_params
    assert len(_shown(app)) == 60


def test_a_value_that_does_not_exist_stays_visible_and_can_be_cleared(browse):
    app = browse(label="puzzled", split="nowhere")
    assert app.selectbox(key="browse-label").value == "puzzled"
    _press(app, "Clear all filters")
    assert _grid(app)["total"] == 160


def test_changed_pictures_keep_their_place_until_the_filters_are_applied_again(browse, dataset):
    app = browse(split="train", label="sad")
    first, second = (cell["id"] for cell in _grid(app)["cells"][:2])
    relabel(dataset, [first], "happy", author="x")
    exclude(dataset, [second], author="x")
    _checked(app.run())
    cells = _grid(app)["cells"]
    assert [cell["id"] for cell in cells[:2]] == [first, second]
    assert (cells[0]["label"], cells[0]["was"], cells[1]["excluded"]) == ("happy", "sad", True)
    _press(app, ":material/refresh:")
    assert _grid(app)["total"] == NUM_IMAGES - 2
    assert _shown(browse(check="excluded")) == [cells[1]["path"]]
    assert _shown(browse(check="relabelled")) == [cells[0]["path"]]


def test_the_pictures_of_a_page_are_sent_once_for_all_its_edits(browse, dataset):
    def mosaic(app: AppTest) -> str:
        return next(element.proto.json for element in app.get("bidi_component") if "url" in element.proto.json[:200])

    app = browse()
    before = mosaic(app)
    relabel(dataset, [0], "sad", author="x")
    assert mosaic(_checked(app.run())) == before


def test_an_open_picture_can_be_corrected_and_walked_from(browse, dataset):
    app = browse(split="train", image=str(_id_of(dataset, "train/happy/0.png")))
    assert any("train/happy/0.png" in text.value for text in app.markdown)
    _press(app, "sad")
    assert read_corrections(dataset)["path"].tolist() == ["train/happy/0.png"]
    assert any("1 picture labelled sad" in text.value for text in app.caption)
    _press(app, "Undo")
    _press(app, "Next")
    assert app.query_params["image"] == str(_id_of(dataset, "train/happy/1.png"))


def test_the_test_split_is_guarded_until_the_person_agrees(browse, dataset):
    app = browse(split="test", image=str(_id_of(dataset, "test/sad/3.png")))
    assert _grid(app)["guarded_splits"] == ["test"]
    assert "sad" not in [button.label for button in app.button]
    assert "cannot be compared" in app.warning[0].value
    _press(app, "Change the test split")
    assert not app.warning
    assert _grid(_checked(app.run()))["guarded_splits"] == []


@pytest.mark.parametrize("image", ["99999", "x"])
def test_an_image_that_does_not_exist_opens_nothing(browse, image):
    assert _grid(browse(image=image))["opened"] is None


def _id_of(dataset: Dataset, path: str) -> int:
    return int(dataset.index.table["path"].tolist().index(path))
