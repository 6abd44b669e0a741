"""Tells how well the detail of two pictures agrees that were laid over each other.

Aligned pairs come in, a similarity of each goes out. Three things count: whether the detail looks the same as a whole,
whether it does so in every part, and whether every part lies in its place. Two moments of one person's face, in one
pose and light, look much the same; but the mouth is another one, or lies a fraction of a pixel off.
"""

from dataclasses import fields

import numpy as np
import numpy.typing as npt

from fer_core.dataset.duplicates.alignment import Boxes, laid_over
from fer_core.dataset.duplicates.crop_features import FloatArray
from fer_core.dataset.duplicates.displacement import displacement
from fer_core.dataset.duplicates.smoothing import smoothed

# Standard deviations in pixels of 48 of the two Gaussians whose difference is the band. On FER2013 and its JPEGs of
# quality 8 to 95 this one left the widest gap between the same photo (above 0.9) and similar faces.
_BAND = (0.9, 2.5)
_NOISE = 0.5  # grey levels; agreement of less is chance
_MIN_OVERLAP = 0.3  # share of the picture
# What takes 0.06 from the similarity, and so unmakes a pair: parts displaced by 0.22 pixels, or 0.22 of the detail's
# power not in common. Of FER2013's copies 97 of 100 stay below both, of moments of one person in a video that are
# alike in all else 10 of 100.
_COST_OF_DISPLACEMENT = 0.06 / 0.22
_COST_OF_DIFFERENCE = 0.06 / 0.22
_PART = 2.0  # pixels, standard deviation; of the window in which parts are compared
_SHARE = 0.95  # the stamps of photo agencies, the commonest difference between copies in FER2013, are mostly smaller

BoolArray = npt.NDArray[np.bool_]


def detail_similarity(fixed: FloatArray, moving: FloatArray, boxes: Boxes) -> FloatArray:
    """Compare the detail of aligned pictures where they overlap.

    Args:
        fixed: (pairs, side, side) float32, 0-255.
        moving: The same shape.
        boxes: The places of the fixed pictures in the moving ones.

    Returns:
        (pairs,) similarities, 0-1; light and contrast do not count.
    """
    # Seen at the scale of the one that shows more of the scene: what the other one adds in detail is left out.
    swapped = boxes.scale_x * boxes.scale_y < 1
    inverse = boxes.inverse()
    boxes = Boxes(*(np.where(swapped, getattr(inverse, f.name), getattr(boxes, f.name)) for f in fields(Boxes)))
    fixed, moving = (np.where(swapped[:, None, None], *pair) for pair in ((moving, fixed), (fixed, moving)))
    seen, inside = laid_over(moving, boxes)
    first, second = _detail(fixed, inside), _detail(seen, inside)
    correlation = (first * second).sum(axis=(1, 2)) / _num_pixels(inside)
    parts = _COST_OF_DIFFERENCE * _difference(first, second, inside)
    places = _COST_OF_DISPLACEMENT * displacement(first, second, inside)
    similarity = np.minimum(correlation, 1 - np.maximum(parts, places))
    return np.where(inside.mean(axis=(1, 2)) >= _MIN_OVERLAP, similarity, 0).clip(0, 1).astype(np.float32)


def _detail(pictures: FloatArray, inside: BoolArray) -> FloatArray:
    """The band of what is inside, with mean 0 and power 1; the power of a nearly constant picture stays below."""
    weight, num_pixels = inside.astype(np.float32), _num_pixels(inside)
    pictures = _centred(pictures, weight, num_pixels)
    # Only what is inside is smoothed, so that what lies beside the overlap cannot make the two differ.
    fine, coarse = (smoothed(pictures, size) / np.maximum(smoothed(weight, size), 1e-3) for size in _BAND)
    band = _centred(np.asarray(fine - coarse, np.float32), weight, num_pixels)
    power = np.square(band).sum(axis=(1, 2)) / num_pixels + _NOISE**2
    return np.asarray(band / np.sqrt(power)[:, None, None], np.float32)


def _difference(first: FloatArray, second: FloatArray, inside: BoolArray) -> FloatArray:
    """Mean square of the difference around a pixel that nearly all of the picture stays below, (pairs,)."""
    weight = smoothed(inside.astype(np.float32), _PART)
    around = np.where(weight > 0.5, smoothed(np.square(second - first), _PART) / np.maximum(weight, 0.5), 0)
    return np.asarray(np.quantile(around.reshape(len(around), -1), _SHARE, axis=1), np.float32)


def _centred(pictures: FloatArray, weight: FloatArray, num_pixels: FloatArray) -> FloatArray:
    mean = (pictures * weight).sum(axis=(1, 2)) / num_pixels
    return np.asarray((pictures - mean[:, None, None]) * weight, np.float32)


def _num_pixels(inside: BoolArray) -> FloatArray:
    return np.asarray(np.maximum(inside.sum(axis=(1, 2)), 1), np.float32)
