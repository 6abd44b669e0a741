"""Checks of pictures that show the same: identical ones, near duplicates, leaks between splits, contradicting labels.

The pairs that `find_duplicates` found in the pixels come in; the findings are of the view as it is now: what was
excluded is out, and labels count as corrected.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.audit.findings import Finding, finding_of_images
from fer_core.dataset.duplicates.pairs import MIN_SIMILARITY, duplicate_groups, leaked_ids
from fer_core.dataset.index import DatasetIndex


def twin_findings(index: DatasetIndex, pairs: pd.DataFrame, *, min_similarity: float = MIN_SIMILARITY) -> list[Finding]:
    """Run the checks on all pairs of usable pictures that are alike enough; leaks need two splits.

    Args:
        index: The view to judge.
        pairs: image_id, twin_id, similarity (0-1), identical (bool).
        min_similarity: Pairs below it are no twins.
    """
    usable = np.zeros(len(index.table), bool)
    usable[index.select()["image_id"]] = True
    alike = (pairs["similarity"] >= min_similarity).to_numpy()
    pairs = pairs[usable[pairs["image_id"]] & usable[pairs["twin_id"]] & alike]
    identical = pairs["identical"].to_numpy(bool)
    findings = [
        _alike("identical", index, pairs[identical]),
        _alike("near_duplicate", index, pairs[~identical]),
        _contradicting(index, pairs),
    ]
    return [*findings, _leak(index, pairs)] if len(index.splits) > 1 else findings


def _alike(check: str, index: DatasetIndex, pairs: pd.DataFrame) -> Finding:
    members = np.unique(pairs[["image_id", "twin_id"]].to_numpy(np.int64))
    groups = _groups(index, pairs)[members]
    detail = f"{_count(len(np.unique(groups)), 'group')}, {_count(len(pairs), 'pair')}." if len(members) else ""
    scores = _closest(index, pairs)[members]
    return finding_of_images(check, members, len(index.select()), detail=detail, groups=groups, scores=scores)


def _contradicting(index: DatasetIndex, pairs: pd.DataFrame) -> Finding:
    labels = index.table["label"].to_numpy()
    pairs = pairs[labels[pairs["image_id"]] != labels[pairs["twin_id"]]]
    members = np.unique(pairs[["image_id", "twin_id"]].to_numpy(np.int64))
    groups = _groups(index, pairs)
    num_identical = len(np.unique(groups[pairs.loc[pairs["identical"].to_numpy(bool), "image_id"]]))
    num_near = len(np.unique(groups[members])) - num_identical
    detail = f"{_count(num_identical, 'group')} of identical pictures, {num_near:,} of near duplicates."
    return finding_of_images(
        "contradicting",
        members,
        len(index.select()),
        detail=detail if len(members) else "",
        groups=groups[members],
        scores=_closest(index, pairs)[members],
    )


def _leak(index: DatasetIndex, pairs: pd.DataFrame) -> Finding:
    """Count the pictures outside the train split (or the first one) that have a twin in another split."""
    splits, reference = index.table["split"].to_numpy(), index.splits[0]
    pairs = pairs[splits[pairs["image_id"]] != splits[pairs["twin_id"]]]
    members = leaked_ids(index, pairs, min_similarity=0.0)
    members = members[splits[members] != reference]
    sizes = {split: len(index.select(split=split)) for split in index.splits[1:]}
    counts = {split: int((splits[members] == split).sum()) for split in sizes}
    parts = [f"{counts[split]:,} of {sizes[split]:,} in {split}" for split in sizes if counts[split]]
    num_identical = len(np.intersect1d(members, pairs.loc[pairs["identical"].to_numpy(bool), ["image_id", "twin_id"]]))
    detail = f"{', '.join(parts)} have a twin in another split, {num_identical:,} of them an identical one."
    return finding_of_images(
        "leak",
        members,
        sum(sizes.values()),
        detail=detail if len(members) else "",
        groups=_groups(index, pairs)[members],
        scores=_closest(index, pairs)[members],
    )


def _groups(index: DatasetIndex, pairs: pd.DataFrame) -> npt.NDArray[np.int64]:
    return duplicate_groups(pairs, len(index.table), min_similarity=0.0)


def _closest(index: DatasetIndex, pairs: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return (n,) the similarity of each picture's closest twin, 0 without one."""
    closest = np.zeros(len(index.table))
    for column in ("image_id", "twin_id"):
        np.maximum.at(closest, pairs[column].to_numpy(np.int64), pairs["similarity"].to_numpy(float))
    return closest


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
