"""Arithmetic with boxes (x1, y1, x2, y2 in pixels): overlap, distance in face sizes, moving and scaling."""

import math

import numpy as np
import numpy.typing as npt

from fer_core.prediction.cuts import Box


def overlap(a: Box, b: Box) -> float:
    """Return intersection over union, 0-1."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / max(area(a) + area(b) - shared, 1e-9)


def overlaps(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return intersection over union of each pair: boxes (n, 4) and (m, 4) in, (n, m) out."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0.0), axis=-1)
    return np.asarray(shared / np.maximum(sides(a)[:, None] ** 2 + sides(b)[None, :] ** 2 - shared, 1e-9))


def sides(boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what `side` does, of boxes (n, 4)."""
    return np.asarray(np.sqrt(np.maximum(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0), axis=1), 1.0)))


def centres(boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return (n, 2), the middles of boxes (n, 4)."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def area(box: Box) -> float:
    """Return the area in square pixels."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def centre(box: Box) -> npt.NDArray[np.float64]:
    """Return (x, y) of the middle."""
    return np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])


def side(box: Box) -> float:
    """Return the side of a square of the same area, at least 1 pixel."""
    return max(1.0, math.sqrt(area(box)))


def moved(box: Box, shift: npt.NDArray[np.float64]) -> Box:
    """Return the box moved by (x, y)."""
    x, y = float(shift[0]), float(shift[1])
    return (box[0] + x, box[1] + y, box[2] + x, box[3] + y)


def widened(box: Box, share: float) -> Box:
    """Return the box with a margin on each side, as a share of its width and height."""
    x, y = share * (box[2] - box[0]), share * (box[3] - box[1])
    return (box[0] - x, box[1] - y, box[2] + x, box[3] + y)


def scaled(box: Box, factor: float) -> Box:
    """Return the box in a picture that became larger by a factor."""
    return (box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor)


def window(box: Box, width: int, height: int) -> tuple[slice, slice] | None:
    """Return rows and columns of a box inside a picture, or None where less than 2 x 2 pixels lie inside."""
    x1, x2 = (min(max(round(x), 0), width) for x in (box[0], box[2]))
    y1, y2 = (min(max(round(y), 0), height) for y in (box[1], box[3]))
    return (slice(y1, y2), slice(x1, x2)) if x2 - x1 >= 2 and y2 - y1 >= 2 else None
