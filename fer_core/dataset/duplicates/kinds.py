"""What is wrong with duplicates, by kind: leaks between splits, contradicting labels, identical and near duplicates.

The pairs found in the pixels come in with the dataset as it is now; the pairs of one kind, and their pictures group by
group, go out. What was excluded is out, and labels count as corrected.
"""

import numpy as np
import pandas as pd

from fer_core.dataset.duplicates.pairs import MIN_SIMILARITY, duplicate_groups
from fer_core.dataset.index import DatasetIndex

# The health report calls its checks by the same names.
KINDS: tuple[str, ...] = ("leak", "contradicting", "identical", "near_duplicate")


def pairs_of_kind(
    index: DatasetIndex, pairs: pd.DataFrame, kind: str, *, min_similarity: float = MIN_SIMILARITY
) -> pd.DataFrame:
    """Return the pairs of usable pictures of one kind, all columns as they are.

    Args:
        index: The dataset with its corrections.
        pairs: What `find_duplicates` returned for the same pixels.
        kind: `leak` (two splits), `contradicting` (two labels), `identical` or `near_duplicate` (any other).
        min_similarity: Pairs below it do not count.

    Raises:
        ValueError: If there is no such kind.
    """
    usable = np.zeros(len(index.table), np.bool_)
    usable[index.usable["image_id"].to_numpy()] = True
    first, second = pairs["image_id"].to_numpy(), pairs["twin_id"].to_numpy()
    counts = usable[first] & usable[second] & (pairs["similarity"].to_numpy() >= min_similarity)
    identical = pairs["identical"].to_numpy(bool)
    if kind in ("leak", "contradicting"):
        values = index.table["split" if kind == "leak" else "label"].to_numpy()
        is_of_kind = np.asarray(values[first] != values[second], np.bool_)
    elif kind in KINDS:
        is_of_kind = identical if kind == "identical" else ~identical
    else:
        raise ValueError(f"kind is {kind!r}; known kinds: {', '.join(KINDS)}")
    chosen: pd.DataFrame = pairs.loc[counts & is_of_kind]
    return chosen


def group_pictures(index: DatasetIndex, pairs: pd.DataFrame, *, closest_first: bool = True) -> pd.DataFrame:
    """List the pictures of some pairs, group by group.

    Args:
        index: The dataset with its corrections.
        pairs: The pairs that join pictures into groups; all of them count.
        closest_first: Begin with the groups of the highest similarity, or with those of the lowest.

    Returns:
        One row a picture: group (0, 1, … in order), image_id, path, split, label, similarity (to its closest twin);
        within a group train comes first.
    """
    both = pd.concat([pairs, pairs.rename(columns={"image_id": "twin_id", "twin_id": "image_id"})])
    closest = both.groupby("image_id")["similarity"].max()
    image_ids = closest.index.to_numpy(np.int64)
    rows = index.table.iloc[image_ids][["image_id", "path", "split", "label"]].reset_index(drop=True)
    rows.insert(0, "group", duplicate_groups(pairs, len(index.table), min_similarity=0.0)[image_ids])
    rows["similarity"] = closest.to_numpy()
    rows["of_group"] = rows.groupby("group")["similarity"].transform("max" if closest_first else "min")
    rows["other_split"] = rows["split"] != "train"
    order = ["of_group", "group", "other_split", "split", "image_id"]
    rows = rows.sort_values(order, ascending=[not closest_first, True, True, True, True], ignore_index=True)
    rows["group"] = pd.factorize(rows["group"])[0]
    return rows.drop(columns=["of_group", "other_split"])
