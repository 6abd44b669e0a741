"""Which of several classifiers is better on the same pictures, and whether that may be chance.

What each says about the same pictures comes in; paired tests, corrected for their number, go out. SciPy does the
binomial; it is loaded where it is used.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class PairedTest:
    """Two classifiers on the same n pictures.

    Args:
        first: Name of the one.
        second: Name of the other.
        only_first: Pictures that only the first has right.
        only_second: Pictures that only the second has right.
        difference: Accuracy of the second minus that of the first, -1 to 1.
        p_value: How probable so uneven a count is where both are equally good; exact McNemar test, two-sided.
        adjusted_p_value: The same, corrected for all pairs that were tested (Holm).
    """

    first: str
    second: str
    only_first: int
    only_second: int
    difference: float
    p_value: float
    adjusted_p_value: float


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Return the p-value of the exact McNemar test (McNemar 1947; exact form: Fagerland et al. 2013), two-sided.

    Args:
        only_first: Pictures that only the first classifier has right.
        only_second: Pictures that only the second has right.
    """
    from scipy.stats import binomtest

    if min(only_first, only_second) < 0:
        raise ValueError(f"counts must not be negative, got {only_first} and {only_second}")
    total = only_first + only_second
    return float(binomtest(only_first, total, 0.5).pvalue) if total else 1.0


def compare_answers(
    y_true: npt.ArrayLike, answers: Mapping[str, npt.ArrayLike], *, duplicate_groups: npt.ArrayLike | None = None
) -> list[PairedTest]:
    """Compare every two of several classifiers.

    Args:
        y_true: (n,) true class indices or names, n at least 1.
        answers: Name -> (n,) what that classifier says about the same pictures, in the same order.
        duplicate_groups: See `independent_pictures`: pictures that show the same count once.

    Returns:
        One test for each pair, in the order of the names.
    """
    true = np.asarray(y_true)
    for name, said in answers.items():
        if np.shape(said) != true.shape or not len(true):
            raise ValueError(f"expected {len(true)} answers of {name!r}, at least one, got {np.shape(said)}")
    chosen = independent_pictures(len(true), duplicate_groups)
    right = {name: (np.asarray(said) == true)[chosen] for name, said in answers.items()}
    tests = [_test(first, second, right[first], right[second]) for first, second in itertools.combinations(right, 2)]
    adjusted = holm_adjusted([test.p_value for test in tests])
    return [replace(test, adjusted_p_value=value) for test, value in zip(tests, adjusted, strict=True)]


def disagreements(answers: Mapping[str, npt.ArrayLike]) -> npt.NDArray[np.intp]:
    """Return (m,) the positions of the pictures on which not all classifiers say the same."""
    said = np.stack([np.asarray(each) for each in answers.values()])
    return np.flatnonzero((said != said[0]).any(axis=0))


def independent_pictures(num_images: int, duplicate_groups: npt.ArrayLike | None) -> npt.NDArray[np.intp]:
    """Return (m,) the positions of one picture of each set of duplicates, the first; of all where none are known.

    Args:
        num_images: Number of pictures, n.
        duplicate_groups: (n,) the same value for pictures that show the same; None where nobody has looked for them.
    """
    if duplicate_groups is None:
        return np.arange(num_images)
    groups = np.asarray(duplicate_groups)
    if groups.shape != (num_images,):
        raise ValueError(f"expected {num_images} duplicate groups, one for each picture, got {groups.shape}")
    return np.sort(np.unique(groups, return_index=True)[1])


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm, Scandinavian Journal of Statistics 1979), in their order."""
    order = np.argsort(p_values, kind="stable")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def _test(
    first: str, second: str, first_right: npt.NDArray[np.bool_], second_right: npt.NDArray[np.bool_]
) -> PairedTest:
    only_first, only_second = int((first_right & ~second_right).sum()), int((second_right & ~first_right).sum())
    p_value = mcnemar_p_value(only_first, only_second)
    difference = (only_second - only_first) / len(first_right)
    return PairedTest(first, second, only_first, only_second, difference, p_value, p_value)
