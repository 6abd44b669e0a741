"""The vocabulary of expressions: the class names, their published spellings and the colour each has in every figure.

Labels travel by name; an index means nothing without the class names beside it. The tuple below is in
alphabetical order, the order of class folders; the published FER2013 table numbers its classes differently.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import cycle

# What goes with every label that leaves the program.
LABEL_NOTICE = (
    "Apparent expression as a program estimates it from one picture: what a face looks like, not what the person "
    "feels. Often wrong. Not for use on people at work or in education (EU AI Act, Article 5(1)(f)); people on whom "
    "such a system is used must be told (Article 50(3))."
)

EXPRESSIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

CONTEMPT = "contempt"  # the eighth of Ekman's list; CK+, AffectNet and FER+ have it, FER2013 has not

# The spellings in which published datasets name an expression: FER2013, FER+, AffectNet, RAF-DB, ExpW, CK+ (anger,
# happiness, sadness), KDEF and RaFD (afraid, fearful, disgusted, surprised, contemptuous), FERG and GEMEP (joy), NHFIER
# (neutrality); in capitals the codes of JAFFE and BU-3DFE, known only as they stand.
SYNONYMS: dict[str, str] = {
    **{name: name for name in (*EXPRESSIONS, CONTEMPT)},
    **dict.fromkeys(("anger", "AN"), "angry"),
    **dict.fromkeys(("disgusted", "DI"), "disgust"),
    **dict.fromkeys(("fearful", "afraid", "FE"), "fear"),
    **dict.fromkeys(("happiness", "joy", "HA"), "happy"),
    **dict.fromkeys(("neutrality", "NE"), "neutral"),
    **dict.fromkeys(("sadness", "SA"), "sad"),
    **dict.fromkeys(("surprised", "SU"), "surprise"),
    **dict.fromkeys(("contemptuous",), CONTEMPT),
}

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


def tidy_label(name: str) -> str:
    """Return a label as it is compared and stored: composed Unicode (NFC), no space at its ends."""
    return unicodedata.normalize("NFC", name).strip()


def canonical_label(name: str) -> str | None:
    """Return the expression that a name is a published spelling of, or None.

    Case, spaces, underscores and hyphens around it do not matter, nor does a number in front ("0_angry", "01-Anger").
    A number alone is None: 0 is angry in FER2013, neutral in AffectNet, nothing in RAF-DB.
    """
    name = tidy_label(name)
    word = re.sub(r"^[0-9]{1,3}[\s._-]+", "", name).strip(" _-").casefold()
    return SYNONYMS.get(name) or SYNONYMS.get(word)


def class_colors(class_names: Sequence[str]) -> list[str]:
    """Return one hex colour for each class: the fixed one of the seven expressions, further ones for others."""
    further = cycle(_FURTHER_COLORS)
    return [EXPRESSION_COLORS.get(name) or next(further) for name in class_names]
