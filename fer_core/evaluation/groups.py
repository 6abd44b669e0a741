"""For whom a classifier works how well: figures by groups that the user's own metadata names, never inferred ones.

Predictions and a table of group columns come in; figures for each group and each intersection go out, and the largest
gaps with a test. Groups of fewer than thirty faces are named and counted, and get no figures.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.comparison import independent_pictures
from fer_core.evaluation.group_gaps import MIN_FACES, compare_groups, told_gaps
from fer_core.evaluation.grouping import Grouping, groupings, told_columns
from fer_core.evaluation.intervals import wilson_interval
from fer_core.evaluation.reliability import expected_calibration_error, reliability_table
from fer_core.evaluation.validators import validate_predictions

if TYPE_CHECKING:
    import pandas as pd  # half a second that no prediction needs

_FIGURES = ("accuracy", "accuracy_ci", "ece", "support", "recall", "recall_ci", "false_alarm_rate")
_NO_FIGURES: dict[str, Any] = dict.fromkeys((*_FIGURES, "false_alarm_rate_ci"))


def group_report(
    y_true: npt.ArrayLike,
    y_prob: npt.ArrayLike,
    metadata: "pd.DataFrame",
    class_names: Sequence[str],
    *,
    duplicate_groups: npt.ArrayLike | None = None,
    has_probabilities: bool = True,
) -> dict[str, Any] | None:
    """Return everything that is said of groups, as plain values.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) calibrated probabilities.
        metadata: n rows; each column is one way of grouping, a missing or empty value is the group "unknown".
        class_names: One name for each column of `y_prob`.
        duplicate_groups: (n,) the same value for pictures that show the same; the tests count one of each. None where
            nobody has looked for them.
        has_probabilities: False where `y_prob` holds nothing but chosen classes: `ece` is None.

    Returns:
        None without a column that says something about one of the pictures. Else `columns`, `min_faces`, `rows` (see
        `group_table`), `gaps` (see `told_gaps`; the first is the least probable by chance), `num_comparisons` (how many
        tests were made), `num_tested` (pictures that they counted, None where duplicates are not known) and `left_out`
        (column -> number of values of those with too many to be groups).
    """
    metadata = told_columns(metadata)
    if metadata.columns.empty:
        return None
    true, prob = validate_predictions(y_true, y_prob)
    chosen = independent_pictures(len(true), duplicate_groups)
    tested = [replace(each, members=each.members[chosen]) for each in _groupings_of(metadata, len(true))]
    gaps = compare_groups(true[chosen], prob.argmax(axis=1)[chosen], tested, class_names)
    rows = group_table(true, prob, metadata, class_names)
    return {
        "columns": [str(name) for name in metadata.columns],
        "min_faces": MIN_FACES,
        "rows": rows if has_probabilities else [row | {"ece": None} for row in rows],
        "gaps": [asdict(gap) for gap in told_gaps(gaps)],
        "num_comparisons": len(gaps),
        "num_tested": None if duplicate_groups is None else len(chosen),
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


def _groupings_of(metadata: "pd.DataFrame", num_images: int) -> list[Grouping]:
    if len(metadata) != num_images:
        raise ValueError(f"expected {num_images} rows of metadata, one for each prediction, got {len(metadata)}")
    return groupings(metadata)[0]


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
