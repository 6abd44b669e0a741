"""What is gained by not answering: how accuracy grows as the least confident answers are held back.

True classes and calibrated probabilities come in; a curve of thresholds with the share of pictures that are answered
and how many of those are right goes out (El-Yaniv & Wiener, "On the Foundations of Noise-free Selective
Classification", JMLR 2010). `calibration.unsure_threshold` picks one point of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.validators import validate_predictions

NUM_POINTS = 101


@dataclass(frozen=True)
class SelectivePoint:
    """What happens at one threshold.

    Args:
        threshold: Confidence below which a face is called unsure, 0-1.
        coverage: Share of the faces that are answered, 0-1.
        accuracy: Share of the answered faces that are right, 0-1; 1 where none is answered.
    """

    threshold: float
    coverage: float
    accuracy: float


def risk_coverage(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, num_points: int = NUM_POINTS
) -> tuple[SelectivePoint, ...]:
    """Return what happens at evenly spaced thresholds from 0 to 1.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) calibrated probabilities.
        num_points: Number of thresholds.
    """
    true, prob = validate_predictions(y_true, y_prob)
    order = np.argsort(prob.max(axis=1))
    confidence, right = prob.max(axis=1)[order], (prob.argmax(axis=1) == true)[order]
    right_from = np.append(np.cumsum(right[::-1])[::-1], 0)  # how many are right among the i-th and the surer ones
    points = []
    for threshold in np.linspace(0, 1, num_points):
        held_back = int(np.searchsorted(confidence, threshold, side="left"))
        answered = len(true) - held_back
        accuracy = float(right_from[held_back] / answered) if answered else 1.0
        points.append(SelectivePoint(float(threshold), answered / len(true), accuracy))
    return tuple(points)


def point_at(curve: Sequence[SelectivePoint], threshold: float) -> SelectivePoint:
    """Return the point of a curve whose threshold lies nearest to one."""
    return min(curve, key=lambda point: abs(point.threshold - threshold))


def area_under_risk_coverage(y_true: npt.ArrayLike, y_prob: npt.ArrayLike) -> float:
    """Return the mean error of the surest k pictures over all k (AURC; Geifman, Uziel & El-Yaniv, ICLR 2019)."""
    true, prob = validate_predictions(y_true, y_prob)
    surest_first = np.argsort(-prob.max(axis=1), kind="stable")
    wrong = (prob.argmax(axis=1) != true)[surest_first]
    return float(np.mean(np.cumsum(wrong) / np.arange(1, len(true) + 1)))
