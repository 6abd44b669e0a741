import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from fer_core.dataset import open_dataset
from fer_core.jobs import list_jobs
from fer_core.models import find_model
from fer_core.models.litert import LiteRtNetwork
from tests.charts.test_report import ROBUSTNESS
from tests.pages.conftest import press, rerun, wait_for_end
from tests.scenes import portrait


@pytest.fixture
def model_home(drawn_home, tiny_package):
    """A home with the dataset `small` and the untrained model `tiny`."""
    shutil.copytree(tiny_package.folder, drawn_home / "models" / "tiny")
    return drawn_home


def _pictures(app):
    return [image for element in app.get("image") for image in element.proto.imgs]


def _texts(app):
    return " ".join(text.value for text in (*app.markdown, *app.caption))


def _open(open_page, **query):
    return open_page("models", model="tiny", view="explain", **query)


def test_a_face_of_the_split_has_two_maps_and_their_agreement(open_page, model_home):
    app = _open(open_page, image="75")
    row = open_dataset("small").index.table.iloc[75]
    texts = _texts(app)
    assert f"labelled **{row['label']}**" in texts
    for words in ("**Class activation**", "**Covered place by place**", "rank correlation"):
        assert words in texts
    assert len(_pictures(app)) == 8 + 3 + 2 * 7  # to choose from, the face and its maps, the maps of all classes


def test_another_class_has_another_map(open_page, model_home):
    app = _open(open_page, image="75")
    (box,) = [each for each in app.selectbox if each.label == "What speaks for"]
    before = [image.url for image in _pictures(app)[9:11]]
    box.select(next(name for name in box.options if name != box.value))
    after = [image.url for image in _pictures(rerun(app))[9:11]]
    assert set(before).isdisjoint(after)


def test_a_face_that_is_chosen_stands_in_the_url(open_page, model_home):
    app = _open(open_page)
    button = [each for each in app.button if each.help and each.help.startswith("Explain ")][3]
    button.click()
    rerun(app)
    (chosen,) = app.query_params["image"]
    assert button.key == f"explain-{chosen}"
    assert f"labelled **{open_dataset('small').index.table.iloc[int(chosen)]['label']}**" in _texts(app)


@pytest.mark.parametrize("text", ["99999", "²"])
def test_a_face_that_is_not_there_gives_way_to_another(open_page, model_home, text):
    assert "rank correlation" in _texts(_open(open_page, image=text))


def test_a_photo_without_a_face_can_be_read_as_a_whole(open_page, model_home):
    app = _open(open_page)
    app.segmented_control(key="explain-source").set_value("A photo of mine")
    rerun(app)
    assert not app.exception
    stored = io.BytesIO()
    Image.fromarray(np.full((60, 60), 90, np.uint8)).save(stored, "PNG")
    app.file_uploader(key="explain-upload").set_value(("grey.png", stored.getvalue(), "image/png"))
    assert "No face was found" in rerun(app).info[0].value
    app.toggle(key="explain-whole").set_value(True)
    assert "Seen as **" in _texts(rerun(app))


def test_the_face_of_a_photo_is_found_and_explained(open_page, model_home):
    app = _open(open_page)
    app.segmented_control(key="explain-source").set_value("A photo of mine")
    rerun(app)
    stored = io.BytesIO()
    Image.fromarray(portrait()).save(stored, "PNG")
    app.file_uploader(key="explain-upload").set_value(("me.png", stored.getvalue(), "image/png"))
    assert "rank correlation" in _texts(rerun(app))


@pytest.mark.slow
def test_a_network_without_class_maps_is_asked_for_its_gradients(open_page, model_home, monkeypatch):
    monkeypatch.setattr(LiteRtNetwork, "has_class_maps", False)
    app = press(_open(open_page, image="75"), "Draw by gradients")
    ((folder, _),) = list_jobs(model_home / "jobs")
    status = wait_for_end(folder)
    assert status is None or status.state == "completed", status.error
    assert "Selvaraju et al. 2017" in _texts(rerun(app))
    assert list_jobs(model_home / "jobs") == []
    assert find_model("tiny").info.name == "tiny"


def test_the_overview_hands_out_the_documents_and_says_what_they_hold(open_page, model_home):
    app = open_page("models", model="tiny")
    assert {"Report (HTML)", "Model card with figures (zip)"} <= {button.label for button in app.download_button}
    assert "Nothing has been measured" in _texts(app)
    digest = find_model("tiny").answers_digest()
    (model_home / "evaluations").mkdir(exist_ok=True)
    (model_home / "evaluations" / "x.json").write_text(json.dumps(ROBUSTNESS | {"network": digest}))
    assert "from 1 measurement on damaged faces" in _texts(rerun(app))
