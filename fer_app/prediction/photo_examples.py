"""Example pictures, so that the page can be tried before a photo is at hand: all of them are free to ship.

A name of `EXAMPLES` comes in, the bytes of a picture go out. One is a photograph in the public domain (its source
stands beside the file); the others show faces that this program draws itself.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from fer_core.dataset.drawn.faces import drawn_face
from fer_core.labels import EXPRESSIONS

_PORTRAIT = Path(__file__).with_name("examples") / "portrait.jpg"
_TILE = 216  # pixels; a drawn face takes most of its tile
_FRAME, _GROUND = ((34, 6), (8, 8)), 225  # pixels around a tile and their grey: room for the labels

# Expression and number within the drawn test split: people and light that differ.
_SIX = (("happy", 4), ("surprise", 8), ("fear", 1), ("neutral", 4), ("sad", 4), ("angry", 6))
_THIRTY = tuple((EXPRESSIONS[(3 * n) % len(EXPRESSIONS)], 10 + n) for n in range(30))


@dataclass(frozen=True)
class Example:
    """One example: what its button says, the picture's file name, and the drawn faces in it with their columns."""

    title: str
    file_name: str
    faces: tuple[tuple[str, int], ...] = ()
    num_columns: int = 1


EXAMPLES: dict[str, Example] = {
    "portrait": Example("Portrait (NASA)", "portrait-nasa.jpg"),
    "six": Example("Six drawn faces", "six-drawn-faces.png", _SIX, 3),
    "thirty": Example("Thirty drawn faces", "thirty-drawn-faces.png", _THIRTY, 6),
}


@st.cache_data(show_spinner="Drawing the example")
def example_picture(name: str) -> bytes:
    """Return an example's picture, a JPEG or PNG file."""
    example = EXAMPLES[name]
    return _drawn_group(example.faces, example.num_columns) if example.faces else _PORTRAIT.read_bytes()


def _drawn_group(faces: Sequence[tuple[str, int]], num_columns: int) -> bytes:
    """Draw faces side by side, row by row."""
    tiles = [
        np.pad(drawn_face(expression, number, split="test", size=_TILE), _FRAME, constant_values=_GROUND)
        for expression, number in faces
    ]
    rows = [np.hstack(tiles[start : start + num_columns]) for start in range(0, len(tiles), num_columns)]
    stored = io.BytesIO()
    Image.fromarray(np.vstack(rows)).save(stored, "PNG")
    return stored.getvalue()
