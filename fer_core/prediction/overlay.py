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

from fer_core.prediction.label_layout import Box, leader, place_labels

SMALLEST_SIDE = 320  # pixels; in a smaller picture no letter has room
_LEAST_LETTERS, _MOST_LETTERS = 0.016, 0.036  # height as a share of the picture's long side
_LEAST_PIXELS = 12.0  # on the screen
_LETTERS_OF_FACE = 1 / 5  # height as a share of a face's width: its label is about as wide as the face
_MOST_TOLD = 0.85  # share of the labels in a crowd that say more than a number


@dataclass(frozen=True)
class Mark:
    """What is drawn for one face.

    Args:
        bbox: x1, y1, x2, y2 in pixels.
        text: The label.
        short_text: Stands in where the label has no room.
        color: Hex colour of box and label.
        middle_text: Tried before the short text; the label itself when empty.
    """

    bbox: Box
    text: str
    short_text: str
    color: str
    middle_text: str = ""

    @property
    def texts(self) -> tuple[str, str, str]:
        """The forms of the label, the fullest first."""
        return (self.text, self.middle_text or self.text, self.short_text)


def draw_marks(
    image: npt.NDArray[np.uint8], marks: Sequence[Mark], *, shown_width: float | None = None
) -> npt.NDArray[np.uint8]:
    """Draw every mark.

    Args:
        image: (height, width, 3) uint8 RGB; left as it is.
        marks: What to draw.
        shown_width: How wide the picture will stand on the screen, in CSS pixels: letters are at least 12 of them
            high. None when nobody knows; they then are a fair part of the picture.

    Returns:
        (height, width, 3) uint8 RGB, enlarged by a whole factor if the long side is below 320 pixels.
    """
    factor = -(-SMALLEST_SIDE // max(image.shape[:2])) if max(image.shape[:2]) < SMALLEST_SIDE else 1
    height, width = image.shape[0] * factor, image.shape[1] * factor
    canvas = Image.fromarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC))
    if marks:
        boxes = [_inside([factor * edge for edge in mark.bbox], width, height) for mark in marks]
        least = _least_height((width, height), shown_width)
        _draw(ImageDraw.Draw(canvas), boxes, marks, _letter_heights(boxes, (width, height), least))
    return np.array(canvas)


def _draw(pen: ImageDraw.ImageDraw, boxes: list[Box], marks: Sequence[Mark], heights: Sequence[float]) -> None:
    font, labels = _arranged(boxes, marks, heights, pen.im.size)
    line = max(1, round(heights[0] / 7))
    for box, mark in zip(boxes, marks, strict=True):
        _draw_box(pen, box, mark.color, line)
    for box, mark, (place, _) in zip(boxes, marks, labels, strict=True):
        if (to_box := leader(place, box)) is not None:
            pen.line(to_box, fill=mark.color, width=line)
    for mark, (place, text) in zip(marks, labels, strict=True):
        _draw_label(pen, place, text, mark.color, font)


def _arranged(
    boxes: list[Box], marks: Sequence[Mark], heights: Sequence[float], size: tuple[int, int]
) -> tuple[ImageFont.FreeTypeFont, list[tuple[Box, str]]]:
    """Choose letters, and place and form of each label.

    All labels have one form where it has room, the fullest first, in smaller letters if need be; in a crowd, each has
    its own as long as most can be read, else all are numbers.
    """
    plans = [(height, slice(0, 1)) for height in heights]
    plans += [(heights[-1], slice(1, 2)), (heights[-1], slice(1, 3)), (heights[-1], slice(2, 3))]
    for letters, forms in plans:
        font = _font(letters)
        texts = [mark.texts[forms] for mark in marks]
        places = place_labels(boxes, [[_extent(font, text) for text in its] for its in texts], size)
        labels = [(place.box, its[place.form]) for place, its in zip(places, texts, strict=True)]
        told = sum(
            place.is_clear and text != mark.short_text
            for place, (_, text), mark in zip(places, labels, marks, strict=True)
        )
        if told >= (_MOST_TOLD if forms == slice(1, 3) else 1) * len(marks):
            break
    return font, labels


def _least_height(size: tuple[int, int], shown_width: float | None) -> float:
    """Return the height in pixels of the picture below which letters cannot be read."""
    share = _LEAST_LETTERS * max(size) if shown_width is None else _LEAST_PIXELS * size[0] / shown_width
    return max(_LEAST_PIXELS, share)


def _letter_heights(boxes: list[Box], size: tuple[int, int], least: float) -> list[float]:
    """Return the heights to try, the largest first: that with which a label is about as wide as a face, and smaller."""
    wanted = float(np.median([box[2] - box[0] for box in boxes])) * _LETTERS_OF_FACE
    wanted = max(least, min(wanted, _MOST_LETTERS * max(size)))
    room = min(size) / 2
    return [min(height, room) for height in (wanted, (wanted + least) / 2, least)]


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
