"""What cameras and files do to a picture: blur, and the marks that JPEG leaves, computed on whole batches.

Both work on luminance by multiplying with small matrices, which takes a ninth of the time of a depthwise convolution
on a CPU; colours keep their differences to it. Batches (n, size, size) float32, 0-255, come in and go out.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

Matrix = npt.NDArray[np.float32]

BLOCK = 8  # pixels, JPEG's
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601, JPEG's own
# ITU-T T.81 (JPEG), table K.1: steps of the luminance coefficients at quality 50.
_STEPS = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.float32,
)


def luminance(x: Any) -> Any:
    """Return (n, size, size) of (n, size, size, channels) pictures, grey or RGB."""
    if x.shape[-1] == 1:
        return x[..., 0]
    return sum(weight * x[..., channel] for channel, weight in enumerate(_LUMINANCE))


def blur_matrix(size: int, width: float) -> Matrix:
    """Return (size, size): times a column, its Gaussian blur, at the borders of what there is.

    Args:
        size: Side of the picture in pixels.
        width: Standard deviation in pixels.
    """
    distances = np.subtract.outer(np.arange(size), np.arange(size))
    weights = np.exp(-0.5 * (distances / width) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def block_cosines(size: int) -> Matrix:
    """Return (size, size): times a column, the cosine transform of each of its blocks of 8, the last may be shorter."""
    matrix = np.zeros((size, size), np.float32)
    for start in range(0, size, BLOCK):
        stop = min(start + BLOCK, size)
        matrix[start:stop, start:stop] = _cosines(stop - start)
    return matrix


def blur(plane: Any, matrix: Matrix) -> Any:
    """Blur down and across."""
    return ops.matmul(ops.matmul(matrix, plane), matrix.T)


def damage_as_jpeg(plane: Any, quality: Any, cosines: Matrix) -> Any:
    """Round each block's cosine coefficients to the steps that JPEG has at a quality.

    Args:
        plane: (n, size, size), 0-255.
        quality: (n, 1, 1), 1-100, as libjpeg counts it.
        cosines: What `block_cosines(size)` returns.
    """
    tiles = math.ceil(len(cosines) / BLOCK)
    steps = np.tile(_STEPS, (tiles, tiles))[: len(cosines), : len(cosines)]
    factor = ops.where(quality < 50.0, 50.0 / quality, 2.0 - quality / 50.0)
    steps = ops.maximum(factor * steps, 1.0)
    coefficients = ops.matmul(ops.matmul(cosines, plane - 128.0), cosines.T)
    rounded = ops.round(coefficients / steps) * steps
    return ops.matmul(ops.matmul(cosines.T, rounded), cosines) + 128.0


def _cosines(size: int) -> npt.NDArray[np.float64]:
    """Return the orthonormal cosine transform (DCT-II) of `size` values."""
    frequency, place = np.arange(size)[:, None], np.arange(size)[None]
    matrix = np.cos(math.pi * (2 * place + 1) * frequency / (2 * size)) * math.sqrt(2 / size)
    matrix[0] /= math.sqrt(2)
    return np.asarray(matrix)
