"""Photographs for tests: one public-domain portrait, and scenes put together from it.

A list of places comes in; a picture and the box of every face in it come out. Nothing is fetched.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from skimage import data

# Where the portrait's head is: the box around the face, and the window with hair and neck that scenes are made of.
FACE_IN_PORTRAIT = (178, 63, 268, 176)
_HEAD_IN_PORTRAIT = (113, 20, 333, 240)


@dataclass(frozen=True)
class Place:
    """One face of a scene: centre and height in pixels, clockwise tilt in degrees, and a factor for the light."""

    x: float
    y: float
    height: float = 110
    tilt: float = 0
    light: float = 1


def portrait() -> npt.NDArray[np.uint8]:
    """The astronaut of scikit-image (NASA, public domain): (512, 512, 3) uint8 RGB with one face."""
    return np.asarray(data.astronaut(), np.uint8)


def scene(
    width: int, height: int, places: list[Place]
) -> tuple[npt.NDArray[np.uint8], list[tuple[float, float, float, float]]]:
    """A grey picture with one portrait at each place, and the boxes of the faces in the same order."""
    image = np.full((height, width, 3), 110, np.uint8)
    return image, [_put(image, place) for place in places]


def grid(
    width: int, height: int, columns: int, rows: int
) -> tuple[npt.NDArray[np.uint8], list[tuple[float, float, float, float]]]:
    """A picture with columns x rows faces of varied size, tilt and light."""
    step_x, step_y = width / columns, height / rows
    face = min(step_x, step_y) * 0.42
    places = [
        Place(
            x=step_x * (column + 0.5),
            y=step_y * (row + 0.5),
            height=face * (0.8, 1.0, 0.9)[(row + column) % 3],
            tilt=(-10, 0, 12, 5)[(2 * row + column) % 4],
            light=(1.0, 0.6, 1.25)[(row + 2 * column) % 3],
        )
        for row in range(rows)
        for column in range(columns)
    ]
    return scene(width, height, places)


def _head() -> npt.NDArray[np.uint8]:
    mask = np.zeros((512, 512), np.uint8)
    left, top, right, bottom = _HEAD_IN_PORTRAIT
    mask[top:bottom, left:right] = 255
    return mask


def _put(image: npt.NDArray[np.uint8], place: Place) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = FACE_IN_PORTRAIT
    scale = place.height / (y2 - y1)
    reach = math.ceil(scale * 180)  # from the face's centre to the farthest corner of the window
    left, top = round(place.x) - reach, round(place.y) - reach
    matrix = cv2.getRotationMatrix2D(((x1 + x2) / 2, (y1 + y2) / 2), -place.tilt, scale)
    matrix[:, 2] += np.array([place.x - left - (x1 + x2) / 2, place.y - top - (y1 + y2) / 2])
    pixels = cv2.warpAffine(portrait(), matrix, (2 * reach, 2 * reach))
    there = cv2.warpAffine(_head(), matrix, (2 * reach, 2 * reach)) > 127
    lit = cv2.convertScaleAbs(pixels, alpha=place.light)
    height, width = image.shape[:2]
    window = np.s_[max(0, top) : min(height, top + 2 * reach), max(0, left) : min(width, left + 2 * reach)]
    part = np.s_[max(0, -top) : height - top, max(0, -left) : width - left]
    np.copyto(image[window], lit[part], where=there[part][..., None])
    half_width, half_height = scale * (x2 - x1) / 2, scale * (y2 - y1) / 2
    return (place.x - half_width, place.y - half_height, place.x + half_width, place.y + half_height)
