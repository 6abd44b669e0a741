"""The vocabulary of expressions: the seven class names and the colour each has in every figure.

Labels travel by name; an index means nothing without the class names beside it. The tuple below is in
alphabetical order, the order of class folders; the published FER2013 table numbers its classes differently.
"""

from collections.abc import Sequence
from itertools import cycle

EXPRESSIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

# Okabe & Ito, "Color Universal Design" (2008): distinguishable with the common colour-vision deficiencies.
# Its yellow and black vanish on a light or dark page; an ochre and a middle grey stand in for them.
EXPRESSION_COLORS: dict[str, str] = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "neutral": "#8A8D91",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
}

_FURTHER_COLORS = ("#B8A800", "#7F3C8D", "#6B4C2A", "#80BA5A", "#1B7A78", "#A5AA99")


def class_colors(class_names: Sequence[str]) -> list[str]:
    """Return one hex colour for each class: the fixed one of the seven expressions, further ones for others."""
    further = cycle(_FURTHER_COLORS)
    return [EXPRESSION_COLORS.get(name) or next(further) for name in class_names]
