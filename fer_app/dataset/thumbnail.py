"""A small picture of the index as the page shows it: enlarged smoothly, which a browser does not do."""

import numpy as np
import numpy.typing as npt
from PIL import Image


def thumbnail(pixels: npt.NDArray[np.uint8], side: int) -> Image.Image:
    """Return a picture to be shown `side` pixels wide, drawn at twice that for dense screens.

    Args:
        pixels: (size, size, channels) uint8, 0-255, channels 1 (grey) or 3 (RGB).
        side: Width and height on the page in pixels.
    """
    picture = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
    return picture.resize((2 * side, 2 * side), Image.Resampling.LANCZOS)
