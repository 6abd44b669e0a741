"""Predictions against labels, whoever made them: one report and one table of pictures go out.

A model's answers and those of a file come here through the same `ScoredPictures`. Labels are matched by name, never
by position; a label that is not among the classes needs a map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import DatasetIndex
from fer_core.dataset.duplicates.pairs import duplicate_groups, leaked_ids
from fer_core.errors import DatasetError, ModelError
from fer_core.evaluation.full_report import full_report, main_figures
from fer_core.evaluation.groups import group_report
from fer_core.models.group_metadata import metadata_of


@dataclass(frozen=True)
class ScoredPictures:
    """The pictures of a split and what was said about each.

    Args:
        rows: image_id, path and label of n pictures, every label one of `class_names`.
        y_prob: (n, classes) probabilities.
        class_names: Classes in the order of the columns.
        has_probabilities: False where only a class was given, so that each row is a 1 among zeros.
    """

    rows: pd.DataFrame
    y_prob: npt.NDArray[np.float32]
    class_names: tuple[str, ...]
    has_probabilities: bool = True

    @property
    def y_true(self) -> npt.NDArray[np.intp]:
        """(n,) true class indices."""
        return np.asarray(pd.Index(self.class_names).get_indexer(pd.Index(self.rows["label"])), np.intp)


def labelled_pictures(
    index: DatasetIndex, split: str, class_names: Sequence[str], label_map: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the readable pictures of a split with labels that are among the given classes.

    Args:
        index: The dataset, with corrections applied.
        split: A split that `index.select` knows.
        class_names: The classes of whoever predicts.
        label_map: Label of the dataset -> class; "" leaves its pictures out.

    Raises:
        ModelError: If the split has classes that are neither known nor in the map, or the map names others.
        DatasetError: If there is no such split, or no picture of it is left.
    """
    rows = index.select(split=split)
    if rows.empty:
        num_unreadable = len(index.select(split=split, readable=False))
        raise DatasetError(f"None of the {num_unreadable:,} pictures in {split!r} can be read. Choose another split.")
    known = sorted(rows["label"].unique())
    asked = dict(label_map or {})
    strange = [label for label in asked if label not in known]
    if strange:
        raise ModelError(
            f"The label map names {', '.join(map(repr, strange))}, and the pictures of {split!r} have the labels "
            f"{', '.join(known)}. Name these."
        )
    labels = rows["label"].map({label: asked.get(label, label) for label in known})
    rows = rows.assign(label=labels)[labels != ""]
    unknown = sorted(set(rows["label"]) - set(class_names))
    if unknown:
        example = ",".join(f"{label}=" for label in unknown)
        raise ModelError(
            f"The model does not know the class {', '.join(map(repr, unknown))}. The pictures have the classes "
            f"{', '.join(sorted(rows['label'].unique()))}; the model knows {', '.join(class_names)}. Choose a model "
            f"trained on them, or add --map: old=new gives a label one of these names, and --map {example} leaves "
            "such pictures out."
        )
    if rows.empty:
        raise DatasetError("The label map leaves every picture out. Keep at least one class.")
    return rows


def report_on(scored: ScoredPictures, index: DatasetIndex, duplicates: pd.DataFrame | None) -> dict[str, Any]:
    """Measure predictions.

    Args:
        scored: The predictions.
        index: The dataset that the pictures are of.
        duplicates: Its pairs, as `duplicates_of` returns them; None where nobody has looked for them.

    Returns:
        What `full_report` returns, with `without_leaks`: the same figures without the curves, of the pictures that do
        not recur in another split, None where `duplicates` is, or no picture is left; and `groups`: what `group_report`
        returns for the group columns of the index, None where it has none.
    """
    groups, is_leaked = _twins(scored, index, duplicates)
    report = full_report(
        scored.y_true, scored.y_prob, scored.class_names, groups=groups, has_probabilities=scored.has_probabilities
    )
    return report | {
        "without_leaks": _without_leaks(scored, groups, is_leaked),
        "groups": groups_of(scored, index, groups),
    }


def groups_of(
    scored: ScoredPictures, index: DatasetIndex, duplicate_groups: npt.NDArray[np.int64] | None = None
) -> dict[str, Any] | None:
    """Return what `group_report` says for the group columns of an index, None where it has none."""
    metadata = metadata_of(index, scored.rows["image_id"].to_numpy(np.int64))
    return group_report(
        scored.y_true,
        scored.y_prob,
        metadata,
        scored.class_names,
        duplicate_groups=duplicate_groups,
        has_probabilities=scored.has_probabilities,
    )


def predictions_table(scored: ScoredPictures, index: DatasetIndex, duplicates: pd.DataFrame | None) -> pd.DataFrame:
    """Return the predictions so that every figure can be computed again from them.

    Returns:
        One row a picture: `image_id`, `path`, `label`, `predicted`, `confidence`, `p_<class>` for each class, and where
        duplicates are known `duplicate_group` (the same for pictures that show the same) and `leaked` (recurs in
        another split).
    """
    groups, is_leaked = _twins(scored, index, duplicates)
    table = scored.rows[["image_id", "path", "label"]].reset_index(drop=True)
    table["predicted"] = np.array(scored.class_names, object)[scored.y_prob.argmax(axis=1)]
    table["confidence"] = scored.y_prob.max(axis=1)
    if scored.has_probabilities:
        for number, name in enumerate(scored.class_names):
            table[f"p_{name}"] = scored.y_prob[:, number]
    if groups is not None and is_leaked is not None:
        table["duplicate_group"], table["leaked"] = groups, is_leaked
    return table


def _twins(
    scored: ScoredPictures, index: DatasetIndex, duplicates: pd.DataFrame | None
) -> tuple[npt.NDArray[np.int64] | None, npt.NDArray[np.bool_] | None]:
    """Return (n,) the duplicate group of each picture and whether it recurs in another split."""
    if duplicates is None:
        return None, None
    image_ids = scored.rows["image_id"].to_numpy(np.int64)
    groups = duplicate_groups(duplicates, len(index.table))
    return groups[image_ids], np.isin(image_ids, leaked_ids(index, duplicates))


def _without_leaks(
    scored: ScoredPictures, groups: npt.NDArray[np.int64] | None, is_leaked: npt.NDArray[np.bool_] | None
) -> dict[str, Any] | None:
    if groups is None or is_leaked is None or is_leaked.all():
        return None
    own = ~is_leaked
    report = full_report(
        scored.y_true[own],
        scored.y_prob[own],
        scored.class_names,
        groups=groups[own],
        has_probabilities=scored.has_probabilities,
    )
    return main_figures(report)
