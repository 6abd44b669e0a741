"""Gaps between groups of people: whose faces are named rightly less often, and whether that may be chance.

Answers and groupings come in; every two groups are compared in accuracy and in the recall of each expression, on one
face of each set of duplicates, and corrected together for their number. SciPy does the test, where it is used.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.comparison import holm_adjusted
from fer_core.evaluation.grouping import Grouping

MIN_FACES = 30  # below it an interval is wider than any gap worth speaking of
SIGNIFICANT = 0.05  # p-value below which a gap is called more than chance


@dataclass(frozen=True)
class Gap:
    """Two groups of one column.

    Args:
        column: Name of the column, or two with "×" between them.
        class_name: The expression whose recall is compared; None where accuracy is.
        best: The group with the higher share of right answers.
        worst: The group with the lower.
        difference: Between their shares, 0-1.
        p_value: How probable such a gap is where both are equal (Fisher's exact test), corrected for every comparison
            of all columns, accuracy and recall together (Holm).
    """

    column: str
    class_name: str | None
    best: str
    worst: str
    difference: float
    p_value: float


def compare_groups(
    y_true: npt.NDArray[np.intp],
    y_pred: npt.NDArray[np.intp],
    its_groupings: Sequence[Grouping],
    class_names: Sequence[str],
) -> list[Gap]:
    """Compare every two groups of each grouping that are known and have at least `MIN_FACES` faces to compare.

    Args:
        y_true: (n,) true class indices of faces that are independent of each other; see `independent_pictures`.
        y_pred: (n,) predicted class indices.
        its_groupings: Groupings of these n faces.
        class_names: One name for each class index.

    Returns:
        One gap for each comparison, with corrected p-values.
    """
    every = np.ones(len(y_true), np.bool_)
    figures = [(None, every), *((name, y_true == number) for number, name in enumerate(class_names))]
    gaps = [
        gap
        for grouping in its_groupings
        for class_name, counted in figures
        for gap in _gaps_of(y_true == y_pred, counted, grouping, class_name)
    ]
    adjusted = holm_adjusted([gap.p_value for gap in gaps])
    return [replace(gap, p_value=p_value) for gap, p_value in zip(gaps, adjusted, strict=True)]


def told_gaps(gaps: Sequence[Gap]) -> list[Gap]:
    """Return of each column the largest gap in accuracy and the most certain one in recall, the most certain first.

    In recall the largest gap is mostly that of the rarest expression, by chance.
    """
    of_accuracy: dict[str, Gap] = {}
    of_recall: dict[str, Gap] = {}
    for gap in sorted(gaps, key=lambda gap: -gap.difference):
        if gap.class_name is None:
            of_accuracy.setdefault(gap.column, gap)
        elif gap.column not in of_recall or gap.p_value < of_recall[gap.column].p_value:
            of_recall[gap.column] = gap
    return sorted((*of_accuracy.values(), *of_recall.values()), key=_least_probable_first)


def _gaps_of(
    right: npt.NDArray[np.bool_], counted: npt.NDArray[np.bool_], grouping: Grouping, class_name: str | None
) -> Iterator[Gap]:
    from scipy.stats import fisher_exact

    num_groups = len(grouping.names)
    sizes = np.bincount(grouping.members[counted], minlength=num_groups)
    hits = np.bincount(grouping.members[counted & right], minlength=num_groups)
    large = np.flatnonzero((sizes >= MIN_FACES) & grouping.is_known)
    for pair in itertools.combinations(large.tolist(), 2):
        best, worst = sorted(pair, key=lambda number: -hits[number] / sizes[number])
        table = [[int(hits[number]), int(sizes[number] - hits[number])] for number in (best, worst)]
        difference = float(hits[best] / sizes[best] - hits[worst] / sizes[worst])
        names = grouping.names[best], grouping.names[worst]
        yield Gap(grouping.column, class_name, *names, difference, float(fisher_exact(table).pvalue))


def _least_probable_first(gap: Gap) -> tuple[float, float, str]:
    return gap.p_value, -gap.difference, gap.column
