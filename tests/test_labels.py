import re
import unicodedata
from itertools import combinations

import pytest

from fer_core.labels import (
    CONTEMPT,
    EXPRESSION_COLORS,
    EXPRESSIONS,
    SYNONYMS,
    canonical_label,
    class_colors,
    tidy_label,
)


def test_the_seven_expressions_stand_in_alphabetical_order():
    assert len(EXPRESSIONS) == 7
    assert list(EXPRESSIONS) == sorted(EXPRESSIONS)


def test_every_synonym_means_a_known_expression():
    assert set(SYNONYMS.values()) == {*EXPRESSIONS, CONTEMPT}
    assert all(SYNONYMS[name] == name for name in (*EXPRESSIONS, CONTEMPT))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("angry", "angry"),
        ("Anger", "angry"),
        (" SADNESS ", "sad"),
        ("Happiness", "happy"),
        ("joy", "happy"),
        ("Fearful", "fear"),
        ("afraid", "fear"),
        ("neutrality", "neutral"),
        ("Surprised", "surprise"),
        ("Disgusted", "disgust"),
        ("Contempt", "contempt"),
        ("0_angry", "angry"),
        ("01-Anger", "angry"),
        ("7 . neutral", "neutral"),
        ("_happy_", "happy"),
        ("HA", "happy"),
        ("ha", None),
        ("0", None),
        ("1_", None),
        ("mad", None),
        ("happily surprised", None),
        ("not happy", None),
        ("unhappy", None),
        ("none", None),
        ("", None),
        ("喜び", None),
    ],
)
def test_only_published_spellings_are_understood(name, expected):
    assert canonical_label(name) == expected


def test_a_label_is_the_same_however_its_accents_are_stored():
    apart = unicodedata.normalize("NFD", " Ärger")
    assert tidy_label(apart) == tidy_label("Ärger ") == "Ärger"


def test_every_expression_has_a_colour_of_its_own():
    assert tuple(EXPRESSION_COLORS) == EXPRESSIONS
    assert len(set(EXPRESSION_COLORS.values())) == 7
    assert all(re.fullmatch("#[0-9A-F]{6}", color) for color in EXPRESSION_COLORS.values())


def test_an_expression_keeps_its_colour_in_any_order():
    assert class_colors(["sad", "happy"]) == [EXPRESSION_COLORS["sad"], EXPRESSION_COLORS["happy"]]


def test_other_classes_get_further_colours():
    names = ["contempt", "happy", "bored", "calm"]
    colors = class_colors(names)
    assert colors[1] == EXPRESSION_COLORS["happy"]
    assert all(first != second for first, second in combinations(colors, 2))
    assert len(class_colors([f"class {number}" for number in range(40)])) == 40


def test_colours_stay_apart_with_red_green_blindness():
    # Machado, Oliveira & Fernandes (2009), table 1: protanopia and deuteranopia at full severity, linear RGB.
    protanopia = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
    deuteranopia = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
    for matrix in (protanopia, deuteranopia):
        seen = [as_seen(color, matrix) for color in EXPRESSION_COLORS.values()]
        assert min(distance(first, second) for first, second in combinations(seen, 2)) > 0.04


def as_seen(color, matrix):
    channels = [(int(color[start : start + 2], 16) / 255) ** 2.2 for start in (1, 3, 5)]
    return [max(0.0, sum(weight * value for weight, value in zip(row, channels, strict=True))) for row in matrix]


def distance(first, second):
    """Euclidean distance in gamma-encoded RGB, 0 to 1.7."""
    pairs = zip(first, second, strict=True)
    return sum((one ** (1 / 2.2) - other ** (1 / 2.2)) ** 2 for one, other in pairs) ** 0.5
