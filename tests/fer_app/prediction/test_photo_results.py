"""Photos in, results out: each computed once, a broken one told in a sentence."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_app.prediction.photo_results import OVERLAY_SIDE, all_faces, in_words, read_photos, summary
from fer_core.faces import FaceDetector
from fer_core.prediction.predictor import Predictor
from fer_core.prediction.results import Face
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import grid, portrait


@dataclass
class Upload:
    file_id: str
    name: str
    content: bytes

    def getvalue(self):
        return self.content


def _png(image):
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, "PNG")
    return stored.getvalue()


@pytest.fixture(scope="module")
def portrait_png():
    return _png(portrait())


@pytest.fixture
def classifier():
    return BrightnessClassifier()


@pytest.fixture
def read(classifier):
    predictor, cache = Predictor(classifier, FaceDetector()), {}

    def read_(*photos, whole=(), model_digest="m"):
        return list(read_photos(photos, predictor, model_digest=model_digest, whole=whole, cache=cache))

    return read_


def test_a_photo_becomes_overlay_faces_and_table(read, portrait_png):
    (result,) = read(Upload("1", "flight/me.png", portrait_png))
    assert result.error is None
    assert len(result.faces) == len(result.table) == 1
    assert result.table["image"].tolist() == ["flight/me.png"]
    assert cv2.imdecode(np.frombuffer(result.overlay, np.uint8), cv2.IMREAD_COLOR).shape == (512, 512, 3)
    assert summary(result).startswith("1 face: ")


def test_the_same_photo_is_not_computed_again(read, classifier, portrait_png):
    photo = Upload("1", "me.png", portrait_png)
    (first,) = read(photo)
    (again,) = read(photo)
    assert again is first
    assert len(classifier.calls) == 1


@pytest.mark.parametrize("change", [{"whole": ("1",)}, {"model_digest": "other"}], ids=["mode", "model"])
def test_another_mode_or_model_is_computed(read, classifier, portrait_png, change):
    photo = Upload("1", "me.png", portrait_png)
    read(photo)
    read(photo, **change)
    assert len(classifier.calls) == 2


def test_a_removed_photo_leaves_nothing_in_memory(classifier, portrait_png):
    predictor, cache = Predictor(classifier, FaceDetector()), {}
    for photos in ([Upload("1", "a.png", portrait_png), Upload("2", "b.png", portrait_png)], [], []):
        list(read_photos(photos, predictor, model_digest="m", whole=(), cache=cache))
    assert cache == {}


def test_a_broken_photo_gets_a_sentence_and_the_others_go_on(read, portrait_png):
    photos = [
        Upload("1", "cut.png", portrait_png[: len(portrait_png) // 2]),
        Upload("2", "text.jpg", b"hello"),
        Upload("3", "empty.jpg", b""),
        Upload("4", "me.png", portrait_png),
    ]
    results = read(*photos)
    assert [result.error is None for result in results] == [False, False, False, True]
    assert "damaged" in results[0].error
    assert "JPEG, PNG" in results[1].error
    assert all_faces(results)["image"].tolist() == ["me.png"]


def test_no_face_is_a_result_and_the_whole_picture_can_be_taken(read):
    photo = Upload("1", "wall.png", _png(np.full((60, 80, 3), 200, np.uint8)))
    (nothing,) = read(photo)
    assert (nothing.faces, nothing.error, summary(nothing)) == ((), None, "no face found")
    (whole,) = read(photo, whole={"1"})
    assert len(whole.table) == 1
    assert whole.faces[0].label == "happy"


@pytest.mark.parametrize("shape", [(3000, 2000), (4000, 3), (30, 20)])
def test_overlays_stay_small(read, shape):
    (result,) = read(Upload("1", "x.png", _png(np.zeros((*shape, 3), np.uint8))))
    overlay = cv2.imdecode(np.frombuffer(result.overlay, np.uint8), cv2.IMREAD_COLOR)
    assert max(overlay.shape) <= OVERLAY_SIDE


def test_the_table_keeps_the_order_of_the_photos_and_faces(read, portrait_png):
    group = Upload("1", "group.png", _png(grid(1600, 900, 4, 2)[0]))
    table = all_faces(read(group, Upload("2", "me.png", portrait_png)))
    assert table["image"].tolist() == ["group.png"] * 8 + ["me.png"]
    assert table["face"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 1]


def test_without_faces_the_table_is_empty():
    assert all_faces([]).empty


@pytest.mark.parametrize(
    ("probabilities", "unsure", "words"),
    [([0.1, 0.9], False, "sad, 90 %"), ([0.45, 0.55], True, "unsure: sad 55 %, happy 45 %")],
)
def test_a_face_is_told_in_words(probabilities, unsure, words):
    values = np.array(probabilities, np.float32)
    face = Face((0, 0, 1, 1), None, None, values, "sad", float(values[1]), unsure, np.zeros((48, 48, 1), np.uint8))
    assert in_words(face, ("happy", "sad")) == words
