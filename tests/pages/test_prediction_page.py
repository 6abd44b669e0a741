import io
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.pages.conftest import press, rerun
from tests.scenes import grid, portrait


@pytest.fixture
def model_home(home, tiny_package):
    """A FER_HOME with the model `tiny`."""
    shutil.copytree(tiny_package.folder, home / "models" / "tiny")
    return home


@pytest.fixture
def open_prediction(model_home, open_page):
    return lambda: open_page("prediction", model="tiny")


def _jpeg(image):
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, "JPEG")
    return stored.getvalue()


def _drop(app, **contents):
    app.file_uploader[0].set_value([(f"{name}.jpg", content, "image/jpeg") for name, content in contents.items()])
    return rerun(app)


def _table(app):
    return app.dataframe[0].value


def _charts(app):
    return len(app.get("plotly_chart"))


PORTRAIT = _jpeg(portrait())
WALL = _jpeg(np.full((200, 200, 3), 120, np.uint8))


def test_without_photos_the_page_says_what_to_do(open_prediction):
    app = open_prediction()
    assert "Drop one or many photos" in app.info[0].value
    assert not app.dataframe


def test_a_photo_gives_faces_bars_and_a_table(open_prediction):
    app = _drop(open_prediction(), portrait=PORTRAIT)
    table = _table(app)
    assert table["image"].tolist() == ["portrait.jpg"]
    assert table.filter(like="p_").sum(axis=1).tolist() == pytest.approx([1])
    assert _charts(app) == 1
    assert app.expander[0].label.startswith(r"**portrait\.jpg** · 1 face: ")
    (download,) = app.get("download_button")
    assert download.proto.label == "Download the table (CSV)"


def test_a_broken_photo_gets_its_sentence_and_the_others_go_on(open_prediction):
    app = _drop(open_prediction(), cut=PORTRAIT[:5000], text=b"hello", portrait=PORTRAIT)
    assert "2 of 3 photos could not be read" in app.error[0].value
    assert r"cut\.jpg" in app.error[0].value
    assert _table(app)["image"].tolist() == ["portrait.jpg"]


def test_where_no_face_is_found_the_whole_picture_can_be_taken(open_prediction):
    app = _drop(open_prediction(), wall=WALL)
    assert "No face was found" in app.info[0].value
    assert not app.dataframe
    press(app, "Treat the whole picture as a face")
    assert len(_table(app)) == 1


def test_the_switch_takes_each_picture_as_one_face(open_prediction):
    app = _drop(open_prediction(), wall=WALL, portrait=PORTRAIT)
    assert _table(app)["image"].tolist() == ["portrait.jpg"]
    app.toggle(key="whole").set_value(True)
    rerun(app)
    assert _table(app)["image"].tolist() == ["wall.jpg", "portrait.jpg"]


def test_many_photos_are_folded_beyond_the_first_few(open_prediction):
    app = _drop(open_prediction(), **{f"photo{number}": PORTRAIT for number in range(8)})
    assert len(app.expander) == len(_table(app)) == 8
    assert _charts(app) == 3


def test_a_crowd_is_shown_in_part_until_asked_for(open_prediction):
    app = _drop(open_prediction(), crowd=_jpeg(grid(1600, 900, 4, 2)[0]))
    assert len(_table(app)) == 8
    assert _charts(app) == 6
    next(toggle for toggle in app.toggle if toggle.label == "Show all 8 faces").set_value(True)
    rerun(app)
    assert _charts(app) == 8


def test_photos_leave_nothing_on_disk(open_prediction, model_home, tmp_path):
    before = sorted(path for path in tmp_path.rglob("*"))
    _drop(open_prediction(), portrait=PORTRAIT, text=b"hello")
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_damaged_model_is_told_and_another_can_be_chosen(open_prediction, model_home):
    app = open_prediction()
    (model_home / "models" / "tiny" / "model.tflite").write_bytes(b"nothing")
    rerun(app)
    assert "cannot be used" in app.error[0].value
    assert app.selectbox(key="model").value == "tiny"


def test_without_a_model_the_page_leads_to_training(open_page, monkeypatch, tmp_path):
    monkeypatch.setattr("fer_core.models.catalog._SHIPPED_FOLDER", tmp_path / "none")
    app = open_page("prediction")
    assert "no model" in app.info[0].value
    assert not app.file_uploader
