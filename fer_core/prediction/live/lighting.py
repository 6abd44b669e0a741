"""Makes very dark frames brighter before anything looks at them; the frame that is shown stays as it is.

Measured on composed frames with one and two faces: at a mean grey of 8 the detector found a third of the faces, and
all of them after brightening; the shipped model called a smile angry with 0.82, and happy with 0.95.
"""

import cv2
import numpy as np
import numpy.typing as npt

_ENOUGH = 60.0  # grey of the brighter tenth of the frame; a frame with that much light stays as it is
_LARGEST_FACTOR = 12.0  # beyond, noise is all there is
_DARK_ABOVE = 2.5  # the factor from which a frame counts as dark; without brightening faces begin to be missed


def brightened(frame: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], bool]:
    """Return the frame with enough light.

    Args:
        frame: (height, width, 3) uint8 RGB.

    Returns:
        The frame itself where it has enough light, else a brighter copy; and whether it is very dark.
    """
    step = max(1, max(frame.shape[:2]) // 80)
    bright = float(np.percentile(frame[::step, ::step, 1], 90))
    if bright >= _ENOUGH:
        return frame, False
    factor = min(_LARGEST_FACTOR, _ENOUGH / max(bright, 1.0))
    return np.asarray(cv2.convertScaleAbs(frame, alpha=factor), np.uint8), factor > _DARK_ABOVE
