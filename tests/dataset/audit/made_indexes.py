"""Indexes made in memory, healthy as they come, for planting faults into their table or pixels."""

import hashlib
from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.index import DatasetIndex

CLASSES = ("happy", "sad")


def noise_images(num_images: int, *, seed: int = 0, size: int = 48) -> npt.NDArray[np.uint8]:
    """Smooth noise with a little grain, (n, size, size, 1): every picture different, all of one kind."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(30, 226, (num_images, 6, 6)).astype(np.float32)
    smooth = np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC) for image in coarse])
    return (smooth + generator.normal(0, 3, smooth.shape)).clip(0, 255).astype(np.uint8)[..., None]


def made_index(
    images: npt.NDArray[np.uint8],
    *,
    splits: Mapping[str, int] | None = None,
    labels: list[str] | None = None,
    **columns: object,
) -> DatasetIndex:
    """An index of these images: by default all train, classes in turn, PNG files of the images' own size.

    Args:
        images: (n, size, size, channels) uint8.
        splits: Split by number of images, in order.
        labels: One an image.
        columns: Columns of the table to set otherwise, such as mode=["L", "P", …].
    """
    num_images = len(images)
    grey = images.mean(axis=3).astype(np.float32)
    table = pd.DataFrame(
        {
            "image_id": range(num_images),
            "path": [f"{number:05d}.png" for number in range(num_images)],
            "split": [name for name, count in (splits or {"train": num_images}).items() for _ in range(count)],
            "label": labels or [CLASSES[number % 2] for number in range(num_images)],
            "source": "made",
            "readable": True,
            "width": images.shape[2],
            "height": images.shape[1],
            "mode": "L",
            "format": "PNG",
            "file_size": 2000,
            "digest": [hashlib.blake2b(image.tobytes(), digest_size=16).hexdigest() for image in images],
            "brightness": grey.mean(axis=(1, 2)),
            "contrast": grey.std(axis=(1, 2)),
            "sharpness": [float(cv2.Laplacian(image, cv2.CV_32F).var()) for image in grey],
        }
    )
    return DatasetIndex(table=table.assign(**columns), images=images)


def jpeg(images: npt.NDArray[np.uint8], quality: int = 85) -> npt.NDArray[np.uint8]:
    """Grey images (n, size, size, 1) after JPEG compression."""
    packed = [cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for image in images]
    return np.stack([cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) for data in packed])[..., None]
