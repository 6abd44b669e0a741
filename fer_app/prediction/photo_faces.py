"""The faces of one picture as cards: the crop that the network saw, the seven probabilities, the label and its worth.

Faces come in, the text of one HTML element goes out: a crowd of thirty is as quick as one face, and the cards find
their columns by themselves on any screen.
"""

import base64
from collections.abc import Mapping, Sequence
from html import escape

import cv2
import numpy as np
import numpy.typing as npt

from fer_app.prediction.photo_results import in_words, likeliest
from fer_core.faces import QUALITY_NOTES
from fer_core.labels import class_colors
from fer_core.models.class_precision import ClassPrecision
from fer_core.prediction import Face
from fer_core.prediction.overlay import readable_on
from fer_core.prediction.results import UNSURE_COLOR

_CROWD = 12  # more faces get smaller cards

Heat = tuple[str, npt.NDArray[np.uint8]]  # the class, and the crop with its heat map (side, side, 3)


def face_cards(
    faces: Sequence[Face],
    class_names: Sequence[str],
    *,
    threshold: float,
    reliability: Mapping[str, ClassPrecision],
    heats: Sequence[Heat] | None = None,
) -> str:
    """Return the cards of some faces, numbered from 1.

    Args:
        faces: The faces, in the order of their numbers.
        class_names: Classes in the order of the probabilities.
        threshold: Below this probability a face is unsure.
        reliability: How often the model is right, for the classes for which it is known.
        heats: What to show in the place of each crop, None for the crops.
    """
    cards = [
        _card(number, face, class_names, _words_below(face, class_names, threshold, reliability), heat)
        for number, (face, heat) in enumerate(zip(faces, heats or [None] * len(faces), strict=True), start=1)
    ]
    kind = "fer-faces fer-dense" if len(faces) > _CROWD else "fer-faces"
    return f'<div class="{kind}">{"".join(cards)}</div>'


def _card(number: int, face: Face, class_names: Sequence[str], words: Sequence[str], heat: Heat | None) -> str:
    colors = dict(zip(class_names, class_colors(class_names), strict=True))
    color = UNSURE_COLOR if face.unsure else colors[face.label]
    heading = f'<span class="fer-number" style="background:{color};color:{readable_on(color)}">{number}</span>'
    lines = "".join(f"<p>{escape(sentence)}</p>" for sentence in words)
    return (
        f'<div class="fer-face">{_figure(number, face, heat)}<div><h4>{heading}{escape(in_words(face))}</h4>'
        f"{_bars(number, face, class_names, colors)}{lines}</div></div>"
    )


def _figure(number: int, face: Face, heat: Heat | None) -> str:
    if heat is None:
        return f'<figure><img src="{_png(face.crop)}" alt="Face {number} as the network saw it"></figure>'
    name, picture = heat
    alt = f"Face {number}: what speaks for {escape(name)}"
    caption = f"<figcaption>for {escape(name)}</figcaption>"
    return f'<figure><img class="fer-heat" src="{_png(picture)}" alt="{alt}">{caption}</figure>'


def _bars(number: int, face: Face, class_names: Sequence[str], colors: Mapping[str, str]) -> str:
    rows = [
        f'<div class="fer-bar{" fer-first" if name == face.label else ""}"><span>{escape(name)}</span>'
        f'<span class="fer-track"><i style="width:{100 * share:.1f}%;background:{colors[name]}"></i></span>'
        f"<span>{100 * share:.0f} %</span></div>"
        for name, share in zip(class_names, face.probabilities.tolist(), strict=True)
    ]
    return f'<div role="group" aria-label="Probabilities of face {number}">{"".join(rows)}</div>'


def _words_below(
    face: Face, class_names: Sequence[str], threshold: float, reliability: Mapping[str, ClassPrecision]
) -> list[str]:
    """Say why a face is unsure, what may hinder its reading, or how far its label can be trusted."""
    hindrances = [f"{note}: {QUALITY_NOTES[note]}." for note in face.quality]
    if face.unsure:
        below = f"; below {100 * threshold:.0f} %" if face.confidence < threshold else ""
        why = f"Unsure, {face.unsure_reason}: {likeliest(face, class_names)}{below}."
        return [why, *(_capital(sentence) for sentence in hindrances)]
    worth = []
    if (known := reliability.get(face.label)) is not None:
        num_right = round(known.share * known.num_called)
        of = f"{100 * known.share:.0f} % of faces it calls {face.label}"
        worth = [f"This model is right on {of} ({num_right:,} of {known.num_called:,}, {known.measured_on})."]
    return worth + [_capital(sentence) for sentence in hindrances]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _png(picture: npt.NDArray[np.uint8]) -> str:
    """Return a crop, (side, side, 1 or 3) uint8, as an address that holds it."""
    pixels = picture if picture.shape[2] == 1 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".png", pixels)
    return f"data:image/png;base64,{base64.b64encode(encoded.tobytes()).decode()}"
