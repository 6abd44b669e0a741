"""Checks of split against split: do the pictures to measure on look like those to learn from?

Measured rows come in; each split's difference from the train split and one finding a check go out. The verdict goes by
the size of a difference, not by its significance: among thousands of images any difference is significant.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from fer_core.dataset.audit.checks import SEVERITIES
from fer_core.dataset.audit.distributions import (
    chance_distance,
    ks_distance,
    severity_of_distance,
    wasserstein_shift,
)
from fer_core.dataset.audit.findings import Finding
from fer_core.dataset.audit.split_measures import LOSSY_FORMATS, MEASURES

_DEGREES = {"notice": "slightly", "warning": "clearly", "problem": "much"}
_UNSURE_FROM = 0.2  # where chance alone explains a distance of this size, "alike" would say too much


@dataclass(frozen=True)
class Difference:
    """How a split differs from another one in one measure.

    Args:
        check: The check it belongs to.
        measure: A key of `MEASURES`, or `format`.
        split: The split to compare with, mostly train.
        other: The split that is judged.
        num_images: Measured images of `split`.
        num_other: Measured images of `other`.
        distance: 0-1; at least this share of the images of `other` would have to change to match `split`.
        severity: A word of `SEVERITIES`.
        verdict: The same in a sentence.
        shift: Mean distance of the values in standard deviations (Wasserstein); None for formats.
        median: Median of `split`; None for formats.
        median_other: Median of `other`; None for formats.
    """

    check: str
    measure: str
    split: str
    other: str
    num_images: int
    num_other: int
    distance: float
    severity: str
    verdict: str
    shift: float | None = None
    median: float | None = None
    median_other: float | None = None


def compare_splits(rows: pd.DataFrame) -> list[Difference]:
    """Compare each split with the train split, or with the first one where there is no train split.

    Args:
        rows: What `measured_rows` returns.
    """
    splits = sorted(rows["split"].unique(), key=lambda split: (split != "train", split))
    return [difference for other in splits[1:] for difference in _compare(rows, splits[0], other)]


def comparison_table(differences: list[Difference]) -> pd.DataFrame:
    """Return the differences as a table, one column a field."""
    return pd.DataFrame([asdict(difference) for difference in differences], columns=list(Difference.__annotations__))


def _compare(rows: pd.DataFrame, split: str, other: str) -> Iterator[Difference]:
    left, right = rows[rows["split"] == split], rows[rows["split"] == other]
    for name in MEASURES:
        if left[name].notna().any() and right[name].notna().any():
            yield _difference(name, left, right)
    yield _format_difference(left, right)


def _difference(name: str, left: pd.DataFrame, right: pd.DataFrame) -> Difference:
    split, other = str(left["split"].iloc[0]), str(right["split"].iloc[0])
    a, b = left[name].dropna().to_numpy(float), right[name].dropna().to_numpy(float)
    distance = ks_distance(a, b)
    severity = severity_of_distance(distance, len(a), len(b))
    if name == "bytes_per_pixel" and _lossy_share(left) == _lossy_share(right) == 0:
        severity = _at_most("notice", severity)  # nothing was lost in either, however small the files
    median, median_other = float(np.median(a)), float(np.median(b))
    return Difference(
        check=MEASURES[name].check,
        measure=name,
        split=split,
        other=other,
        num_images=len(a),
        num_other=len(b),
        distance=distance,
        severity=severity,
        verdict=_verdict(name, (other, median_other), (split, median), severity, chance_distance(len(a), len(b))),
        shift=wasserstein_shift(a, b),
        median=median,
        median_other=median_other,
    )


def _verdict(
    name: str, other: tuple[str, float], split: tuple[str, float], severity: str, explained_by_chance: float
) -> str:
    """Say in a sentence how one split, a name and a median, differs from another."""
    measure = MEASURES[name]
    medians = [f"{median:,.{measure.digits}f}" for _, median in (other, split)]
    figures = f"median {medians[0]} against {medians[1]}"
    if severity == "fine" and explained_by_chance > _UNSURE_FROM:
        return f"Too few images to tell {other[0]} from {split[0]} ({figures})."
    if severity == "fine":
        return f"{other[0]} and {split[0]} are alike ({figures})."
    word = measure.more if other[1] > split[1] else measure.less
    said = f"spread {_DEGREES[severity]} otherwise" if medians[0] == medians[1] else f"{_DEGREES[severity]} {word}"
    return f"{other[0]} is {said} than {split[0]} ({figures})."


def _format_difference(left: pd.DataFrame, right: pd.DataFrame) -> Difference:
    """Compare by share of files; the distance is the total variation."""
    split, other = str(left["split"].iloc[0]), str(right["split"].iloc[0])
    here, there = (part["format"].value_counts(normalize=True) for part in (left, right))
    distance = float(here.sub(there, fill_value=0.0).abs().sum() / 2)
    is_loss = abs(_lossy_share(left) - _lossy_share(right)) > distance / 2
    severity = severity_of_distance(distance, len(left), len(right))
    verdict = f"{split} is {_mix(here)}, {other} {_mix(there)}."
    severity = _at_most("warning" if is_loss else "notice", severity)
    return Difference("split_format", "format", split, other, len(left), len(right), distance, severity, verdict)


def _mix(shares: pd.Series) -> str:
    return " and ".join(f"{100 * share:.0f} % {kind}" for kind, share in shares.items())


def _lossy_share(rows: pd.DataFrame) -> float:
    return float(rows["format"].isin(LOSSY_FORMATS).mean())


def _at_most(limit: str, severity: str) -> str:
    return SEVERITIES[max(SEVERITIES.index(limit), SEVERITIES.index(severity))]


def split_findings(differences: list[Difference]) -> list[Finding]:
    """Return one finding a check: the figures of the worst difference, the verdicts of all that are as serious."""
    checks = dict.fromkeys(difference.check for difference in differences)
    return [_finding([each for each in differences if each.check == check]) for check in checks]


def _finding(differences: list[Difference]) -> Finding:
    worst = min(differences, key=lambda each: (SEVERITIES.index(each.severity), -each.distance))
    is_fine = worst.severity == "fine"
    told = [each.verdict for each in differences if is_fine or each.severity != "fine"]
    sort = {"bytes_per_pixel": "file_size", "jpeg_traces": "file_size", "format": "path"}
    return Finding(
        check=worst.check,
        severity=worst.severity,
        count=0 if is_fine else round(worst.distance * worst.num_other),
        total=worst.num_other,
        detail=" ".join(told),
        browse={} if is_fine else {"split": worst.other, "sort": sort.get(worst.measure, worst.measure)},
    )
