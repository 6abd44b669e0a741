from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from fer_core.faces import QUALITY_NOTES, UNRELIABLE, FaceDetector, crop_face, quality_notes
from fer_core.faces.quality import BLURRED_BELOW, share_outside, sharpness, turn
from tests.scenes import Place, grid, portrait, scene


@pytest.fixture(scope="module")
def detector():
    return FaceDetector()


def notes_of(detector, image, size=48, channels=1):
    """The notes of every face of a picture."""
    height, width = image.shape[:2]
    return [
        quality_notes(
            crop_face(image, face.bbox, size=size, channels=channels, landmarks=face.landmarks),
            face.bbox,
            picture_size=(width, height),
            landmarks=face.landmarks,
        )
        for face in detector.detect(image)
    ]


def one(place, width=640, height=480):
    return scene(width, height, [place])[0]


@dataclass(frozen=True)
class Case:
    """A picture of one face and what is to be said about it."""

    image: np.ndarray
    notes: tuple[str, ...]


CASES = {
    "chin near the edge": Case(one(Place(300, 408, 150)), ()),
    "hair above the edge": Case(one(Place(300, 60, 150)), ()),
    "nothing wrong": Case(portrait(), ()),
    "tilted": Case(one(Place(300, 240, 150, tilt=25)), ()),
    "bright": Case(one(Place(300, 240, 150, light=1.4)), ()),
    "a little dark": Case(one(Place(300, 240, 150, light=0.5)), ()),
    "dark": Case(one(Place(300, 240, 150, light=0.15)), ("dark",)),
    "tiny": Case(one(Place(100, 75, 16), 200, 150), ("tiny",)),
    "out of focus": Case(cv2.GaussianBlur(one(Place(300, 240, 150)), (0, 0), 7), ("blurred",)),
    "moving sideways": Case(cv2.blur(one(Place(300, 240, 150)), (31, 1)), ("blurred",)),
    "moving downwards": Case(cv2.blur(one(Place(300, 240, 150)), (1, 31)), ("blurred",)),
    "mouth below the edge": Case(one(Place(300, 440, 150)), ("cut off",)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_face_gets_the_note_of_its_fault_and_no_other(detector, case):
    assert notes_of(detector, case.image) == [case.notes]


@pytest.mark.parametrize(("size", "channels"), [(48, 3), (96, 1), (224, 3)])
@pytest.mark.parametrize("name", ["nothing wrong", "out of focus", "dark"])
def test_notes_do_not_depend_on_the_size_that_a_network_reads(detector, name, size, channels):
    assert notes_of(detector, CASES[name].image, size, channels) == [CASES[name].notes]


def test_faces_of_a_group_photo_have_no_faults(detector):
    assert notes_of(detector, grid(1280, 720, 3, 2)[0]) == [()] * 6


def test_notes_are_explained_and_come_in_their_order():
    black = np.zeros((48, 48, 1), np.uint8)
    nose_outside = np.array([(10, 10), (20, 10), (24, 15), (11, 20), (19, 20)], np.float32)
    notes = quality_notes(black, (-8, -8, 12, 12), picture_size=(100, 100), landmarks=nose_outside)
    assert notes == ("tiny", "cut off", "dark", "turned away")
    assert set(QUALITY_NOTES) > set(UNRELIABLE)
    assert list(notes) == [name for name in QUALITY_NOTES if name in notes]


@pytest.mark.parametrize(
    ("bbox", "share"),
    [
        ((10, 10, 30, 40), 0.0),
        ((-10, 10, 10, 40), 0.5),
        ((90, 90, 110, 110), 0.75),
        ((200, 10, 220, 40), 1.0),
        ((5, 5, 5, 5), 1.0),
    ],
    ids=str,
)
def test_share_outside_the_picture(bbox, share):
    assert share_outside(bbox, (100, 100)) == pytest.approx(share)


@pytest.mark.parametrize("roll", [0, 30, 90, 200])
@pytest.mark.parametrize(("nose", "expected"), [((0, 8), 0.0), ((5, 8), 0.25), ((-12, 3), 0.6)])
def test_turn_does_not_depend_on_the_tilt_of_the_head(roll, nose, expected):
    points = np.array([[(-10, 0), (10, 0), nose, (-6, 18), (6, 18)]], np.float32)
    rolled = cv2.transform(points, cv2.getRotationMatrix2D((40, 70), roll, 1.7))[0]
    assert turn(rolled.astype(np.float32)) == pytest.approx(expected, abs=1e-4)


def test_eyes_in_one_place_count_as_turned_away():
    assert turn(np.zeros((5, 2), np.float32)) == float("inf")


def test_sharpness_does_not_change_with_contrast_and_falls_with_blur():
    face = cv2.cvtColor(crop_face(portrait(), (178, 63, 268, 176), size=48, channels=3), cv2.COLOR_RGB2GRAY)
    pale = (60 + 0.5 * face.astype(float)).round().astype(np.uint8)
    assert sharpness(pale) == pytest.approx(sharpness(face), rel=0.1)
    blurred = [sharpness(cv2.GaussianBlur(face, (0, 0), sigma)) for sigma in (0.7, 1.5, 3.0)]
    assert sharpness(face) > 2 * BLURRED_BELOW
    assert sharpness(face) > blurred[0] > blurred[1] > blurred[2]
    assert blurred[1] < BLURRED_BELOW
    assert sharpness(np.full((48, 48), 77, np.uint8)) == 0
