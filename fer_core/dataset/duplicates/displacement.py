"""Measures how far the parts of two pictures lie apart that were laid over each other as wholes.

The detail of aligned pairs comes in, a length in pixels of each goes out: near 0 where both show the same photo, more
where a face has moved between two of them. A turn or a slant of the whole is no movement of parts and does not count.
"""

import numpy as np
import numpy.typing as npt

from fer_core.dataset.duplicates.crop_features import FloatArray
from fer_core.dataset.duplicates.smoothing import smoothed

_WINDOW = 3.0  # pixels, standard deviation; what counts as a part
_RIDGE = 0.03  # of the detail's power; a part without edges is taken to lie where it should
_STRONG = 3.0  # slopes of this power and more tell a place equally well
# What moved most does not count: the stamp of a photo agency, in FER2013 the commonest difference between two copies.
_SHARE = 0.8


def displacement(first: FloatArray, second: FloatArray, inside: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the displacement that four fifths of each picture stay below, (pairs,) in pixels.

    One step of Lucas and Kanade (1981) in a window around every pixel, less the affine movement of the whole.

    Args:
        first: (pairs, side, side) float32, detail with mean 0 and power 1.
        second: The same shape.
        inside: Where both are, the same shape.
    """
    middle, difference = (first + second) / 2, second - first
    down, across = np.gradient(middle, axis=1) * inside, np.gradient(middle, axis=2) * inside
    products = (across * across, down * down, across * down, across * difference, down * difference)
    xx, yy, xy, x, y = (smoothed(product, _WINDOW) for product in products)
    counts = (smoothed(inside.astype(np.float32), _WINDOW) > 0.5).astype(np.float32)
    weight = np.asarray(counts * np.minimum(xx + yy, _STRONG), np.float32)
    xx, yy = xx + _RIDGE, yy + _RIDGE
    power = xx * yy - xy * xy
    moved = np.stack([(yy * x - xy * y) / power, (xx * y - xy * x) / power], axis=-1).astype(np.float32)
    lengths = counts * np.linalg.norm(_without_affine(moved, weight), axis=-1)
    return np.asarray(np.quantile(lengths.reshape(len(lengths), -1), _SHARE, axis=1), np.float32)


def _without_affine(moved: FloatArray, weight: FloatArray) -> FloatArray:
    """Take the affine movement that explains most of (pairs, side, side, 2) out of it, by weighted least squares."""
    pairs, side = moved.shape[:2]
    place = np.linspace(-1, 1, side, dtype=np.float32)
    terms = np.stack([np.ones((side, side), np.float32), *np.meshgrid(place, place)], axis=-1).reshape(-1, 3)
    weighted = (terms.T * weight.reshape(pairs, 1, -1)).astype(np.float32)  # (pairs, 3, pixels)
    normal = weighted @ terms + 1e-3 * np.eye(3, dtype=np.float32)
    affine = np.linalg.solve(normal, weighted @ moved.reshape(pairs, -1, 2))
    return np.asarray(moved - (terms @ affine).reshape(moved.shape), np.float32)
