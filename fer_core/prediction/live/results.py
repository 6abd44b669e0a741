"""What a live frame says: the faces in it, each with its track's number, as plain values.

The analyser makes these objects; drawing, tables and timelines only read them, so that any other source of results
can feed the same views.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fer_core.prediction.cuts import Box
from fer_core.prediction.results import UNSURE, results_frame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LiveFace:
    """One face as it is shown now.

    Args:
        track: Number of the track, from 1; the same face keeps it, and no other gets it.
        bbox: x1, y1, x2, y2 in pixels of the frame; may run outside it.
        probabilities: One a class, in the order of the result's class names, averaged over time; empty as long as
            the face has not been read.
        expression: The class that stands out and has not been overtaken; None when unsure.
        confidence: Probability of that expression, of the most probable class when unsure; 0 before a first reading.
        age_s: Time since the track began, in seconds.
        delay_ms: How old the newest reading in it is, from the frame's arrival to the end of its analysis.
        detection_score: The detector's certainty when the face was last found, 0-1.
        is_found: Whether this frame shows it, or it stands where it was last.
        quality: Names of `faces.QUALITY_NOTES` at the newest reading.
    """

    track: int
    bbox: Box
    probabilities: tuple[float, ...]
    expression: str | None
    confidence: float
    age_s: float
    delay_ms: float
    detection_score: float | None = None
    is_found: bool = True
    quality: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The expression, or `unsure`."""
        return UNSURE if self.expression is None else self.expression

    @property
    def unsure(self) -> bool:
        """Whether no expression stands out."""
        return self.expression is None


@dataclass(frozen=True)
class LiveResult:
    """What one frame says; no face is a result like any other.

    Args:
        time_s: The frame's time in seconds, as it was handed over.
        size: Width and height of the frame in pixels.
        faces: In the order of their tracks.
        class_names: Classes in the order of the probabilities.
        delay_ms: From the frame's arrival to the end of its analysis.
        detect_step: Faces are searched in every n-th frame at present.
        is_dark: Whether the frame has so little light that faces may be missed.
        error: Why the frame could not be analysed; None when it was.
    """

    time_s: float
    size: tuple[int, int]
    faces: tuple[LiveFace, ...] = ()
    class_names: tuple[str, ...] = ()
    delay_ms: float = 0.0
    detect_step: int = 1
    is_dark: bool = False
    error: str | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Return one table row a face, columns as in `to_frame`."""
        return [_row(self, face) for face in self.faces]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a face, columns as in `live_frame`."""
        return live_frame(self.rows(), self.class_names)


@dataclass(frozen=True)
class FrameCounts:
    """How many frames came and what became of them.

    Args:
        received: Frames that arrived, those passed over included.
        processed: Frames that were analysed.
        failed: Frames whose analysis ended in an error.
        received_per_s: Rate over the last seconds.
        processed_per_s: Rate over the last seconds.
    """

    received: int = 0
    processed: int = 0
    failed: int = 0
    received_per_s: float = 0.0
    processed_per_s: float = 0.0

    @property
    def dropped(self) -> int:
        """Frames that were passed over because a newer one had come."""
        return self.received - self.processed - self.failed


def live_frame(rows: Sequence[Mapping[str, Any]], class_names: Sequence[str]) -> pd.DataFrame:
    """Return rows of any number of frames as one table.

    Returns:
        time_s and track, then the columns of `Prediction.to_frame` (image is the time as text, face the track), then
        delay_ms.
    """
    table = results_frame(rows, class_names)
    table.insert(0, "time_s", [float(row["time_s"]) for row in rows])
    table.insert(1, "track", table.pop("face"))
    table["delay_ms"] = [float(row["delay_ms"]) for row in rows]
    return table.drop(columns="image")


def _row(result: LiveResult, face: LiveFace) -> dict[str, Any]:
    values = face.probabilities or (float("nan"),) * len(result.class_names)
    best = max(range(len(values)), key=values.__getitem__) if face.probabilities else None
    label = "" if best is None else result.class_names[best]
    row = {"image": "", "time_s": result.time_s, "face": face.track}
    row |= dict(zip(("x1", "y1", "x2", "y2"), face.bbox, strict=True))
    row |= {"detection_score": face.detection_score, "label": face.expression or label}
    row |= {"confidence": face.confidence, "unsure": face.unsure, "delay_ms": face.delay_ms}
    return row | {f"p_{name}": value for name, value in zip(result.class_names, values, strict=True)}
