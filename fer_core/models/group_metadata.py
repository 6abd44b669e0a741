"""What the user said about the people in a dataset's pictures: the group columns of its index, or of a CSV beside it.

An index comes in; the group columns of chosen pictures go out. Groups are taken as they are given: nothing about a
person is ever read from a picture.
"""

import hashlib
import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import DatasetIndex
from fer_core.dataset.browse import group_columns
from fer_core.dataset.sources.folders import OnNote
from fer_core.dataset.sources.metadata import join_metadata

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
