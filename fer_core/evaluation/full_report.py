"""Everything that is said of a model on one set of pictures: a classification report with intervals and calibration.

True classes and probabilities come in, one dictionary of plain values goes out, ready for JSON. scikit-learn does
what it has; it is loaded here only, as a training and a page do without it.
"""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.intervals import bootstrap_intervals, wilson_interval
from fer_core.evaluation.metrics import classification_report
from fer_core.evaluation.reliability import expected_calibration_error, reliability_table
from fer_core.evaluation.selective import area_under_risk_coverage, risk_coverage
from fer_core.evaluation.validators import validate_predictions

# What is said of the pictures without leaks as well; the curves are those of all pictures.
FIGURES = (
    "num_images", "accuracy", "accuracy_ci", "balanced_accuracy", "balanced_accuracy_ci", "macro_f1", "macro_f1_ci",
    "top2_accuracy", "ece", "brier", "nll", "aurc",
)  # fmt: skip
# Of labels alone nothing of this can be said.
_OF_PROBABILITIES = ("top2_accuracy", "ece", "brier", "nll", "aurc", "reliability", "risk_coverage")


def full_report(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    class_names: Sequence[str],
    *,
    groups: npt.ArrayLike | None = None,
    has_probabilities: bool = True,
) -> dict[str, Any]:
    """Measure predictions in every way that needs no more than the true classes.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) probabilities, calibrated as they are used.
        class_names: One name for each column of `y_prob`.
        groups: (n,) pictures with the same value, duplicates, count as one draw in the bootstrap.
        has_probabilities: False where `y_prob` holds nothing but chosen classes: what needs probabilities is None.

    Returns:
        What `classification_report` returns, with `accuracy_ci` (Wilson), `balanced_accuracy` (mean recall of the
        classes that occur), `balanced_accuracy_ci` and `macro_f1_ci` (bootstrap), `top2_accuracy`, `ece` (15 bins),
        `brier` (summed over the classes, 0-2), `nll` (nats), `aurc`, `reliability` (rows of `reliability_table`) and
        `risk_coverage` (rows of threshold, coverage, accuracy). Intervals are [low, high] at 95 %.
    """
    true, prob = validate_predictions(y_true, y_prob)
    prob = prob / prob.sum(axis=1, keepdims=True)
    report = classification_report(true, prob, class_names)
    predicted = prob.argmax(axis=1)
    intervals = bootstrap_intervals(true, predicted, len(class_names), groups=groups)
    report |= {
        "accuracy_ci": list(wilson_interval(int((predicted == true).sum()), len(true))),
        "balanced_accuracy": float(np.mean([row["recall"] for row in report["per_class"] if row["support"]])),
        "balanced_accuracy_ci": list(intervals["balanced_accuracy"]),
        "macro_f1_ci": list(intervals["macro_f1"]),
    }
    return report | (_of_probabilities(true, prob) if has_probabilities else dict.fromkeys(_OF_PROBABILITIES))


def main_figures(report: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of the pictures without leaks as well."""
    return {key: report[key] for key in FIGURES}


def calibration_figures(y_true: npt.ArrayLike, y_prob: npt.ArrayLike) -> dict[str, Any]:
    """Measure how far probabilities can be taken at their word.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) probabilities.

    Returns:
        `ece`, `brier`, `nll` and `reliability`, as `full_report` has them.
    """
    from sklearn.metrics import brier_score_loss, log_loss

    true, prob = validate_predictions(y_true, y_prob)
    prob = prob / prob.sum(axis=1, keepdims=True)
    labels = list(range(prob.shape[1]))
    scores = prob[:, 1] if len(labels) == 2 else prob
    table = reliability_table(true, prob)
    return {
        "ece": expected_calibration_error(table),
        "brier": float(brier_score_loss(true, scores, labels=labels, scale_by_half=False)),
        "nll": float(log_loss(true, prob, labels=labels)),
        "reliability": table,
    }


def _of_probabilities(y_true: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64]) -> dict[str, Any]:
    from sklearn.metrics import top_k_accuracy_score

    labels = list(range(y_prob.shape[1]))
    top2 = 1.0 if len(labels) == 2 else top_k_accuracy_score(y_true, y_prob, k=2, labels=labels)
    return calibration_figures(y_true, y_prob) | {
        "top2_accuracy": float(top2),
        "aurc": area_under_risk_coverage(y_true, y_prob),
        "risk_coverage": [list(astuple(point)) for point in risk_coverage(y_true, y_prob)],
    }
