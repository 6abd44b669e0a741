import io
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.pages.conftest import press, rerun, wait_for_end
from tests.scenes import portrait


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


def _cards(app):
    """Return how many faces stand on each open picture."""
    texts = [element.proto.body for element in app.get("html")]
    return [text.count('class="fer-face"') for text in texts if 'class="fer-faces' in text]


def _cards_text(app):
    return "".join(element.proto.body for element in app.get("html"))


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
    assert _cards(app) == [1]
    assert _cards_text(app).count('class="fer-bar') == 7
    assert app.expander[0].label.startswith(r"**portrait\.jpg** · 1 face\: ")
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Annotated picture", "Table (CSV)", "Everything (JSON)", "Annotated pictures (zip)"]


def test_a_broken_photo_gets_its_sentence_and_the_others_go_on(open_prediction):
    app = _drop(open_prediction(), cut=PORTRAIT[:5000], text=b"hello", portrait=PORTRAIT)
    assert "2 of 3 photos could not be read" in app.error[0].value
    assert r"cut\.jpg" in app.error[0].value
    assert _table(app)["image"].tolist() == ["portrait.jpg"]


def test_where_no_face_is_found_the_whole_picture_can_be_taken_and_given_up_again(open_prediction):
    app = _drop(open_prediction(), wall=WALL)
    assert "No face was found" in app.info[0].value
    assert not app.dataframe
    press(app, "Treat the whole picture as a face")
    assert len(_table(app)) == 1
    press(app, "Look for faces again")
    assert not app.dataframe


def test_all_pictures_without_a_face_can_be_taken_at_once(open_prediction):
    app = _drop(open_prediction(), wall=WALL, other=_jpeg(np.full((90, 90, 3), 80, np.uint8)), portrait=PORTRAIT)
    press(app, "Treat all 2 photos without a face as one face each")
    assert len(_table(app)) == 3


def test_the_switch_takes_each_picture_as_one_face(open_prediction):
    app = _drop(open_prediction(), wall=WALL, portrait=PORTRAIT)
    assert _table(app)["image"].tolist() == ["portrait.jpg"]
    app.toggle(key="whole").set_value(True)
    rerun(app)
    assert _table(app)["image"].tolist() == ["wall.jpg", "portrait.jpg"]


def test_the_same_picture_dropped_twice_is_shown_twice(open_prediction):
    app = _drop(open_prediction(), one=PORTRAIT, two=PORTRAIT)
    assert _table(app)["image"].tolist() == ["one.jpg", "two.jpg"]


def test_many_photos_are_folded_beyond_the_first_few_and_stand_on_pages(open_prediction):
    app = _drop(open_prediction(), **{f"photo{number}": PORTRAIT for number in range(30)})
    assert len(_table(app)) == 30
    assert len([expander for expander in app.expander if "photo" in expander.label]) == 25
    assert _cards(app) == [1, 1, 1]


def test_an_example_is_one_click_and_every_face_of_a_crowd_has_a_card(open_prediction):
    app = open_prediction()
    app.button_group(key="examples").set_value(["Thirty drawn faces"])
    rerun(app)
    assert not app.exception
    assert len(_table(app)) == 30
    assert _cards(app) == [30]


def test_the_threshold_changes_who_is_unsure_everywhere(open_prediction):
    app = _drop(open_prediction(), portrait=PORTRAIT)
    for percent, unsure in ((0, False), (99, True)):
        app.slider[0].set_value(percent)
        rerun(app)
        assert _table(app)["unsure"].tolist() == [unsure]
        assert ("unsure</h4>" in _cards_text(app)) == unsure
        assert ("unsure" in app.expander[0].label) == unsure


def test_a_heat_map_takes_the_crops_place_on_demand(open_page):
    app = _drop(open_page("prediction"), portrait=PORTRAIT)  # the model that comes along has class maps
    assert "what speaks for" not in _cards_text(app)
    next(toggle for toggle in app.toggle if toggle.label == "Heat map").set_value(True)
    rerun(app)
    assert "what speaks for happy" in _cards_text(app)
    next(box for box in app.selectbox if box.label == "What speaks for").set_value("sad")
    rerun(app)
    assert "what speaks for sad" in _cards_text(app)


def test_the_model_that_comes_along_says_how_often_it_is_right(open_page):
    app = _drop(open_page("prediction"), portrait=PORTRAIT)
    assert "This model is right on 8" in _cards_text(app)


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


def test_a_batch_needs_a_path_or_files(open_page):
    app = press(open_page("prediction", view="batch"), "Read all pictures")
    assert "Type the path" in app.warning[0].value


@pytest.mark.slow
def test_a_folder_is_read_by_a_job_and_closing_it_deletes_its_files(open_page, model_home, tmp_path):
    folder = tmp_path / "party"
    folder.mkdir()
    (folder / "me.jpg").write_bytes(PORTRAIT)
    (folder / "cut.jpg").write_bytes(PORTRAIT[:5000])
    app = open_page("prediction", view="batch")
    app.text_input(key="batch-path").set_value(str(folder))
    press(app, "Read all pictures")
    job = model_home / "jobs" / "predict-pictures"
    assert wait_for_end(job).state == "completed"
    rerun(app)
    assert "**1** face on **1** picture;" in " ".join(element.value for element in app.markdown)
    assert "**1** file could not be read" in " ".join(element.value for element in app.markdown)
    assert len(_table(app)) == 1
    press(app, "Close")
    assert not job.exists()
