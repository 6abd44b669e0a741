"""Says what is wrong with a face, as far as pixels and landmarks tell: reasons why reading it may fail.

The crop that the network sees, the box and the landmarks come in; notes go out, the gravest first. They are plain
measures with thresholds, no second network.

The thresholds were set by damaging 500 faces of FER2013's test part and reading them with the shipped network (one
view), whose confident answers are right on 82 % of these faces as they are, and on 80 % is what its threshold promises.
Of its confident answers were right:

    faces of 32, 24, 20, 16, 12 pixels                    78, 72, 66, 56, 39 %
    blurred by a Gaussian of 0.7, 1, 1.5, 2 pixels of 48  81, 71, 62, 43 %; by a motion of 5, 9: 69, 53 %
    darkened to a mean of 64, 38, 25, 12                  84, 73, 53, 14 %, and at 12 it was confident about 86 %
    without the lowest 10, 20, 30 %                       80, 59, 36 %; without the top 30, 40 %: 75, 68; a side 40: 76

So a confident answer about a face with one of `UNRELIABLE` is not to be trusted. Faces turned as far as FER2013 has
them (25 of 500 beyond 0.3) were read as well as others; the note only warns of what the network has hardly ever seen.
"""

import cv2
import numpy as np
import numpy.typing as npt

QUALITY_NOTES: dict[str, str] = {
    "tiny": "the face has few pixels: come closer, or use a larger picture",
    "cut off": "part of the face lies outside the picture",
    "dark": "there is little light on the face",
    "blurred": "the face is out of focus or was moving",
    "turned away": "the face is seen from the side",
}
UNRELIABLE = frozenset({"tiny", "cut off", "dark", "blurred"})

TINY_BELOW = 24  # pixels of the box's height
CUT_OFF_ABOVE = 0.35  # share of the box that lies outside the picture
CUT_OFF_BELOW_ABOVE = 0.15  # share of its height that lies below the picture: the mouth says most
DARK_BELOW = 35  # mean grey of the crop, 0-255; of FER2013's faces 5 % lie below 72
BLURRED_BELOW = 0.018  # `sharpness`; of FER2013's faces 1 % lie below 0.069
TURNED_ABOVE = 0.4  # `turn`; of FER2013's faces 1.4 % lie above

_SIDE = 48  # pixels; what sharpness was measured at

Box = tuple[float, float, float, float]


def quality_notes(
    crop: npt.NDArray[np.uint8],
    bbox: Box,
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
        "cut off": _is_cut_off(bbox, picture_size)
        or (landmarks is not None and _is_cut_off(framed_box(landmarks), picture_size)),
        "dark": float(grey.mean()) < DARK_BELOW,
        "blurred": not is_tiny and sharpness(np.asarray(grey, np.uint8)) < BLURRED_BELOW,  # enlarging blurs as well
        "turned away": landmarks is not None and turn(landmarks) > TURNED_ABOVE,
    }
    return tuple(name for name in QUALITY_NOTES if found[name])


def _is_cut_off(bbox: Box, picture_size: tuple[int, int]) -> bool:
    below = (bbox[3] - picture_size[1]) / max(bbox[3] - bbox[1], 1e-9)
    return below > CUT_OFF_BELOW_ABOVE or share_outside(bbox, picture_size) > CUT_OFF_ABOVE


def framed_box(landmarks: npt.NDArray[np.float32]) -> Box:
    """Return where the whole face must be, judged by eyes and mouth: the detector's box ends near the picture's edge.

    In FER2013's framing the eyes lie at 0.385 of the height and the mouth at 0.75.
    """
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:5].mean(axis=0)
    side = float(np.hypot(*(mouth - eyes))) / (0.75 - 0.385)
    x, y = (float(value) for value in eyes + (mouth - eyes) * (0.5 - 0.385) / (0.75 - 0.385))
    return (x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def share_outside(bbox: Box, picture_size: tuple[int, int]) -> float:
    """Return the share of a box, 0-1, that lies outside the picture (width, height)."""
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
    """Return how much detail a face has: its second differences' variance as a share of the pixels' own.

    A form of the Laplacian's variance (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000)
    that takes rows and columns apart and returns the lesser, as motion blurs along one of them; and that does not
    change with contrast.

    Args:
        grey: (size, size) uint8; measured at 48 x 48 pixels.
    """
    if grey.shape[0] > _SIDE:
        grey = np.asarray(cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    pixels = grey.astype(np.float32)
    variance = float(pixels.var())
    if variance == 0:
        return 0.0
    along_rows, along_columns = (np.diff(pixels, n=2, axis=axis).var() for axis in (1, 0))
    return float(min(along_rows, along_columns)) / variance
