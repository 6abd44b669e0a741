"""Checks of the classes: is each one in every split, and how far apart are the largest and the smallest."""

import pandas as pd

from fer_core.dataset.audit.findings import Finding
from fer_core.dataset.index import DatasetIndex

# Largest class by smallest class. FER2013 has 16.5; at 100 to 1 an ordinary training hardly sees the rare class.
NOTICE_RATIO, WARNING_RATIO, PROBLEM_RATIO = 1.5, 3.0, 50.0


def class_findings(index: DatasetIndex) -> list[Finding]:
    """Run the two checks on the class counts of the usable pictures."""
    counts = index.counts()
    return [_missing_class(counts), _imbalance(counts)]


def _missing_class(counts: pd.DataFrame) -> Finding:
    missing = [(str(label), str(split)) for split in counts for label in counts.index[counts[split] == 0]]
    untrained = any(split == "train" for _, split in missing)
    return Finding(
        check="missing_class",
        severity="fine" if not missing else "problem" if untrained else "warning",
        count=len(missing),
        total=counts.size,
        detail="; ".join(f"no {label} in {split}" for label, split in missing[:10]),
        browse={"label": missing[0][0]} if missing else {},
    )


def _imbalance(counts: pd.DataFrame) -> Finding:
    """Compare the classes of the train split, or of all pictures where there is none; empty classes are left out."""
    split = "train" if "train" in counts else ""
    sizes = counts["train"] if split else counts.sum(axis=1)
    sizes = sizes[sizes > 0]
    if sizes.empty:
        return Finding("imbalance", "fine", 0, 0)
    rarest, commonest = str(sizes.idxmin()), str(sizes.idxmax())
    smallest, largest = int(sizes.min()), int(sizes.max())
    ratio = largest / smallest
    steps = ((PROBLEM_RATIO, "problem"), (WARNING_RATIO, "warning"), (NOTICE_RATIO, "notice"))
    severity = next((word for least, word in steps if ratio >= least), "fine")
    place = f" in {split}" if split else ""
    return Finding(
        check="imbalance",
        severity=severity,
        count=smallest if severity != "fine" else 0,
        total=int(sizes.sum()),
        detail=f"{rarest} has {smallest:,} images{place}, {commonest} {largest:,}: 1 to {ratio:.1f}.",
        browse={"label": rarest} | ({"split": split} if split else {}),
    )
