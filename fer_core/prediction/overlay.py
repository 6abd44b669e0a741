"""Draws boxes and labels on a picture, readable at any size.

Marks (a box, a text and a colour each) come in; the picture with everything drawn on it goes out. Line width and
letters follow the picture's size; `label_layout` decides where each label stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from fer_core.prediction.label_layout import Box, place_labels

SMALLEST_SIDE = 320  # pixels; in a smaller picture no letter has room
_LETTERS = (0.022, 0.036)  # least and greatest height, as a share of the picture's long side
_LEAST_PIXELS = 13.0
_SHRINKING = (1.0, 0.85, 0.7)  # tried in turn until every label has room


@dataclass(frozen=True)
class Mark:
    """What is drawn for one face.

    Args:
        bbox: x1, y1, x2, y2 in pixels.
        text: The label.
        short_text: Stands in where the label has no room.
        color: Hex colour of box and label.
    """

    bbox: Box
    text: str
    short_text: str
    color: str


def draw_marks(image: npt.NDArray[np.uint8], marks: Sequence[Mark]) -> npt.NDArray[np.uint8]:
    """Draw every mark.

    Args:
        image: (height, width, 3) uint8 RGB; left as it is.
        marks: What to draw.

    Returns:
        (height, width, 3) uint8 RGB, enlarged by a whole factor if the long side is below 320 pixels.
    """
    factor = -(-SMALLEST_SIDE // max(image.shape[:2])) if max(image.shape[:2]) < SMALLEST_SIDE else 1
    height, width = image.shape[0] * factor, image.shape[1] * factor
    canvas = Image.fromarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC))
    if marks:
        boxes = [_inside([factor * edge for edge in mark.bbox], width, height) for mark in marks]
        _draw(ImageDraw.Draw(canvas), boxes, marks, (width, height))
    return np.array(canvas)


def _draw(pen: ImageDraw.ImageDraw, boxes: list[Box], marks: Sequence[Mark], size: tuple[int, int]) -> None:
    letters = _letter_height(boxes, size)
    for shrinking in _SHRINKING:
        font = _font(letters * shrinking)
        extents = [(_extent(font, mark.text), _extent(font, mark.short_text)) for mark in marks]
        places = place_labels(boxes, extents, size)
        if all(not place.is_short for place in places):
            break
    line = max(1, round(letters / 7))
    for box, mark in zip(boxes, marks, strict=True):
        _draw_box(pen, box, mark.color, line)
    for place, mark in zip(places, marks, strict=True):
        _draw_label(pen, place.box, mark.short_text if place.is_short else mark.text, mark.color, font)


def _letter_height(boxes: list[Box], size: tuple[int, int]) -> float:
    """Letters whose label is about as wide as a face, within what can be read and what has room."""
    long_side = max(size)
    wanted = float(np.median([box[2] - box[0] for box in boxes])) / 5
    height = max(_LEAST_PIXELS, min(max(wanted, _LETTERS[0] * long_side), _LETTERS[1] * long_side))
    return min(height, min(size) / 2)


def _font(height: float) -> ImageFont.FreeTypeFont:
    """Pillow's own letters, which scale; without FreeType, which its wheels bring along, it raises."""
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(max(4.0, height)))


def _extent(font: ImageFont.FreeTypeFont, text: str) -> tuple[int, int]:
    """Width and height of a label in pixels, with its margin."""
    ascent, descent = font.getmetrics()
    return round(font.getlength(text) + ascent * 0.7), round((ascent + descent) * 1.2)


def _draw_box(pen: ImageDraw.ImageDraw, box: Box, color: str, line: int) -> None:
    """A coloured line between two black or white ones: seen on light, dark and equally coloured ground."""
    edge = max(1, line // 4)
    pen.rectangle(box, outline=readable_on(color), width=line + 2 * edge)
    inner = (box[0] + edge, box[1] + edge, box[2] - edge, box[3] - edge)
    if inner[2] > inner[0] and inner[3] > inner[1]:
        pen.rectangle(inner, outline=color, width=line)


def _draw_label(pen: ImageDraw.ImageDraw, box: Box, text: str, color: str, font: ImageFont.FreeTypeFont) -> None:
    pen.rounded_rectangle(box, radius=(box[3] - box[1]) * 0.2, fill=color)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    pen.text(middle, text, fill=readable_on(color), font=font, anchor="mm")


def _inside(box: Sequence[float], width: int, height: int) -> Box:
    x1, x2 = (min(max(x, 0.0), width - 1.0) for x in (box[0], box[2]))
    y1, y2 = (min(max(y, 0.0), height - 1.0) for y in (box[1], box[3]))
    return (x1, y1, x2, y2)


def readable_on(color: str) -> str:
    """Return black or white, whichever stands out more on a hex colour (WCAG 2.2, relative luminance)."""
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if luminance > 0.179 else "white"
