"""Smooths stacks of small pictures by a Gaussian, as products with a matrix that is made once."""

from functools import cache

import numpy as np

from fer_core.dataset.duplicates.crop_features import FloatArray


def smoothed(pictures: FloatArray, deviation: float) -> FloatArray:
    """Return (n, side, side) smoothed by a Gaussian of a deviation in pixels; at the edge, of what is there."""
    smoothing = _smoothing(pictures.shape[-1], deviation)
    return np.asarray(smoothing @ pictures @ smoothing.T, np.float32)


@cache
def _smoothing(side: int, deviation: float) -> FloatArray:
    """Gaussian smoothing of lines as a matrix (side, side)."""
    place = np.arange(side)
    weights = np.exp(-0.5 * np.square((place[:, None] - place) / deviation))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
