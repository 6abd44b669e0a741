"""Rare classes a little easier to call: one strength for all classes, fitted on validation data.

Calibrated probabilities come in and go out. A class's odds are multiplied by its share of the training pictures to
the power of minus the strength (Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, equation 9 after
training); 0 changes nothing. One number for all classes, as a free offset for each would be fitted to noise where a
class has fifty validation pictures.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.metrics import classification_report
from fer_core.evaluation.validators import validate_predictions, validate_probabilities

STRENGTHS: tuple[float, ...] = tuple(round(0.05 * step, 2) for step in range(21))


def adjust_for_shares(y_prob: npt.ArrayLike, shares: Sequence[float], strength: float) -> npt.NDArray[np.float64]:
    """Return probabilities in which rare classes weigh more.

    Args:
        y_prob: (n, classes) calibrated probabilities; n = 0 is fine.
        shares: (classes,) share of each class among the training pictures, above 0.
        strength: 0 changes nothing, 1 is what classes of equal size would have had.

    Returns:
        (n, classes), every row summing to 1.
    """
    weights = np.asarray(shares, np.float64)
    if (weights <= 0).any():
        raise ValueError(f"shares must be above 0, got {weights.min():.4g}")
    adjusted = validate_probabilities(y_prob) * weights**-strength
    total: npt.NDArray[np.float64] = adjusted / adjusted.sum(axis=1, keepdims=True)
    return total


def fit_strength(y_true: npt.ArrayLike, y_prob: npt.ArrayLike, shares: Sequence[float]) -> float:
    """Find the strength with the best macro F1 among those that cost no accuracy.

    Args:
        y_true: (n,) true class indices, n at least 1, none of which the network was fitted to.
        y_prob: (n, classes) calibrated probabilities.
        shares: (classes,) share of each class among the training pictures, above 0.

    Returns:
        One of `STRENGTHS`; 0 where nothing is gained.
    """
    true, prob = validate_predictions(y_true, y_prob)
    names = [str(number) for number in range(prob.shape[1])]
    reports = [classification_report(true, adjust_for_shares(prob, shares, strength), names) for strength in STRENGTHS]
    allowed = [number for number, report in enumerate(reports) if report["accuracy"] >= reports[0]["accuracy"]]
    return STRENGTHS[max(allowed, key=lambda number: (reports[number]["macro_f1"], -number))]
