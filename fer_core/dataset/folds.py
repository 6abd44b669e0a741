"""Divides pictures into folds of equal size, so that each can be judged by networks that never saw it.

Rows of an index come in, a fold number for each goes out: stratified by label, repeatable by seed, and with duplicates
in one fold, because a twin in the training part would repeat its own label.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.errors import DatasetError


def assign_folds(
    rows: pd.DataFrame, num_folds: int, *, seed: int, groups: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """Return (n,) the fold of each row, 0 to `num_folds` - 1.

    Args:
        rows: n rows of an index with `label` and `digest`.
        num_folds: Number of folds, at least 2.
        seed: The same seed gives the same folds.
        groups: (n,) number of each row's group of duplicates; by default pictures with identical pixels are a group.

    Raises:
        DatasetError: If a label has fewer groups than there are folds.
    """
    if num_folds < 2:
        raise ValueError(f"num_folds is {num_folds}, expected at least 2")
    keys = rows["digest"].to_numpy() if groups is None else groups
    members = rows.groupby(keys, sort=True).agg(label=("label", "first"), size=("label", "size"))
    generator = np.random.default_rng(seed)
    fold_of = pd.Series(0, index=members.index, dtype=np.int64)
    for number, (label, of_label) in enumerate(members.groupby("label", sort=True)):
        if len(of_label) < num_folds:
            raise DatasetError(
                f"The class {label!r} has {len(of_label)} different pictures, too few for {num_folds} parts. Add "
                "pictures of it, or take fewer parts."
            )
        shuffled = of_label.iloc[generator.permutation(len(of_label))]
        middle = shuffled["size"].cumsum() - shuffled["size"] / 2
        # Another label begins with another fold, so that what is left over does not always fall to the same one.
        fold_of[shuffled.index] = (middle * num_folds / shuffled["size"].sum()).astype(np.int64) + number
    return np.asarray(fold_of.reindex(keys).to_numpy() % num_folds, np.int64)
