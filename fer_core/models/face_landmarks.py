"""Where eyes, nose and mouth are in face crops, however small: the detector looks at each with a margin around it.

Crops come in, five points of each go out. A crop fills its picture with a face, in which the detector finds little
unless there is something around it.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.evaluation.counterfactuals import usual_landmarks
from fer_core.faces import FaceDetector
from fer_core.faces.detection import SMALLEST_SIDE

_MARGIN = 0.25  # of the side, all around; with it the detector finds 60 of 60 faces of FER2013


def find_landmarks(
    faces: npt.NDArray[np.uint8], *, on_progress: Callable[[int, int], None] | None = None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Find the landmarks of face crops.

    Args:
        faces: (n, size, size, channels) uint8, 0-255, channels 1 or 3 (RGB).
        on_progress: Called with (faces done, faces in all); what it raises ends the search.

    Returns:
        (n, 5, 2) float32 x and y in pixels of the crop, in the order of `Detection.landmarks`, and (n,) whether they
        were found; where not, they are the usual ones.
    """
    size = faces.shape[1]
    landmarks = np.tile(usual_landmarks(size), (len(faces), 1, 1))
    were_found = np.zeros(len(faces), np.bool_)
    detector = FaceDetector(passes=(SMALLEST_SIDE,))
    for number, face in enumerate(faces):
        found = _surest(detector, face)
        if found is not None:
            landmarks[number], were_found[number] = found, True
        if on_progress is not None and (number % 20 == 19 or number + 1 == len(faces)):
            on_progress(number + 1, len(faces))
    return landmarks, were_found


def _surest(detector: FaceDetector, face: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32] | None:
    size = len(face)
    margin = round(_MARGIN * size)
    framed = cv2.copyMakeBorder(face, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    factor = SMALLEST_SIDE / (size + 2 * margin)
    framed = np.asarray(cv2.resize(framed, (SMALLEST_SIDE, SMALLEST_SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)
    rgb = cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB) if framed.ndim == 2 else framed
    found = detector.detect(np.asarray(rgb, np.uint8))
    if not found:
        return None
    return max(found, key=lambda detection: detection.score).landmarks / factor - margin
