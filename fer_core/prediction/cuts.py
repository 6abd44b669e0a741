"""Faces cut out of pictures, before anything reads them: where each is, and the square that the network will see.

A picture and boxes come in, or a picture that is itself a face; cuts go out. Photos, live frames and tests all cut
here, so that a box gives the same pixels everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.faces import crop_face, quality_notes, whole_picture
from fer_core.models.info import ModelInfo

Box = tuple[float, float, float, float]  # x1, y1, x2, y2 in pixels


@dataclass(frozen=True, eq=False)
class FaceCut:
    """A face before it is read.

    Args:
        bbox: x1, y1, x2, y2 in pixels of the picture; may run outside it.
        score: The detector's certainty that this is a face, 0-1, or None.
        landmarks: (5, 2) float32 in pixels, or None.
        crop: (size, size, channels) uint8, what the network will see.
        quality: Names of `QUALITY_NOTES`: what is wrong with it.
    """

    bbox: Box
    score: float | None
    landmarks: npt.NDArray[np.float32] | None
    crop: npt.NDArray[np.uint8]
    quality: tuple[str, ...]


def cut_boxes(
    picture: npt.NDArray[np.uint8],
    boxes: Sequence[Box],
    info: ModelInfo,
    *,
    landmarks: Sequence[npt.NDArray[np.float32] | None] | None = None,
    scores: Sequence[float | None] | None = None,
) -> list[FaceCut]:
    """Cut out the face of each box.

    Args:
        picture: (height, width, 3) uint8 RGB.
        boxes: Where the faces are.
        info: Says what crops the network reads.
        landmarks: (5, 2) for each box, or None.
        scores: The detector's certainty for each box, or None.
    """
    landmarks = [None] * len(boxes) if landmarks is None else landmarks
    scores = [None] * len(boxes) if scores is None else scores
    return [_cut(picture, *of_one, info) for of_one in zip(boxes, landmarks, scores, strict=True)]


def _cut(
    picture: npt.NDArray[np.uint8],
    bbox: Box,
    landmarks: npt.NDArray[np.float32] | None,
    score: float | None,
    info: ModelInfo,
) -> FaceCut:
    crop = crop_face(picture, bbox, size=info.input_size, channels=info.channels, landmarks=landmarks)
    quality = quality_notes(crop, bbox, picture_size=_size(picture), landmarks=landmarks)
    return FaceCut(bbox, score, landmarks, crop, quality)


def cut_whole(picture: npt.NDArray[np.uint8], info: ModelInfo) -> FaceCut:
    """Take the whole picture, (height, width, 3) uint8 RGB, as one face."""
    width, height = _size(picture)
    crop = whole_picture(picture, size=info.input_size, channels=info.channels)
    bbox = (0.0, 0.0, float(width), float(height))
    return FaceCut(bbox, None, None, crop, quality_notes(crop, bbox, picture_size=(width, height)))


def _size(picture: npt.NDArray[np.uint8]) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]
