"""Takes a validation part out of a training split.

Rows of an index come in, two disjoint lists of row numbers go out: stratified by label, repeatable by seed, and
with duplicates on one side, because a twin in the training part would flatter every choice made on it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.index import DatasetIndex
from fer_core.errors import DatasetError


@dataclass(frozen=True)
class TrainingSplit:
    """Row numbers of the index to fit on and to choose by; both (n,) int64, sorted."""

    train: npt.NDArray[np.int64]
    validation: npt.NDArray[np.int64]


def training_split(
    index: DatasetIndex, *, validation_share: float, seed: int, groups: npt.NDArray[np.int64] | None = None
) -> TrainingSplit:
    """Divide the train split into a training and a validation part.

    A dataset that brings a split named `validation` is taken at its word.

    Args:
        index: The dataset, with corrections applied.
        validation_share: Share of the train split to hold back, above 0 and below 1.
        seed: The same seed gives the same division.
        groups: (n,) for each row of the index the number of its group of duplicates, which stay together; by default
            only pictures with identical pixels are a group.

    Raises:
        DatasetError: If there is no train split, fewer than two classes, or too few pictures to hold any back.
    """
    if len(index.class_names) < 2:
        raise DatasetError("Fewer than two classes have usable pictures. Restore pictures that were excluded.")
    if "train" not in index.splits:
        raise DatasetError(f"This dataset has no train split, only {', '.join(index.splits)}. Name the folder train.")
    rows = index.select(split="train")
    if "validation" in index.splits:
        held_back = index.select(split="validation").index.to_numpy(np.int64)
        return TrainingSplit(train=rows.index.to_numpy(np.int64), validation=held_back)
    is_validation = _held_back(rows, validation_share, seed, groups)
    if not is_validation.any() or is_validation.all():
        raise DatasetError(
            f"{len(rows)} training pictures are too few to hold {validation_share:.0%} of each class back for "
            "validation. Add pictures, or raise the validation share."
        )
    numbers = rows.index.to_numpy(np.int64)
    return TrainingSplit(train=numbers[~is_validation], validation=numbers[is_validation])


def _held_back(
    rows: pd.DataFrame, share: float, seed: int, groups: npt.NDArray[np.int64] | None
) -> npt.NDArray[np.bool_]:
    """Choose whole groups of duplicates, label by label, up to the wanted number of pictures."""
    keys = rows["digest"] if groups is None else pd.Series(groups[rows.index.to_numpy(np.int64)], index=rows.index)
    members = rows.groupby(keys.rename("group"), sort=True).agg(label=("label", "first"), size=("label", "size"))
    generator = np.random.default_rng(seed)
    chosen: list[str | int] = []
    for _, of_label in members.groupby("label", sort=True):
        order = generator.permutation(len(of_label))
        sizes = of_label["size"].to_numpy()[order]
        before = sizes.cumsum() - sizes
        chosen.extend(of_label.index.to_numpy()[order[before < round(sizes.sum() * share)]])
    return keys.isin(chosen).to_numpy()
