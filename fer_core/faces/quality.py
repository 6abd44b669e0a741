"""Says what is wrong with a face, as far as pixels and landmarks tell: reasons why reading it may fail.

The crop that the network sees, the box and the landmarks come in; notes go out, the gravest first. They are plain
measures with thresholds, no second network.
"""

import cv2
import numpy as np
import numpy.typing as npt

QUALITY_NOTES: dict[str, str] = {
    "tiny": "the face has few pixels: come closer, or use a larger picture",
    "cut off": "part of the face lies outside the picture",
    "turned away": "the face is seen from the side",
    "dark": "there is little light on the face",
    "blurred": "the face is out of focus or was moving",
}

TINY_BELOW = 24  # pixels of the box's height
CUT_OFF_ABOVE = 0.15  # share of the box that lies outside the picture
TURNED_ABOVE = 0.35  # distance of the nose from the middle between the eyes, in eye distances along their line
DARK_BELOW = 40  # mean grey of the crop, 0-255
BLURRED_BELOW = 0.004  # variance of the Laplacian of the crop as a share of the crop's own variance


def quality_notes(
    crop: npt.NDArray[np.uint8],
    bbox: tuple[float, float, float, float],
    *,
    picture_size: tuple[int, int],
    landmarks: npt.NDArray[np.float32] | None = None,
) -> tuple[str, ...]:
    """Return what is wrong with a face.

    Args:
        crop: (size, size, channels) uint8, what the network sees.
        bbox: x1, y1, x2, y2 in pixels of the picture; may run outside it.
        picture_size: Width and height of the picture.
        landmarks: (5, 2), x and y in pixels, the eyes and the nose first; without them nobody is turned away.

    Returns:
        Names of `QUALITY_NOTES` in their order; empty when nothing is wrong.
    """
    grey = crop[..., 0] if crop.shape[2] == 1 else cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    is_tiny = bbox[3] - bbox[1] < TINY_BELOW
    found = {
        "tiny": is_tiny,
        "cut off": share_outside(bbox, picture_size) > CUT_OFF_ABOVE,
        "turned away": landmarks is not None and turn(landmarks) > TURNED_ABOVE,
        "dark": float(grey.mean()) < DARK_BELOW,
        "blurred": not is_tiny and sharpness(np.asarray(grey, np.uint8)) < BLURRED_BELOW,  # enlarging blurs as well
    }
    return tuple(name for name in QUALITY_NOTES if found[name])


def share_outside(bbox: tuple[float, float, float, float], picture_size: tuple[int, int]) -> float:
    """Return the share of a box, 0-1, that lies outside the picture."""
    x1, y1, x2, y2 = bbox
    width = max(0.0, min(x2, picture_size[0]) - max(x1, 0.0))
    height = max(0.0, min(y2, picture_size[1]) - max(y1, 0.0))
    area = (x2 - x1) * (y2 - y1)
    return 1.0 - width * height / area if area > 0 else 1.0


def turn(landmarks: npt.NDArray[np.float32]) -> float:
    """Return how far the nose lies from the middle between the eyes, in eye distances along the line of the eyes."""
    right, left, nose = (landmarks[number].astype(np.float64) for number in range(3))
    line = left - right
    length = float(line @ line)
    return abs(float((nose - (right + left) / 2) @ line)) / length if length > 0 else float("inf")


def sharpness(grey: npt.NDArray[np.uint8]) -> float:
    """Return the variance of the Laplacian as a share of the variance of the pixels (Pech-Pacheco et al., 2000)."""
    variance = float(grey.var())
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / variance if variance > 0 else 0.0
