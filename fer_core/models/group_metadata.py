"""What the user said about the people in a dataset's pictures: the group columns of its index, or of a CSV beside it.

An index comes in; the group columns of chosen pictures go out. Groups are taken as they are given: nothing about a
person is ever read from a picture.
"""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import DatasetIndex
from fer_core.dataset.browse import group_columns
from fer_core.dataset.sources.folders import OnNote
from fer_core.dataset.sources.metadata import join_metadata
from fer_core.evaluation.grouping import groupings
from fer_core.evaluation.groups import group_report

logger = logging.getLogger(__name__)


def metadata_of(index: DatasetIndex, image_ids: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return one row for each picture and one column for each group column; no column where there is no metadata."""
    return index.table.iloc[image_ids][group_columns(index)].reset_index(drop=True)


def with_metadata(index: DatasetIndex, file: Path, *, on_note: OnNote = logger.warning) -> DatasetIndex:
    """Return a view of the same pictures that has the columns of a metadata CSV, in place of its own of that name.

    Args:
        index: The dataset, with corrections applied.
        file: A CSV with a column `path` and columns of groups; see `join_metadata`.
        on_note: Called with a sentence about rows and pictures without a partner.

    Raises:
        DatasetError: If the file is no such table, or fits no picture.
    """
    return DatasetIndex(join_metadata(index.table, file, on_note=on_note), index.images)


def metadata_digest(index: DatasetIndex) -> str:
    """Return what changes when the metadata does, which the fingerprint leaves out; "" where there is none."""
    columns = group_columns(index)
    if not columns:
        return ""
    hashes = pd.util.hash_pandas_object(index.table[columns].astype(str), index=True)
    return hashlib.sha256(",".join(columns).encode() + hashes.to_numpy().tobytes()).hexdigest()


def groups_of_predictions(
    predictions: pd.DataFrame, index: DatasetIndex, class_names: Sequence[str]
) -> dict[str, Any] | None:
    """Return what `group_report` says of predictions that were kept.

    Args:
        predictions: What `predictions_table` returns, with probabilities.
        index: A view of the dataset that has the group columns.
        class_names: The model's classes, in its order.

    Returns:
        The report, None where the index has no group column.
    """
    y_true = pd.Index(class_names).get_indexer(pd.Index(predictions["label"]))
    y_prob = predictions[[f"p_{name}" for name in class_names]].to_numpy(np.float64)
    metadata = metadata_of(index, predictions["image_id"].to_numpy(np.int64))
    return group_report(y_true, y_prob, metadata, class_names, duplicate_groups=predictions.get("duplicate_group"))


def members(index: DatasetIndex, image_ids: npt.NDArray[np.int64], column: str, group: str) -> npt.NDArray[np.bool_]:
    """Return (n,) which of some pictures are of one group of one grouping, as `group_table` names both."""
    for grouping in groupings(metadata_of(index, image_ids))[0]:
        if grouping.column == column and group in grouping.names:
            return np.asarray(grouping.members == grouping.names.index(group), np.bool_)
    raise ValueError(f"there is no group {group!r} of {column!r}")
