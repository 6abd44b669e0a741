import hashlib
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import cv2
import numpy as np
import pytest
from skimage import data

from fer_core.errors import ModelError
from fer_core.faces import detection
from fer_core.faces.detection import Detection, FaceDetector
from tests.scenes import FACE_IN_PORTRAIT, Place, grid, portrait, scene


@pytest.fixture(scope="module")
def detector():
    return FaceDetector()


def iou(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    overlap = max(0, width) * max(0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return overlap / (sum(areas) - overlap)


def test_portrait_gives_one_face_with_landmarks_inside_the_box(detector):
    (face,) = detector.detect(portrait())
    assert isinstance(face, Detection)
    assert iou(face.bbox, FACE_IN_PORTRAIT) > 0.85
    assert 0.9 < face.score <= 1.0
    assert face.landmarks.shape == (5, 2)
    assert (face.landmarks > face.bbox[:2]).all()
    assert (face.landmarks < face.bbox[2:]).all()


def test_landmarks_begin_with_the_eye_on_the_left_of_the_picture(detector):
    (face,) = detector.detect(portrait())
    right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < nose[0] < left_mouth[0]
    assert right_eye[1] < nose[1] < right_mouth[1]


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"),
    [
        pytest.param(900, 600, 3, 2, id="6 faces"),
        pytest.param(1280, 900, 5, 4, id="20 faces"),
        pytest.param(1280, 900, 6, 5, id="30 faces"),
        pytest.param(6000, 4000, 3, 2, id="24 megapixels"),
        pytest.param(320, 200, 4, 2, id="faces of 35 pixels"),
    ],
)
def test_every_face_of_a_scene_is_found_once(detector, width, height, columns, rows):
    image, places = grid(width, height, columns, rows)
    found = detector.detect(image)
    assert len(found) == len(places)
    for place in places:
        assert max(iou(face.bbox, place) for face in found) > 0.6


@pytest.mark.parametrize("size", [48, 96, 192, 320, 640, 960, 1280, 3000])
def test_face_that_fills_the_frame_is_found_once_at_any_size(detector, size):
    image, (place,) = scene(size, size, [Place(size / 2, size / 2, height=size * 0.85)])
    (face,) = detector.detect(image)
    assert iou(face.bbox, place) > 0.6


@pytest.mark.parametrize("tilt", [-30, -20, -10, 10, 20, 30])
def test_tilted_face_is_found(detector, tilt):
    image, _ = scene(640, 480, [Place(300, 240, height=150, tilt=tilt)])
    assert len(detector.detect(image)) == 1


@pytest.mark.parametrize("light", [0.15, 0.4, 1.6])
def test_dark_and_bright_faces_are_found(detector, light):
    image, _ = scene(640, 480, [Place(300, 240, height=150, light=light)])
    assert len(detector.detect(image)) == 1


def test_noise_at_full_size_does_not_hide_faces(detector):
    image, places = grid(1280, 900, 3, 2)
    noise = np.random.default_rng(0).normal(0, 35, image.shape)
    assert len(detector.detect((image + noise).clip(0, 255).astype(np.uint8))) == len(places)


def test_faces_come_left_to_right(detector):
    image, _ = grid(900, 600, 3, 2)
    lefts = [face.bbox[0] for face in detector.detect(image)]
    assert lefts == sorted(lefts)


@pytest.mark.parametrize("name", ["coffee", "chelsea", "coins", "brick", "grass", "immunohistochemistry"])
def test_picture_without_a_face_gives_an_empty_list(detector, name):
    image = getattr(data, name)()
    image = np.dstack([image] * 3) if image.ndim == 2 else image
    assert detector.detect(image) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (2, 3), (16, 16), (47, 31), (1, 4000), (4000, 1), (10, 30000)], ids=lambda shape: f"{shape}"
)
def test_tiny_and_narrow_pictures_give_an_empty_list(detector, shape):
    assert detector.detect(np.full((*shape, 3), 128, np.uint8)) == []


def test_view_into_a_larger_array_gives_the_same_boxes(detector):
    (whole,) = detector.detect(portrait())
    around = np.zeros((700, 700, 3), np.uint8)
    around[50:562, 90:602] = portrait()
    (part,) = detector.detect(around[50:562, 90:602])
    assert part.bbox == whole.bbox


def test_a_face_found_in_both_passes_lies_where_they_agree(detector):
    image, _ = scene(900, 700, [Place(450, 350, 200)])
    (both,) = detector.detect(image)
    (few,), (many,) = (detector.detect(image, passes=(side,)) for side in detector.passes)
    assert both.score == max(few.score, many.score)
    for mean, one, other in zip(both.bbox, few.bbox, many.bbox, strict=True):
        assert min(one, other) - 1e-3 <= mean <= max(one, other) + 1e-3
    assert both.bbox not in (few.bbox, many.bbox)


@pytest.mark.parametrize("passes", [(), (300,), (1280,)], ids=str)
def test_passes_of_one_picture_are_checked_too(detector, passes):
    with pytest.raises(ValueError, match="expected passes"):
        detector.detect(portrait(), passes=passes)


def test_one_pass_for_live_pictures_finds_the_portrait():
    assert len(FaceDetector(passes=(320,)).detect(portrait())) == 1


def test_threads_share_a_detector_without_mixing_up_pictures(detector):
    pictures = [grid(400, 300, 2, 1)[0], portrait(), grid(900, 600, 3, 2)[0], data.coffee()]
    expected = [[face.bbox for face in detector.detect(picture)] for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(detector.detect, pictures * 8))
    assert [[face.bbox for face in faces] for faces in found] == expected * 8


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(np.zeros((9, 9), np.uint8), r"received \(9, 9\) uint8", id="grey"),
        pytest.param(np.zeros((9, 9, 3), np.float32), "float32", id="float"),
        pytest.param(np.zeros((9, 9, 4), np.uint8), r"\(9, 9, 4\)", id="four channels"),
        pytest.param(np.zeros((0, 9, 3), np.uint8), r"\(0, 9, 3\)", id="empty"),
    ],
)
def test_other_arrays_are_refused(detector, image, expected):
    with pytest.raises(ValueError, match=expected):
        detector.detect(image)


@pytest.mark.parametrize(
    ("passes", "min_score"),
    [
        pytest.param((), 0.6, id="no pass"),
        pytest.param((320, 1280), 0.6, id="pass too large"),
        pytest.param((320,), 0.0, id="score 0"),
        pytest.param((320,), 60, id="percent"),
    ],
)
def test_settings_out_of_range_are_refused(passes, min_score):
    with pytest.raises(ValueError, match="expected"):
        FaceDetector(passes, min_score)


def test_file_is_the_published_one_with_its_licence_beside_it():
    folder = resources.files("fer_core.faces").joinpath("yunet")
    content = folder.joinpath(detection.YUNET_FILE).read_bytes()
    assert hashlib.sha256(content).hexdigest() == detection.YUNET_SHA256
    assert "Shiqi Yu" in folder.joinpath("LICENSE").read_text()
    assert "WIDER FACE" in folder.joinpath("NOTICE").read_text()


def test_damaged_file_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(detection, "YUNET_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"yunet.*is damaged.*Install the program again"):
        FaceDetector()


def test_loading_prints_no_warnings_and_keeps_the_log_level(capfd):
    level = cv2.utils.logging.getLogLevel()
    FaceDetector()
    assert cv2.utils.logging.getLogLevel() == level
    assert capfd.readouterr().err == ""
