"""What a prediction says: the faces of a picture, each with its probabilities, as table, JSON or drawing.

The predictor makes these objects; pages, batches and the command line only show them. Faces are numbered from 1 in
the same order everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fer_core.faces.quality import UNRELIABLE
from fer_core.labels import class_colors
from fer_core.prediction.overlay import Mark, draw_marks

if TYPE_CHECKING:
    import pandas as pd

UNSURE = "unsure"
LOW_CONFIDENCE = "low confidence"
UNSURE_COLOR = "#3A3F45"


@dataclass(frozen=True, eq=False)
class Face:
    """One face and the expression it appears to show.

    Args:
        bbox: x1, y1, x2, y2 in pixels of the picture; may run outside it.
        detection_score: The detector's certainty that this is a face, 0-1; None when the whole picture was taken.
        landmarks: (5, 2) float32, x and y in pixels: the eyes, the nose, the corners of the mouth; or None.
        probabilities: (classes,) float32 in the order of the prediction's class names.
        label: The most probable class.
        confidence: Its probability.
        unsure: Whether the confidence is below what the model needs to be right often enough, or the face has a
            fault with which even confident answers are not: a name of `faces.UNRELIABLE`.
        crop: (size, size, channels) uint8, what the network saw.
        quality: Names of `faces.QUALITY_NOTES`: what is wrong with the face, whether or not it was unsure.
        unsure_reason: Why it is unsure: its quality notes, as in "dark, blurred", or else "low confidence"; empty when
            it is not unsure.
    """

    bbox: tuple[float, float, float, float]
    detection_score: float | None
    landmarks: npt.NDArray[np.float32] | None
    probabilities: npt.NDArray[np.float32]
    label: str
    confidence: float
    unsure: bool
    crop: npt.NDArray[np.uint8]
    quality: tuple[str, ...] = ()
    unsure_reason: str = ""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The faces of one picture; none is a result like any other.

    Args:
        image: (height, width, 3) uint8 RGB, upright.
        faces: Left to right.
        class_names: Classes in the order of the probabilities.
        name: What the picture is called in tables.
    """

    image: npt.NDArray[np.uint8]
    faces: tuple[Face, ...]
    class_names: tuple[str, ...]
    name: str

    def rows(self) -> list[dict[str, Any]]:
        """Return one table row a face."""
        return [self._row(number, face) for number, face in enumerate(self.faces, start=1)]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a face: image, face, x1, y1, x2, y2, detection_score, label, confidence, unsure, p_<class>."""
        return results_frame(self.rows(), self.class_names)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the pixels, in types that JSON knows."""
        height, width = self.image.shape[:2]
        faces = [self._described(number, face) for number, face in enumerate(self.faces, start=1)]
        return {
            "image": self.name,
            "width": width,
            "height": height,
            "class_names": list(self.class_names),
            "faces": faces,
        }

    def draw(self) -> npt.NDArray[np.uint8]:
        """Return the picture with a box and a label for each face.

        Returns:
            (height, width, 3) uint8 RGB; a picture of less than 320 pixels is enlarged, so that labels can be read.
        """
        return draw_marks(self.image, self.marks())

    def marks(self) -> list[Mark]:
        """Return what `draw` puts on the picture: for each face its box, number and label."""
        colors = dict(zip(self.class_names, class_colors(self.class_names), strict=True))
        return [_mark(number, face, colors) for number, face in enumerate(self.faces, start=1)]

    def _row(self, number: int, face: Face) -> dict[str, Any]:
        row = {"image": self.name, "face": number, **dict(zip(("x1", "y1", "x2", "y2"), face.bbox, strict=True))}
        row |= {"detection_score": face.detection_score, "label": face.label}
        row |= {"confidence": face.confidence, "unsure": face.unsure}
        return row | {f"p_{name}": float(p) for name, p in zip(self.class_names, face.probabilities, strict=True)}

    def _described(self, number: int, face: Face) -> dict[str, Any]:
        return {
            "face": number,
            "bbox": list(face.bbox),
            "detection_score": face.detection_score,
            "landmarks": None if face.landmarks is None else face.landmarks.tolist(),
            "label": face.label,
            "confidence": face.confidence,
            "unsure": face.unsure,
            "unsure_reason": face.unsure_reason,
            "quality": list(face.quality),
            "probabilities": {name: float(p) for name, p in zip(self.class_names, face.probabilities, strict=True)},
        }


def why_unsure(confidence: float, quality: Sequence[str], threshold: float) -> str:
    """Say why a face is unsure: what hinders its reading, as in "dark, blurred", or "low confidence"; "" if it is not.

    Args:
        confidence: Probability of its most probable class.
        quality: Its notes, names of `faces.QUALITY_NOTES`.
        threshold: Below this probability a face is unsure, 0-1; one that is hard to read is so in any case.
    """
    is_unsure = confidence < threshold or not UNRELIABLE.isdisjoint(quality)
    return (", ".join(quality) or LOW_CONFIDENCE) if is_unsure else ""


def picture_name(path: str | Path) -> str:
    """Return what a picture is called in tables: its path as given, in which bytes that are no UTF-8 are escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def results_frame(rows: Iterable[Mapping[str, Any]], class_names: Sequence[str]) -> pd.DataFrame:
    """Return rows of any number of pictures as one table; without rows it has the same columns and types."""
    import pandas as pd  # half a second that a first result need not wait for

    numbers = ["x1", "y1", "x2", "y2", "detection_score", "confidence", *(f"p_{name}" for name in class_names)]
    columns = ["image", "face", "x1", "y1", "x2", "y2", "detection_score", "label", "confidence", "unsure"]
    columns += [f"p_{name}" for name in class_names]
    types = {"image": "str", "face": "int64", "label": "str", "unsure": "bool"} | dict.fromkeys(numbers, "float64")
    return pd.DataFrame(list(rows), columns=columns).astype(types)


def _mark(number: int, face: Face, colors: Mapping[str, str]) -> Mark:
    if face.unsure:
        return Mark(face.bbox, f"{number} {UNSURE}", str(number), UNSURE_COLOR)
    name = f"{number} {face.label}"
    return Mark(face.bbox, f"{name} {100 * face.confidence:.0f} %", str(number), colors[face.label], middle_text=name)
