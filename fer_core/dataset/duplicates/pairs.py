"""Duplicates of a dataset: the pairs that were found, kept on disk, as groups and as leaks between splits.

`find_duplicates` looks at the pixels once; its pairs stay valid as long as the pixels do. Which of them count is a
question of the least similarity, which groups and leaks take as an argument.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.duplicates.twin_search import COLUMNS, RELATIONS, find_duplicates
from fer_core.dataset.index import DatasetIndex
from fer_core.errors import DatasetError
from fer_core.jobs.folder import write_whole

if TYPE_CHECKING:
    from fer_core.dataset.catalog import Dataset
    from fer_core.jobs import JobReporter

__all__ = [
    "MIN_SIMILARITY",
    "RELATIONS",
    "duplicate_groups",
    "duplicates_of",
    "find_duplicates",
    "find_duplicates_job",
    "find_leaks",
    "leaked_ids",
    "load_duplicates",
]

# 97 of 100 pictures that were encoded again, shifted, scaled or re-cropped reach it, and no two of 910 drawn faces. Of
# FER2013's pairs above it eyes found no false one. Moments of one person in one pose and light may: a second apart in
# a video, some of 100.
MIN_SIMILARITY = 0.94
OnProgress = Callable[[int, int], None]

_METHOD = 3  # raised when the search finds other pairs than before: what is stored is then made again


def duplicates_of(dataset: "Dataset", *, on_progress: OnProgress | None = None) -> pd.DataFrame:
    """Return the pairs that were found before; find and keep them where nobody has looked yet.

    Args:
        dataset: The dataset; its pixels as indexed count, not its corrections.
        on_progress: Called with (pictures' worth of work done, pictures in all); may raise to end the search.

    Raises:
        DatasetError: If the pairs cannot be stored.
    """
    pairs = load_duplicates(dataset)
    if pairs is None:
        pairs = find_duplicates(dataset.index, on_progress=on_progress)
        _store(dataset, pairs)
    return pairs


def load_duplicates(dataset: "Dataset") -> pd.DataFrame | None:
    """Return the pairs that were found before, None where nobody has looked at these pixels."""
    try:
        pairs = pd.read_parquet(_file_of(dataset))
    except (OSError, ValueError):
        return None
    return pairs if list(pairs.columns) == list(COLUMNS) else None


def find_duplicates_job(*, reporter: "JobReporter", dataset: str) -> dict[str, int]:
    """Job: find the duplicates of a dataset and keep them, unless they are known; returns how many pairs there are.

    Raises:
        DatasetError: If there is no such dataset, or the pairs cannot be stored.
    """
    # The catalog applies corrections and leaks, so it imports this module.
    from fer_core.dataset.catalog import open_dataset

    pairs = duplicates_of(
        open_dataset(dataset),
        on_progress=lambda done, total: reporter.progress(done, total, "Looking for duplicates"),
    )
    return {"num_pairs": len(pairs), "num_identical": int(pairs["identical"].sum())}


def duplicate_groups(
    pairs: pd.DataFrame, num_images: int, *, min_similarity: float = MIN_SIMILARITY
) -> npt.NDArray[np.int64]:
    """Join pictures that are twins, also by way of others, into groups.

    Args:
        pairs: image_id, twin_id, similarity.
        num_images: Rows of the index.
        min_similarity: Pairs below it do not count.

    Returns:
        (num_images,) the least image_id of each picture's group; its own where it has no twin.
    """
    chosen = pairs[pairs["similarity"].to_numpy() >= min_similarity]
    first, second = chosen["image_id"].to_numpy(np.int64), chosen["twin_id"].to_numpy(np.int64)
    groups = np.arange(num_images)
    while True:
        least = np.minimum(groups[first], groups[second])
        before = groups.copy()
        for ids in (first, second, before[first], before[second]):
            np.minimum.at(groups, ids, least)
        groups = groups[groups]
        if np.array_equal(groups, before):
            return groups


def find_leaks(index: DatasetIndex, pairs: pd.DataFrame, *, min_similarity: float = MIN_SIMILARITY) -> pd.DataFrame:
    """Return the pairs of usable pictures that lie in two splits.

    Returns:
        image_id and twin_id, the twin in the split that comes first (train before any other), split, twin_split,
        similarity, identical; the most alike first.
    """
    usable = np.zeros(len(index.table), np.bool_)
    usable[index.select()["image_id"].to_numpy()] = True
    order = {split: place for place, split in enumerate(index.splits)}
    splits = index.table["split"].to_numpy()
    first, second = pairs["image_id"].to_numpy(np.int64), pairs["twin_id"].to_numpy(np.int64)
    is_leak = usable[first] & usable[second] & (splits[first] != splits[second])
    chosen = pairs[is_leak & (pairs["similarity"].to_numpy() >= min_similarity)]
    first, second = chosen["image_id"].to_numpy(np.int64), chosen["twin_id"].to_numpy(np.int64)
    ranks = np.array([order.get(split, -1) for split in splits])
    swapped = ranks[first] < ranks[second]
    image_ids, twin_ids = np.where(swapped, second, first), np.where(swapped, first, second)
    return pd.DataFrame(
        {
            "image_id": image_ids,
            "twin_id": twin_ids,
            "split": splits[image_ids],
            "twin_split": splits[twin_ids],
            "similarity": chosen["similarity"].to_numpy(),
            "identical": chosen["identical"].to_numpy(),
        }
    )


def leaked_ids(
    index: DatasetIndex, pairs: pd.DataFrame, *, min_similarity: float = MIN_SIMILARITY
) -> npt.NDArray[np.int64]:
    """Return (m,) the image_ids of each split's usable pictures that have a twin in another split."""
    leaks = find_leaks(index, pairs, min_similarity=min_similarity)
    return np.unique(leaks[["image_id", "twin_id"]].to_numpy(np.int64))


def _file_of(dataset: "Dataset") -> Path:
    """The file of the pairs, named after the pixels they were found in."""
    table = dataset.index.table
    shape = dataset.index.images.shape[1:]
    facts = [f"{_METHOD} {shape}", *(table["split"] + ":" + table["digest"])]
    key = hashlib.blake2b("\n".join(facts).encode(), digest_size=8).hexdigest()
    return dataset.audit_folder / f"duplicates-{key}.parquet"


def _store(dataset: "Dataset", pairs: pd.DataFrame) -> None:
    target = _file_of(dataset)
    try:
        write_whole(target, lambda partial: pairs.to_parquet(partial, index=False))
        for other in target.parent.glob("duplicates-*.parquet"):
            if other != target:
                other.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(f"The duplicates found cannot be stored ({error.strerror}). Free disk space.") from error
