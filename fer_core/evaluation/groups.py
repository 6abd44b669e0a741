"""For whom a classifier works how well: figures by groups that the user's own metadata names, never inferred ones.

Predictions and a table of group columns come in; figures for each group and each intersection go out, and the largest
gap with a test. Groups of fewer than thirty faces are named and counted, and get no figures.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.evaluation.comparison import holm_adjusted
from fer_core.evaluation.intervals import wilson_interval
from fer_core.evaluation.reliability import expected_calibration_error, reliability_table
from fer_core.evaluation.validators import validate_predictions

MIN_FACES = 30  # below it an interval is wider than any gap worth speaking of

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Gap:
    """The two groups of one column that lie furthest apart.

    Args:
        column: Name of the column, or several with "×" between them.
        best: The group with the highest accuracy.
        worst: The group with the lowest.
        difference: Between their accuracies, 0-1.
        p_value: How probable such a gap is where both are equal (Fisher's exact test), corrected for every pair of
            groups of all columns (Holm).
    """

    column: str
    best: str
    worst: str
    difference: float
    p_value: float


def group_table(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, metadata: pd.DataFrame, class_names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return figures for each group of each column, and for each intersection of two columns.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) calibrated probabilities.
        metadata: n rows; each column is one way of grouping, a missing value is the group "unknown".
        class_names: One name for each column of `y_prob`.

    Returns:
        One row a group: `column`, `group`, `num_images`, and `accuracy`, `accuracy_ci`, `ece`, `recall` and
        `false_alarm_rate` (class -> share of the faces of other classes that are called so; both None where there is no
        face to say it of); all of these are None in a group of fewer than `MIN_FACES`.
    """
    true, prob = validate_predictions(y_true, y_prob)
    groups = _groups(metadata, len(true))
    rows = []
    for column, names in groups.items():
        for name in sorted(set(names)):
            inside = names == name
            figures = _figures(true[inside], prob[inside], class_names) if inside.sum() >= MIN_FACES else _NO_FIGURES
            rows.append({"column": column, "group": name, "num_images": int(inside.sum()), **figures})
    return rows


def largest_gaps(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, metadata: pd.DataFrame) -> list[Gap]:
    """Return the largest gap of each column and each intersection, the least probable by chance first.

    Args:
        y_true: (n,) true class indices.
        y_pred: (n,) predicted class indices.
        metadata: As for `group_table`; groups below `MIN_FACES` are left out.
    """
    from scipy.stats import fisher_exact

    right = np.asarray(y_true) == np.asarray(y_pred)
    pairs: list[Gap] = []
    for column, names in _groups(metadata, len(right)).items():
        large = [name for name in sorted(set(names)) if (names == name).sum() >= MIN_FACES]
        for first, second in itertools.combinations(large, 2):
            counts = [(int(right[names == name].sum()), int((names == name).sum())) for name in (first, second)]
            table = [[hits, total - hits] for hits, total in counts]
            shares = {name: hits / total for name, (hits, total) in zip((first, second), counts, strict=True)}
            best, worst = sorted(shares, key=lambda name: -shares[name])
            p_value = float(fisher_exact(table).pvalue)
            pairs.append(Gap(column, best, worst, shares[best] - shares[worst], p_value))
    adjusted = holm_adjusted([pair.p_value for pair in pairs])
    corrected = [
        Gap(pair.column, pair.best, pair.worst, pair.difference, p_value)
        for pair, p_value in zip(pairs, adjusted, strict=True)
    ]
    columns = {pair.column for pair in corrected}
    largest = [max((p for p in corrected if p.column == column), key=lambda p: p.difference) for column in columns]
    return sorted(largest, key=lambda gap: (gap.p_value, -gap.difference, gap.column))


_NO_FIGURES: dict[str, Any] = dict.fromkeys(("accuracy", "accuracy_ci", "ece", "recall", "false_alarm_rate"))


def _groups(metadata: pd.DataFrame, num_images: int) -> dict[str, npt.NDArray[np.str_]]:
    """Return column -> (n,) group of each face, and the same for every two columns together."""
    if len(metadata) != num_images:
        raise ValueError(f"expected {num_images} rows of metadata, one for each prediction, got {len(metadata)}")
    single = {
        str(name): metadata[name].where(metadata[name].notna(), _UNKNOWN).astype(str).to_numpy(str)
        for name in metadata.columns
    }
    crossed = {
        f"{first} × {second}": np.char.add(np.char.add(single[first], " × "), single[second])
        for first, second in itertools.combinations(single, 2)
    }
    return single | crossed


def _figures(
    y_true: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64], class_names: Sequence[str]
) -> dict[str, Any]:
    predicted = y_prob.argmax(axis=1)
    right = predicted == y_true
    recall, false_alarms = {}, {}
    for number, name in enumerate(class_names):
        of_class = y_true == number
        recall[name] = float(right[of_class].mean()) if of_class.any() else None
        false_alarms[name] = float((predicted[~of_class] == number).mean()) if (~of_class).any() else None
    return {
        "accuracy": float(right.mean()),
        "accuracy_ci": list(wilson_interval(int(right.sum()), len(right))),
        "ece": expected_calibration_error(reliability_table(y_true, y_prob)),
        "recall": recall,
        "false_alarm_rate": false_alarms,
    }
