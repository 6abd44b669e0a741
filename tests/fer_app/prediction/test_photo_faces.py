"""Cards say what the network saw, how probable each class is, and how far the label can be trusted."""

import numpy as np
import pytest

from fer_app.prediction.photo_faces import face_cards
from fer_core.models.class_precision import ClassPrecision
from fer_core.prediction.results import Face

NAMES = ("happy", "s<a>d")
WORTH = {"happy": ClassPrecision(0.86, 900, "FER2013 test")}


def _face(probabilities, unsure="", quality=()):
    values = np.array(probabilities, np.float32)
    best = int(values.argmax())
    crop = np.zeros((48, 48, 1), np.uint8)
    return Face((0, 0, 9, 9), 0.9, None, values, NAMES[best], float(values[best]), bool(unsure), crop, quality, unsure)


def _cards(*faces, **options):
    return face_cards(faces, NAMES, **{"threshold": 0.56, "reliability": WORTH, **options})


def test_a_card_has_number_crop_bars_and_worth():
    text = _cards(_face([0.9, 0.1]))
    assert "data:image/png;base64," in text
    assert text.count('class="fer-bar') == 2
    assert "width:90.0%" in text
    assert "right on 86 % of faces it calls happy (774 of 900, FER2013 test)" in text


def test_an_unsure_face_says_why_and_promises_nothing():
    text = _cards(_face([0.52, 0.48], unsure="tiny", quality=("tiny",)))
    assert "Unsure, tiny: happy 52 %, s&lt;a&gt;d 48 %; below 56 %." in text
    assert "Tiny: " in text
    assert "right on" not in text


def test_where_nothing_was_measured_nothing_is_said():
    assert "right on" not in _cards(_face([0.9, 0.1]), reliability={})


def test_class_names_are_shown_not_run():
    text = _cards(_face([0.1, 0.9]))
    assert "s<a>d" not in text
    assert "s&lt;a&gt;d" in text


def test_a_heat_map_stands_in_the_crops_place():
    heat = ("happy", np.zeros((192, 192, 3), np.uint8))
    assert "what speaks for happy" in _cards(_face([0.9, 0.1]), heats=[heat])


@pytest.mark.parametrize(("num_faces", "is_dense"), [(1, False), (12, False), (30, True)])
def test_a_crowd_has_small_cards(num_faces, is_dense):
    text = _cards(*[_face([0.9, 0.1])] * num_faces)
    assert ("fer-dense" in text) == is_dense
    assert text.count('class="fer-face"') == num_faces
