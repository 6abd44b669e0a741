"""Brings the pictures of an index to the size and the channels that a model reads."""

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.faces import whole_picture
from fer_core.models.info import ModelInfo


def fit_images(images: npt.NDArray[np.uint8], info: ModelInfo) -> npt.NDArray[np.uint8]:
    """Return pictures as a model's input.

    Args:
        images: (n, size, size, channels) uint8, 0-255, channels 1 or 3.
        info: What the model's package says.

    Returns:
        (n, `input_size`, `input_size`, `channels`) uint8; the same array where nothing is to be done.
    """
    shape = (info.input_size, info.input_size, info.channels)
    if images.shape[1:] == shape:
        return np.asarray(images)
    fitted = np.empty((len(images), *shape), np.uint8)
    for number, image in enumerate(images):
        rgb = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.shape[2] == 1 else image
        fitted[number] = whole_picture(np.asarray(rgb, np.uint8), size=info.input_size, channels=info.channels)
    return fitted
