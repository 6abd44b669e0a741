"""Cuts out of a picture the square that a network reads.

A picture and a box come in; a square of the network's size, grey or RGB, goes out. The rule was measured on FER2013
pictures, so that a face cut from a photo is framed like the faces that networks learn from.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

# Faces of FER2013 have a roll with a standard deviation of 7 degrees; only what lies well outside is turned upright.
# With the true tilt known it pays: of 600 of its faces tilted by 0, 20, 30 and 40 degrees, a network was right on 64,
# 61, 56 and 46 % without turning and on 64, 63, 62 and 59 % with it. YuNet's landmarks show only a part of the tilt (of
# faces in scenes tilted by 20 and 30 degrees the eyes 3 and 4, eyes to mouth 6 and 7), so few faces are turned, and
# the gain on 700 faces found in scenes is small: from 16 to 40 degrees 25 were read better for it and 13 worse, 62.6 %
# right against 60.5; up to 12 degrees 2 better and 1 worse. Fitting the tilt to all landmarks left 12 degrees of error.
ALIGN_ABOVE_DEGREES = 12.0

_MAX_FACTOR = 8  # a square is sampled at up to so many times the wanted size, and then averaged


def crop_face(
    image: npt.NDArray[np.uint8],
    bbox: tuple[float, float, float, float],
    *,
    size: int,
    channels: int = 1,
    landmarks: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[np.uint8]:
    """Cut out one face.

    The square lies on the centre of the box and is as high as the box, without a margin: on 382 FER2013 faces the
    detector's box is 1.02 times as high as the picture and centred at (0.50, 0.50). Beyond the picture's edge its
    border is repeated.

    Args:
        image: (height, width, 3) uint8 RGB.
        bbox: x1, y1, x2, y2 in pixels; may run outside the picture.
        size: Side of the result in pixels.
        channels: 1 (grey) or 3 (RGB).
        landmarks: (5, 2), the eyes first; given them, a face tilted by more than 12 degrees is turned upright.

    Returns:
        (size, size, channels) uint8, 0-255.
    """
    x1, y1, x2, y2 = bbox
    centre, side = np.array([(x1 + x2) / 2, (y1 + y2) / 2]), max(1.0, y2 - y1)
    roll = 0.0 if landmarks is None else _roll(landmarks)
    roll = roll if abs(roll) > ALIGN_ABOVE_DEGREES else 0.0
    patch, corner = _around(image, centre, side)
    scale = np.ones(2)
    if side > _MAX_FACTOR * size:  # far more pixels than are needed: most of them are averaged at once
        patch, scale = _shrunk(patch, 2 * side / (_MAX_FACTOR * size))
    factor = min(_MAX_FACTOR, math.ceil(side / size))
    square = _sampled(patch, (centre - corner, side, roll), scale, size * factor)
    return _resized(square, size, channels)


def whole_picture(image: npt.NDArray[np.uint8], *, size: int, channels: int = 1) -> npt.NDArray[np.uint8]:
    """Take the whole picture as one face, brought to a square as the dataset index does.

    Args:
        image: (height, width, 3) uint8 RGB.
        size: Side of the result in pixels.
        channels: 1 (grey) or 3 (RGB).

    Returns:
        (size, size, channels) uint8, 0-255.
    """
    return _resized(image, size, channels)


def _roll(landmarks: npt.NDArray[np.float32]) -> float:
    """Tilt of the line between the eyes in degrees, positive clockwise."""
    right, left = landmarks[0], landmarks[1]
    return math.degrees(math.atan2(float(left[1] - right[1]), float(left[0] - right[0])))


def _around(
    image: npt.NDArray[np.uint8], centre: npt.NDArray[np.float64], side: float
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Return the part of the picture that the square touches, however it is turned, and the part's upper left corner.

    OpenCV samples only from pictures below 32,768 pixels wide.
    """
    limits = np.array([image.shape[1], image.shape[0]])
    reach = side / math.sqrt(2) + 1
    start = np.clip(np.floor(centre - reach), 0, limits - 1).astype(int)
    end = np.clip(np.ceil(centre + reach), start + 1, limits).astype(int)
    return image[start[1] : end[1], start[0] : end[0]], start.astype(np.float64)


def _shrunk(patch: npt.NDArray[np.uint8], divisor: float) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Return the patch at a smaller size, and by what its width and height were multiplied."""
    before = np.array([patch.shape[1], patch.shape[0]])
    after = np.maximum(1, np.round(before / divisor)).astype(int)
    small = cv2.resize(patch, (int(after[0]), int(after[1])), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), after / before


def _sampled(
    patch: npt.NDArray[np.uint8],
    square: tuple[npt.NDArray[np.float64], float, float],
    scale: npt.NDArray[np.float64],
    side: int,
) -> npt.NDArray[np.uint8]:
    """Sample a square between the pixels: (side, side, 3) uint8.

    Moved to whole pixels instead, a face of 60 pixels would shift by up to half a pixel of the crop whenever its box
    trembles, and change its label with it.
    """
    centre, length, roll = square
    cosine, sine = math.cos(math.radians(roll)), math.sin(math.radians(roll))
    matrix = np.array([[cosine, -sine], [sine, cosine]]) * (length / side)
    offset = centre + matrix @ np.full(2, 0.5 - side / 2)
    to_patch = np.column_stack([matrix, offset]) * scale[:, np.newaxis]
    to_patch[:, 2] -= 0.5  # the centre of the first pixel lies half a pixel inside
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(patch, to_patch, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _resized(square: npt.NDArray[np.uint8], size: int, channels: int) -> npt.NDArray[np.uint8]:
    if channels not in (1, 3):
        raise ValueError(f"expected 1 or 3 channels, received {channels!r}")
    pixels = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY) if channels == 1 else square
    if pixels.shape[:2] != (size, size):
        method = cv2.INTER_AREA if min(pixels.shape[:2]) >= size else cv2.INTER_LINEAR
        pixels = cv2.resize(pixels, (size, size), interpolation=method)
    return np.array(pixels, np.uint8).reshape(size, size, channels)
