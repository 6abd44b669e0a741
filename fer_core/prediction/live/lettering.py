"""Small pictures of text for live frames, made once and copied after that: a frame has no time for fonts.

A text, a colour and a height come in; an RGB chip or a mask of letters goes out. Both are read-only and shared.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor, ImageDraw, ImageFont

from fer_core.prediction.overlay import readable_on

_MOST = 1024  # texts kept: some classes x 100 % x some tracks


@lru_cache(_MOST)
def chip(text: str, color: str, letters: int) -> npt.NDArray[np.uint8]:
    """Return a label on its own ground.

    Args:
        text: What it says.
        color: Hex colour of the ground; the letters are black or white.
        letters: Height of the letters in pixels.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    mask = letter_mask(text, letters)
    ground = np.array(ImageColor.getrgb(color), np.float32)
    ink = 0.0 if readable_on(color) == "black" else 255.0
    padded = np.pad(mask, ((0, 0), (letters // 3, letters // 3))).astype(np.float32)[..., None] / 255
    return _shared((ground + (ink - ground) * padded).astype(np.uint8))


@lru_cache(_MOST)
def letter_mask(text: str, letters: int) -> npt.NDArray[np.uint8]:
    """Return (height, width) uint8, 255 where there is a letter."""
    font = ImageFont.load_default(float(letters))
    left, _, right, _ = font.getbbox(text)
    height = round(letters * 1.3)
    canvas = Image.new("L", (max(1, round(right - left)), height))
    ImageDraw.Draw(canvas).text((-left, height / 2), text, fill=255, font=font, anchor="lm")
    return _shared(np.array(canvas, np.uint8))


@lru_cache(64)
def name_column(names: tuple[str, ...], letters: int, row: int) -> npt.NDArray[np.uint8]:
    """Return the mask of names under one another, right-aligned.

    Args:
        names: From the top.
        letters: Height of the letters in pixels.
        row: Height of a line in pixels.
    """
    masks = [letter_mask(name, letters) for name in names]
    column = np.zeros((row * len(names), max(mask.shape[1] for mask in masks)), np.uint8)
    for number, mask in enumerate(masks):
        top = (row - mask.shape[0]) // 2
        line = mask[max(0, -top) :][:row]
        start = number * row + max(0, top)
        column[start : start + len(line), column.shape[1] - mask.shape[1] :] = line[: len(column) - start]
    return _shared(column)


def _shared(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    pixels.setflags(write=False)
    return pixels
