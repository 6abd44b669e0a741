"""Pictures in, results out: each computed once, a broken one told in a sentence."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_app.prediction.photo_downloads import annotated_zip, faces_table, file_stem, results_json
from fer_app.prediction.photo_overlay import annotated_picture, draw_overlay
from fer_app.prediction.photo_results import (
    REDUCED_SIDE,
    ReadingWay,
    ResultStore,
    in_words,
    likeliest,
    summary,
    with_threshold,
)
from fer_app.prediction.photo_sources import Picture
from fer_core.faces import FaceDetector
from fer_core.prediction.predictor import Predictor
from fer_core.prediction.results import Face
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import grid, portrait


def _png(image):
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, "PNG")
    return stored.getvalue()


def _picture(digest, content, name="me.png"):
    return Picture(name, digest, f"{digest}-1", lambda: content)


PORTRAIT = _png(portrait())
WALL = _png(np.full((60, 80, 3), 200, np.uint8))
WAY = ReadingWay("m")


@pytest.fixture
def classifier():
    return BrightnessClassifier()


@pytest.fixture
def predictor(classifier):
    return Predictor(classifier, FaceDetector())


@pytest.fixture
def read(predictor):
    store = ResultStore()
    return lambda picture, way=WAY, threshold=0.5: with_threshold(store.result(picture, predictor, way), threshold)


def _decoded(content):
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


def test_a_picture_becomes_faces_table_and_overlay(read):
    result = read(_picture("1", PORTRAIT, "flight/me.png"))
    assert result.error is None
    assert faces_table([result], result.class_names)["image"].tolist() == ["flight/me.png"]
    assert _decoded(draw_overlay(result, 900)).shape == (512, 512, 3)
    assert _decoded(annotated_picture(result)).shape == (512, 512, 3)
    assert summary(result).startswith("1 face: ")


def test_the_same_content_is_computed_once_whatever_its_name(read, classifier):
    first, again = read(_picture("1", PORTRAIT, "a.png")), read(_picture("1", PORTRAIT, "b.png"))
    assert len(classifier.calls) == 1
    assert [result.prediction.name for result in (first, again)] == ["a.png", "b.png"]


@pytest.mark.parametrize(
    "way",
    [ReadingWay("m", faces="whole"), ReadingWay("m", views="one"), ReadingWay("other")],
    ids=["mode", "views", "model"],
)
def test_another_way_is_computed_and_the_first_is_kept(read, classifier, way):
    for each in (WAY, way, WAY):
        read(_picture("1", PORTRAIT), each)
    assert len(classifier.calls) == 2


def test_a_removed_picture_leaves_nothing_in_memory(predictor):
    store, pictures = ResultStore(), [_picture("1", PORTRAIT), _picture("2", WALL)]
    for picture in pictures:
        store.result(picture, predictor, WAY)
    store.keep_only(pictures[1:])
    assert len(store) == 1
    store.keep_only([])
    assert len(store) == 0


def test_results_stay_within_their_room(predictor):
    store = ResultStore(room=100_000)
    for number in range(5):
        store.result(_picture(str(number), PORTRAIT), predictor, WAY)
    assert 1 <= len(store) < 5


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(PORTRAIT[: len(PORTRAIT) // 2], "damaged", id="cut"),
        pytest.param(b"hello", "JPEG, PNG", id="text"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(_png(np.zeros((1, 5_000_000), np.uint8)), "a side of at most", id="one-line"),
    ],
)
def test_a_broken_picture_gets_a_sentence(read, content, told):
    result = read(_picture("1", content))
    assert told in result.error
    assert result.faces == ()


def test_no_face_is_a_result_and_the_whole_picture_can_be_taken(read):
    nothing = read(_picture("1", WALL))
    assert (nothing.faces, nothing.error, summary(nothing)) == ((), None, "no face found")
    whole = read(_picture("1", WALL), ReadingWay("m", faces="whole"))
    assert [face.label for face in whole.faces] == ["happy"]


@pytest.mark.parametrize("shape", [(3000, 2000), (4000, 3), (30, 20)])
@pytest.mark.parametrize("width", [900, 350])
def test_overlays_stay_small(read, shape, width):
    result = read(_picture("1", _png(np.zeros((*shape, 3), np.uint8))))
    assert max(_decoded(draw_overlay(result, width)).shape) <= REDUCED_SIDE


def test_a_result_keeps_no_pixels_of_the_picture(read):
    result = read(_picture("1", _png(np.zeros((1500, 2000, 3), np.uint8))))
    assert result.prediction.image.shape == (1500, 2000, 3)
    assert result.prediction.image.strides[:2] == (0, 0)  # one pixel stands for all


def test_the_threshold_decides_who_is_unsure_and_why(read):
    picture = _picture("1", PORTRAIT)
    sure, unsure = read(picture, threshold=0.0).faces[0], read(picture, threshold=1.0).faces[0]
    assert (sure.unsure, sure.unsure_reason) == (False, "")
    assert unsure.unsure
    assert unsure.unsure_reason
    assert sure.probabilities is unsure.probabilities


def test_a_face_that_is_hard_to_read_is_unsure_at_any_threshold_as_everywhere(predictor, read):
    dark = _png((portrait() * 0.1).astype(np.uint8))
    (face,) = read(_picture("1", dark), threshold=0.0).faces
    (elsewhere,) = predictor.predict(dark).faces
    assert (face.unsure, face.unsure_reason) == (True, "dark") == (elsewhere.unsure, elsewhere.unsure_reason)


def test_table_json_and_zip_agree(read):
    import json
    import zipfile

    from tests.models.networks import make_info

    class Model:
        name = "m"
        info = make_info()

        def digest(self):
            return "abc"

    group = read(_picture("1", _png(grid(1600, 900, 4, 2)[0]), "group.png"))
    results = [group, read(_picture("2", PORTRAIT)), read(_picture("3", b"x")), read(_picture("4", PORTRAIT))]
    table = faces_table(results, group.class_names)
    assert table["image"].tolist() == ["group.png"] * 8 + ["me.png"] * 2
    assert table["face"].tolist() == [*range(1, 9), 1, 1]
    told = json.loads(results_json(results, Model()))
    assert [len(picture.get("faces", ())) for picture in told["pictures"]] == [8, 1, 0, 1]
    assert "JPEG" in told["pictures"][2]["error"]
    names = zipfile.ZipFile(io.BytesIO(annotated_zip(results))).namelist()
    assert names == ["NOTICE.txt", "group-annotated.jpg", "me-annotated.jpg", "004-me-annotated.jpg"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [("a/b/party.heic", "party"), ("..\\x.png", "x"), ('a:b?"c".jpg', "a-b-c-"), ("...", "picture"), ("", "picture")],
)
def test_file_names_are_safe_everywhere(name, stem):
    assert file_stem(name) == stem


@pytest.mark.parametrize(("unsure", "words"), [(False, "sad, 90 %"), (True, "unsure")])
def test_a_face_is_told_in_words(unsure, words):
    values = np.array([0.1, 0.9], np.float32)
    face = Face((0, 0, 1, 1), None, None, values, "sad", float(values[1]), unsure, np.zeros((48, 48, 1), np.uint8))
    assert in_words(face) == words
    assert likeliest(face, ("happy", "sad")) == "sad 90 %, happy 10 %"
