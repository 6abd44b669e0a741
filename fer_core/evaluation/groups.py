"""For whom a classifier works how well: figures by groups that the user's own metadata names, never inferred ones.

Predictions and a table of group columns come in; figures for each group and each intersection go out, and the largest
gap with a test. Groups of fewer than thirty faces are named and counted, and get no figures.
"""

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.comparison import holm_adjusted
from fer_core.evaluation.grouping import Grouping, groupings, told_columns
from fer_core.evaluation.intervals import wilson_interval
from fer_core.evaluation.reliability import expected_calibration_error, reliability_table
from fer_core.evaluation.validators import validate_predictions

if TYPE_CHECKING:
    import pandas as pd  # half a second that no prediction needs

MIN_FACES = 30  # below it an interval is wider than any gap worth speaking of
SIGNIFICANT = 0.05  # p-value below which a gap is called more than chance

_FIGURES = ("accuracy", "accuracy_ci", "ece", "support", "recall", "recall_ci", "false_alarm_rate")
_NO_FIGURES: dict[str, Any] = dict.fromkeys((*_FIGURES, "false_alarm_rate_ci"))


@dataclass(frozen=True)
class Gap:
    """The two groups of one column that lie furthest apart.

    Args:
        column: Name of the column, or two with "×" between them.
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


def group_report(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    metadata: "pd.DataFrame",
    class_names: Sequence[str],
    *,
    has_probabilities: bool = True,
) -> dict[str, Any] | None:
    """Return everything that is said of groups, as plain values.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) calibrated probabilities.
        metadata: n rows; each column is one way of grouping, a missing or empty value is the group "unknown".
        class_names: One name for each column of `y_prob`.
        has_probabilities: False where `y_prob` holds nothing but chosen classes: `ece` is None.

    Returns:
        None without a column that says something about one of the pictures. Else `columns`, `min_faces`, `rows` (see
        `group_table`), `gaps` (see `Gap`; the first is the least probable by chance), `num_comparisons` (pairs of
        groups that were tested) and `left_out` (column -> number of values of those with too many to be groups).
    """
    metadata = told_columns(metadata)
    if metadata.columns.empty:
        return None
    true, prob = validate_predictions(y_true, y_prob)
    pairs = _pairs(true == prob.argmax(axis=1), _groupings_of(metadata, len(true)))
    rows = group_table(true, prob, metadata, class_names)
    return {
        "columns": [str(name) for name in metadata.columns],
        "min_faces": MIN_FACES,
        "rows": rows if has_probabilities else [row | {"ece": None} for row in rows],
        "gaps": [asdict(gap) for gap in _largest(pairs)],
        "num_comparisons": len(pairs),
        "left_out": groupings(metadata)[1],
    }


def group_table(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike, metadata: "pd.DataFrame", class_names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return figures for each group of each column, and for each intersection of two columns.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) calibrated probabilities.
        metadata: n rows, as for `group_report`.
        class_names: One name for each column of `y_prob`.

    Returns:
        One row a group: `column`, `group`, `num_images`, and `accuracy`, `ece`, `support` (class -> number of faces),
        `recall` and `false_alarm_rate` (class -> share of the faces of other classes that are called so; both None
        where there is no face to say it of), with the 95 % intervals `accuracy_ci`, `recall_ci` and
        `false_alarm_rate_ci` (Wilson); all of these are None in a group of fewer than `MIN_FACES`.
    """
    true, prob = validate_predictions(y_true, y_prob)
    rows = []
    for grouping in _groupings_of(metadata, len(true)):
        for number, (name, size) in enumerate(zip(grouping.names, grouping.sizes.tolist(), strict=True)):
            inside = grouping.members == number
            figures = _figures(true[inside], prob[inside], class_names) if size >= MIN_FACES else _NO_FIGURES
            rows.append({"column": grouping.column, "group": name, "num_images": size, **figures})
    return rows


def largest_gaps(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, metadata: "pd.DataFrame") -> list[Gap]:
    """Return the largest gap of each column and each intersection, the least probable by chance first.

    Args:
        y_true: (n,) true class indices.
        y_pred: (n,) predicted class indices.
        metadata: As for `group_table`; groups below `MIN_FACES` and faces of an unknown group are left out.
    """
    right = np.asarray(y_true) == np.asarray(y_pred)
    return _largest(_pairs(right, _groupings_of(metadata, len(right))))


def _groupings_of(metadata: "pd.DataFrame", num_images: int) -> list[Grouping]:
    if len(metadata) != num_images:
        raise ValueError(f"expected {num_images} rows of metadata, one for each prediction, got {len(metadata)}")
    return groupings(metadata)[0]


def _pairs(right: npt.NDArray[np.bool_], its_groupings: Sequence[Grouping]) -> list[Gap]:
    """Return every two groups of each grouping, large and known ones, with corrected p-values."""
    pairs = [gap for grouping in its_groupings for gap in _gaps_of(right, grouping)]
    adjusted = holm_adjusted([pair.p_value for pair in pairs])
    return [replace(pair, p_value=p_value) for pair, p_value in zip(pairs, adjusted, strict=True)]


def _gaps_of(right: npt.NDArray[np.bool_], grouping: Grouping) -> list[Gap]:
    from scipy.stats import fisher_exact

    sizes = grouping.sizes
    hits = np.bincount(grouping.members[right], minlength=len(sizes))
    large = np.flatnonzero((sizes >= MIN_FACES) & grouping.is_known)
    gaps = []
    for first, second in itertools.combinations(large.tolist(), 2):
        best, worst = sorted((first, second), key=lambda number: -hits[number] / sizes[number])
        table = [[int(hits[number]), int(sizes[number] - hits[number])] for number in (best, worst)]
        difference = float(hits[best] / sizes[best] - hits[worst] / sizes[worst])
        names = grouping.names[best], grouping.names[worst]
        gaps.append(Gap(grouping.column, *names, difference, float(fisher_exact(table).pvalue)))
    return gaps


def _largest(pairs: Sequence[Gap]) -> list[Gap]:
    """Return the largest gap of each column."""
    columns = dict.fromkeys(pair.column for pair in pairs)
    largest = [max((p for p in pairs if p.column == column), key=lambda p: p.difference) for column in columns]
    return sorted(largest, key=lambda gap: (gap.p_value, -gap.difference, gap.column))


def _figures(
    y_true: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64], class_names: Sequence[str]
) -> dict[str, Any]:
    predicted = y_prob.argmax(axis=1)
    right = predicted == y_true
    accuracy, accuracy_ci = _share(right)
    figures: dict[str, Any] = {"accuracy": accuracy, "accuracy_ci": accuracy_ci}
    figures["ece"] = expected_calibration_error(reliability_table(y_true, y_prob))
    figures["support"] = {name: int((y_true == number).sum()) for number, name in enumerate(class_names)}
    for figure in ("recall", "false_alarm_rate"):
        of_class = figure == "recall"
        shares = {
            name: _share(predicted[(y_true == number) == of_class] == number) for number, name in enumerate(class_names)
        }
        figures[figure] = {name: share for name, (share, _) in shares.items()}
        figures[f"{figure}_ci"] = {name: interval for name, (_, interval) in shares.items()}
    return figures


def _share(is_so: npt.NDArray[np.bool_]) -> tuple[float | None, list[float] | None]:
    """Return the share of faces of which something holds, with its interval; None of no face at all."""
    if not len(is_so):
        return None, None
    return float(is_so.mean()), list(wilson_interval(int(is_so.sum()), len(is_so)))
