"""Describes crops of small grey pictures by short vectors whose cosine says how alike two crops are.

Pictures and crop boxes come in; unit vectors go out. A crop is sampled coarsely (fine detail does not survive JPEG and
would make the vectors sensitive to a shift of a pixel), freed of its brightness and contrast and of what all faces
have in common, and reduced to the directions in which the dataset's faces differ.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 24  # pixels; of the pictures that crops are taken from
_NUM_SAMPLES = 10  # a crop is sampled on a grid of 10 x 10
_NUM_DIRECTIONS = 40
_CENTRE_SHARE = 2 / 3  # side of the centre crop as a share of the picture's side: 32 of 48 pixels
_MIN_CONTRAST = 3.0  # grey levels of standard deviation; below, contrast is not stretched to the full
_SHRINKAGE = 50  # pictures; a smaller dataset's mean and directions are trusted by that much less
_MAX_FITTED = 5000

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Crop:
    """A square crop relative to the centre crop.

    Args:
        scale: Its side, 1 for the centre crop's.
        shift_x: Its centre's distance from the picture's centre, as a share of the picture's side.
        shift_y: The same downwards.
    """

    scale: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0


def crop_grid(*, scales: tuple[float, ...], shifts: tuple[float, ...]) -> tuple[Crop, ...]:
    """Return a crop for every scale and every pair of shifts."""
    return tuple(Crop(scale, x, y) for scale in scales for y in shifts for x in shifts)


def resized_grey(images: npt.NDArray[np.uint8], side: int) -> FloatArray:
    """Turn pictures (n, size, size, 1 or 3) uint8 into grey ones of another size, (n, side, side) float32, 0-255."""
    resized = np.empty((len(images), side, side), np.float32)
    method = cv2.INTER_AREA if images.shape[1] > side else cv2.INTER_LINEAR
    for number, image in enumerate(images):
        grey = image[..., 0] if image.shape[2] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        resized[number] = grey if len(grey) == side else cv2.resize(grey, (side, side), interpolation=method)
    return resized


@dataclass(frozen=True)
class CropFeatures:
    """What turns sampled crops into vectors.

    Args:
        mean: (samples,) float32, the crop that all have in common.
        directions: (samples, d) float32, columns scaled.
    """

    mean: FloatArray
    directions: FloatArray

    @classmethod
    def fit(cls, small: npt.NDArray[np.uint8], seed: int = 0) -> "CropFeatures":
        """Learn the mean and the directions from pictures (n, SIDE, SIDE) uint8; n may be 1."""
        chosen = np.random.default_rng(seed).permutation(len(small))[:_MAX_FITTED]
        crops = np.concatenate([_sample(small[chosen], crop) for crop in (Crop(), Crop(0.8, 0.06, 0.06))])
        mean = crops.mean(axis=0) * len(chosen) / (len(chosen) + _SHRINKAGE)
        values, vectors = np.linalg.eigh(np.cov(crops - mean, rowvar=False))
        values, vectors = values[::-1][:_NUM_DIRECTIONS], vectors[:, ::-1][:, :_NUM_DIRECTIONS]
        # Half-way to equal variances: equal ones find more at once but lose crops that are a little off.
        floor = values[0] * (0.002 + _SHRINKAGE / (len(chosen) + _SHRINKAGE))
        return cls(mean.astype(np.float32), (vectors / np.maximum(values, floor) ** 0.25).astype(np.float32))

    def describe(self, small: npt.NDArray[np.uint8], crop: Crop) -> FloatArray:
        """Return one unit vector a picture for its crop, (n, d) float32."""
        vectors = (_sample(small, crop) - self.mean) @ self.directions
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-6), np.float32)


def _sample(small: npt.NDArray[np.uint8], crop: Crop) -> FloatArray:
    """Sample a crop of each picture and normalise it to mean 0 and length 1: (n, samples)."""
    rows = _sampling_matrix(crop.scale, crop.shift_y)
    columns = _sampling_matrix(crop.scale, crop.shift_x)
    samples = (rows @ small.astype(np.float32) @ columns.T).reshape(len(small), -1)
    samples -= samples.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(samples, axis=1, keepdims=True)
    return np.asarray(samples / np.maximum(lengths, _MIN_CONTRAST * _NUM_SAMPLES), np.float32)


def _sampling_matrix(scale: float, shift: float) -> FloatArray:
    """Weights (samples, SIDE) of triangular filters as wide as their spacing, so that nothing is skipped."""
    side = _CENTRE_SHARE * SIDE * scale
    spacing = side / _NUM_SAMPLES
    centres = (0.5 + shift) * SIDE - side / 2 + spacing * (np.arange(_NUM_SAMPLES) + 0.5)
    distances = np.abs(np.arange(SIDE) + 0.5 - centres.clip(0.5, SIDE - 0.5)[:, None])
    weights = np.maximum(0.0, 1.0 - distances / max(spacing, 1.0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
