"""Finds the pictures of a dataset that show the same photo twice.

An index comes in, a table of pairs goes out. Identical pictures are those with the same digest; of each, one takes
part in the search for re-encoded, shifted, scaled, re-cropped and mirrored twins. Labels and splits play no part in
what is found, so corrections never make it stale.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.duplicates.candidate_pairs import propose_pairs
from fer_core.dataset.duplicates.crop_features import SIDE as SMALL_SIDE
from fer_core.dataset.duplicates.crop_features import resized_grey
from fer_core.dataset.duplicates.similarity import SIDE, look_closely
from fer_core.dataset.index import DatasetIndex

RELATIONS: tuple[str, ...] = ("identical", "re-encoded", "moved", "mirrored")
COLUMNS: tuple[str, ...] = ("image_id", "twin_id", "similarity", "identical", "relation")

_MIN_CONTRAST = 2.5  # grey levels; blank and nearly constant pictures have nothing by which to tell them apart
_MAX_PAIRED = 50  # identical pictures that are all paired; of more, each is paired with the first of every split
_READ_BLOCK = 4096  # pictures
_SEARCH_SHARE = 0.7  # of the time; the rest goes into the close look

OnProgress = Callable[[int, int], None]
IntArray = npt.NDArray[np.int64]


def find_duplicates(index: DatasetIndex, *, on_progress: OnProgress | None = None) -> pd.DataFrame:
    """Find every two readable pictures that show the same photo.

    Time grows with n^1.5, memory with n. Many copies of one photo are not all paired with each other, but all linked.

    Args:
        index: The dataset; what is excluded takes part all the same.
        on_progress: Called with (pictures' worth of work done, pictures in all); may raise to end the search.

    Returns:
        One row a pair, the most alike first: image_id < twin_id, similarity (0-1, at least `LOWEST_SIMILARITY`),
        identical (the decoded pixels are equal), relation (one of `RELATIONS`).
    """
    table = index.table[index.table["readable"].to_numpy(bool)]
    copies = _copies(table)
    different = table["image_id"].to_numpy(np.int64)[~table["digest"].duplicated().to_numpy()]
    near = _near_duplicates(index.images, different, on_progress)
    pairs = pd.concat([_identical_pairs(copies), _with_copies(near, copies)], ignore_index=True)
    return pairs.sort_values(["similarity", "image_id", "twin_id"], ascending=[False, True, True], ignore_index=True)


@dataclass(frozen=True)
class _Copies:
    """Identical pictures.

    Args:
        image_ids: Of each picture that occurs several times, by its first: all of it, sorted.
        firsts: Of the same, the first of every split.
    """

    image_ids: dict[int, list[int]]
    firsts: dict[int, list[int]]

    def linked(self, image_id: int) -> list[int]:
        """Return the copies that stand for a picture in pairs with others."""
        everyone = self.image_ids.get(image_id, [image_id])
        return everyone if len(everyone) <= _MAX_PAIRED else self.firsts[image_id]


def _copies(table: pd.DataFrame) -> _Copies:
    repeated = table[table["digest"].duplicated(keep=False)]
    image_ids = {int(ids.iloc[0]): ids.tolist() for _, ids in repeated.groupby("digest", sort=False)["image_id"]}
    splits = repeated.drop_duplicates(["digest", "split"])
    firsts = {int(ids.iloc[0]): ids.tolist() for _, ids in splits.groupby("digest", sort=False)["image_id"]}
    return _Copies(image_ids, firsts)


def _identical_pairs(copies: _Copies) -> pd.DataFrame:
    pairs: set[tuple[int, int]] = set()
    for first, everyone in copies.image_ids.items():
        linked = copies.linked(first)
        pairs.update((min(a, b), max(a, b)) for a, b in product(everyone, linked) if a != b)
    first_ids, twin_ids = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
    return _pairs_table(first_ids, twin_ids, np.ones(len(pairs)), np.full(len(pairs), "identical"))


def _with_copies(near: pd.DataFrame, copies: _Copies) -> pd.DataFrame:
    """Let what was found for one of several identical pictures hold for all of them."""
    has_copies = near["image_id"].isin(copies.image_ids) | near["twin_id"].isin(copies.image_ids)
    repeated = near[has_copies].reset_index(drop=True)
    rows = [
        (row, min(a, b), max(a, b))
        for row, (first, second) in enumerate(repeated[["image_id", "twin_id"]].to_numpy().tolist())
        for a, b in product(copies.linked(first), copies.linked(second))
    ]
    number, image_ids, twin_ids = np.array(rows, np.int64).reshape(-1, 3).T
    found = repeated.iloc[number]
    linked = _pairs_table(image_ids, twin_ids, found["similarity"].to_numpy(), found["relation"].to_numpy(str))
    return pd.concat([near[~has_copies], linked], ignore_index=True)


def _near_duplicates(
    images: npt.NDArray[np.uint8], image_ids: IntArray, on_progress: OnProgress | None
) -> pd.DataFrame:
    """Search among pictures no two of which are identical, (n,) image_ids."""
    small = np.empty((len(image_ids), SMALL_SIDE, SMALL_SIDE), np.uint8)
    for start in range(0, len(image_ids), _READ_BLOCK):
        block = image_ids[start : start + _READ_BLOCK]
        small[start : start + _READ_BLOCK] = resized_grey(images[block], SMALL_SIDE).round()
    has_content = small.std(axis=(1, 2), dtype=np.float32) >= _MIN_CONTRAST
    small, image_ids = small[has_content], image_ids[has_content]
    total = len(image_ids)
    candidates = propose_pairs(small, on_progress=_part(on_progress, 0, _SEARCH_SHARE, total))
    found = look_closely(
        lambda numbers: resized_grey(images[image_ids[numbers]], SIDE),
        small,
        candidates,
        on_progress=_part(on_progress, _SEARCH_SHARE, 1, total),
    )
    relations = np.select([found.mirrored, found.moved], ["mirrored", "moved"], "re-encoded")
    pairs = np.sort(np.stack([image_ids[found.first], image_ids[found.second]]), axis=0)
    return _pairs_table(pairs[0], pairs[1], found.similarity, relations)


def _pairs_table(
    image_ids: IntArray, twin_ids: IntArray, similarity: npt.NDArray[np.floating], relations: npt.NDArray[np.str_]
) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "image_id": image_ids.astype(np.int64),
            "twin_id": twin_ids.astype(np.int64),
            "similarity": similarity.astype(np.float64),
            "relation": pd.Series(relations, dtype="str"),
        }
    )
    return table.assign(identical=table["relation"] == "identical")[list(COLUMNS)]


def _part(on_progress: OnProgress | None, begin: float, end: float, total: int) -> OnProgress | None:
    """Place one stage's progress within the whole, in pictures."""
    if on_progress is None:
        return None
    return lambda done, of: on_progress(round(total * (begin + (end - begin) * done / max(of, 1))), total)
