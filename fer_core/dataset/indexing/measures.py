"""What the pixels of an index say in numbers: brightness, contrast, sharpness and a perceptual hash.

A batch of pictures at index size comes in, one array a measure goes out, all of it computed for the batch at once:
a call a picture would take longer than decoding the picture.
"""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

MEASURES = ("brightness", "contrast", "sharpness")
_HASH_SIDE = 8  # 8 x 8 bits


def grey_pictures(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return (n, size, size) grey of (n, size, size, 1 or 3) uint8 grey or RGB pictures."""
    num_images, size, _, channels = images.shape
    if channels == 1 or num_images == 0:
        return images[..., 0]
    tall = np.ascontiguousarray(images).reshape(num_images * size, size, channels)
    return np.asarray(cv2.cvtColor(tall, cv2.COLOR_RGB2GRAY), np.uint8).reshape(num_images, size, size)


def measure(grey: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[np.float32]]:
    """Measure pictures.

    Args:
        grey: (n, size, size) uint8, 0-255.

    Returns:
        For each of `MEASURES` (n,) float32: brightness is the mean (0-255), contrast the standard deviation
        (0-127.5), sharpness the variance of the Laplacian, the focus measure of Pech-Pacheco et al. (2000),
        "Diatom autofocusing in brightfield microscopy"; at the rim the picture is mirrored, as OpenCV does.
    """
    num_pixels = grey.shape[1] * grey.shape[2]
    wide = grey.astype(np.int16)
    brightness, variance = _mean_and_variance(wide, num_pixels)
    _, sharpness = _mean_and_variance(_laplacian(wide), num_pixels)
    values = (brightness, np.sqrt(variance), sharpness)
    return {name: value.astype(np.float32) for name, value in zip(MEASURES, values, strict=True)}


def perceptual_hash(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return 64 bits a picture that few changes of size, light or compression touch.

    The bits say which of the 8 x 8 lowest frequencies of the cosine transform lie above their median (Zauner 2010,
    "Implementation and benchmarking of perceptual image hash functions"). Pictures that look alike differ in few.

    Args:
        grey: (n, size, size) uint8, 0-255.

    Returns:
        (n,) uint64; the highest bit is the lowest frequency.
    """
    basis = _cosines(grey.shape[1])
    # Whole numbers: what rounding errors leave of a frequency that is absent sets no bit.
    frequencies = np.rint(basis @ grey.astype(np.float32) @ basis.T).reshape(len(grey), _HASH_SIDE**2)
    bits = frequencies > np.median(frequencies, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8").astype(np.uint64).reshape(len(grey))


def _mean_and_variance(
    values: npt.NDArray[np.int16], num_pixels: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and variance of each (n, size, size) picture, from exact whole-number sums."""
    flat = values.reshape(len(values), num_pixels)
    mean = flat.sum(axis=1, dtype=np.int64) / num_pixels
    squares = np.einsum("np,np->n", flat, flat, dtype=np.int64) / num_pixels
    return mean, np.maximum(squares - mean**2, 0.0)


def _laplacian(values: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Sum of the four neighbours less four times the pixel, for (n, size, size)."""
    result = values * np.int16(-4)
    result[:, 1:] += values[:, :-1]
    result[:, :-1] += values[:, 1:]
    result[:, :, 1:] += values[:, :, :-1]
    result[:, :, :-1] += values[:, :, 1:]
    result[:, 0] += values[:, 1]
    result[:, -1] += values[:, -2]
    result[:, :, 0] += values[:, :, 1]
    result[:, :, -1] += values[:, :, -2]
    return result


@lru_cache(maxsize=8)
def _cosines(size: int) -> npt.NDArray[np.float32]:
    """(8, size): the first rows of the orthonormal DCT-II."""
    frequency, position = np.mgrid[:_HASH_SIDE, :size]
    basis = np.cos(np.pi * frequency * (2 * position + 1) / (2 * size)) * np.sqrt(2 / size)
    basis[0] /= np.sqrt(2)
    return np.asarray(basis, np.float32)
