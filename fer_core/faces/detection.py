"""Finds faces with YuNet, the small detector whose file lies in this folder.

An upright RGB picture of any size comes in; boxes with a score and five landmarks go out, left to right. The picture
is searched at two sizes, because each finds faces that the other misses.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError
from fer_core.pool import Pool

YUNET_FILE = "face_detection_yunet_2026may.onnx"
YUNET_SHA256 = "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0"

# Long sides in pixels. At 320 faces that fill the frame are found (of 50 enlarged to 960 x 960 a single pass at full
# size finds 7) and noise does no harm; at 960 small and tilted ones. Above 960 paving stones become faces.
PASSES = (320, 960)
SMALLEST_SIDE, LARGEST_SIDE = 320, 960

MIN_SCORE = 0.6  # the library's 0.9 loses half of the small faces
_MAX_IOU = 0.3
_MAX_COVERED = 0.6  # share of the smaller box; joins the box of a face with the one of its middle
_AGREEING_IOU = 0.5  # boxes of one face, not of a face and its middle
_MAX_BOXES = 200


@dataclass(frozen=True, eq=False)
class Detection:
    """One face found.

    Args:
        bbox: x1, y1, x2, y2 in pixels; may run outside the picture.
        score: The detector's certainty that this is a face, 0-1.
        landmarks: (5, 2) float32, x and y in pixels: right eye, left eye (the person's own), nose, right and left
            corner of the mouth.
    """

    bbox: tuple[float, float, float, float]
    score: float
    landmarks: npt.NDArray[np.float32]


class FaceDetector:
    """YuNet for any number of threads, which search at the same time: each call borrows a network of its own.

    Args:
        passes: Long sides in pixels at which a picture is searched; a picture is enlarged up to 320 at most.
        min_score: Detections below this certainty are left out, 0-1.

    Raises:
        ModelError: If the detector's file is missing or damaged.
        ValueError: If a pass or the score is out of range.
    """

    def __init__(self, passes: tuple[int, ...] = PASSES, min_score: float = MIN_SCORE) -> None:
        _check_passes(passes)
        if not 0.0 < min_score < 1.0:
            raise ValueError(f"expected a min_score between 0 and 1, received {min_score!r}")
        self.passes = tuple(passes)
        network = _read_yunet()
        # FaceDetectorYN raises or mixes up sizes when threads share it.
        self._networks = Pool(lambda: _create_yunet(network, min_score), size=os.cpu_count() or 1)

    def detect(self, image: npt.NDArray[np.uint8], *, passes: tuple[int, ...] | None = None) -> list[Detection]:
        """Find the faces of a picture.

        Args:
            image: (height, width, 3) uint8 RGB, upright.
            passes: Long sides in pixels for this picture; those of the detector when None.

        Returns:
            One detection a face, left to right; empty when there is none.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            raise ValueError(f"expected a picture (height, width, 3) uint8, received {image.shape} {image.dtype}")
        if passes is None:
            passes = self.passes
        else:
            _check_passes(passes)
        found = [detection for small in _pyramid(image, passes) for detection in self._search(small, image.shape)]
        return sorted(_without_doubles(found), key=lambda detection: detection.bbox[:2])

    def _search(self, small: npt.NDArray[np.uint8], shape: tuple[int, ...]) -> list[Detection]:
        height, width = small.shape[:2]
        bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
        with self._networks.lend() as yunet:
            yunet.setInputSize((width, height))
            rows = yunet.detect(bgr)[1]
        scale = np.array([shape[1] / width, shape[0] / height], np.float32)
        return [] if rows is None else [_detection(row, scale) for row in rows]


def _pyramid(image: npt.NDArray[np.uint8], passes: tuple[int, ...]) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the picture at each size, the largest first: each is made from the one before, which is cheaper."""
    long_side = max(SMALLEST_SIDE, *image.shape[:2])
    for side in sorted({min(side, long_side) for side in passes}, reverse=True):
        image = _resized(image, side)
        yield image


def _check_passes(passes: tuple[int, ...]) -> None:
    if not passes or any(not SMALLEST_SIDE <= side <= LARGEST_SIDE for side in passes):
        raise ValueError(f"expected passes from {SMALLEST_SIDE} to {LARGEST_SIDE} pixels, received {passes!r}")


def _create_yunet(network: npt.NDArray[np.uint8], min_score: float) -> Any:
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # else a warning about targets for each detector
    try:
        nothing = np.empty(0, np.uint8)  # no separate file of settings
        return cv2.FaceDetectorYN.create(
            "onnx", network, nothing, (SMALLEST_SIDE, SMALLEST_SIDE), min_score, _MAX_IOU, _MAX_BOXES
        )
    finally:
        cv2.utils.logging.setLogLevel(level)


def _read_yunet() -> npt.NDArray[np.uint8]:
    file = resources.files("fer_core.faces").joinpath("yunet", YUNET_FILE)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelError(f"The face detector's file {str(file)!r} is missing. Install the program again.") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != YUNET_SHA256:
        raise ModelError(
            f"The face detector's file {str(file)!r} is damaged: its sha256 is {digest}, expected {YUNET_SHA256}. "
            "Install the program again."
        )
    return np.frombuffer(content, np.uint8)


def _resized(image: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    height, width = image.shape[:2]
    factor = side / max(height, width)
    if factor == 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)


def _detection(row: npt.NDArray[np.float32], scale: npt.NDArray[np.float32]) -> Detection:
    """Turn a row of YuNet (x, y, width, height, 5 x (x, y), score) into a detection in the picture's own pixels."""
    (x1, y1), (width, height) = row[:2] * scale, row[2:4] * scale
    bbox = (float(x1), float(y1), float(x1 + width), float(y1 + height))
    return Detection(bbox=bbox, score=float(row[14]), landmarks=row[4:14].reshape(5, 2) * scale)


def _without_doubles(found: list[Detection]) -> list[Detection]:
    """Keep one box of those that show the same face, where the passes agree to place it.

    Of 225 faces of FER2013 in scenes, encoded again as JPEG of quality 90, 3.6 % changed their label with the surest
    box and 1.3 % with the mean: which pass is the surer changes with a trifle.
    """
    surest: list[Detection] = []
    for detection in sorted(found, key=lambda detection: -detection.score):
        if not any(_show_same_face(detection.bbox, other.bbox) for other in surest):
            surest.append(detection)
    return [
        _mean([other for other in found if _iou(one.bbox, other.bbox) > _AGREEING_IOU], one.score) for one in surest
    ]


def _mean(detections: list[Detection], score: float) -> Detection:
    """Return the mean of some detections, weighted by their scores."""
    weights = np.array([detection.score for detection in detections])
    weights /= weights.sum()
    x1, y1, x2, y2 = (float(edge) for edge in weights @ np.array([detection.bbox for detection in detections]))
    landmarks = np.tensordot(weights, np.array([detection.landmarks for detection in detections]), axes=1)
    return Detection((x1, y1, x2, y2), score, landmarks.astype(np.float32))


def _iou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Return the intersection of two boxes as a share of their union."""
    overlap = _overlap(a, b)
    union = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - overlap
    return overlap / union if union > 0 else 0.0


def _show_same_face(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return _iou(a, b) > _MAX_IOU or _overlap(a, b) > _MAX_COVERED * min(areas)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, width) * max(0.0, height)
