"""The dataset index: one table and one pixel file, built once and reopened instantly.

A folder with `index.parquet`, `images.npy` and `index.json` comes in, rows and pixels to ask for go out. Row i of the
table is images[i]. Every picture has a row: an unreadable one has `readable=False` and zeros for pixels.
"""

import hashlib
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.errors import DatasetError

IMAGE_SIZE = 48  # pixels; the side of FER2013's pictures
TABLE_NAME = "index.parquet"
IMAGES_NAME = "images.npy"
RECORD_NAME = "index.json"
FORMAT_VERSION = 2
# FER2013 divides its test pictures; together they are what is called the test split.
TEST_PARTS = ("public_test", "private_test")
_SWAP_SECONDS = 0.1  # more than the three renames of `put_in_place` take


@dataclass(frozen=True)
class IndexSettings:
    """How an index keeps its pictures.

    Args:
        image_size: Side of the square pictures in pixels, 8 to 512; FER2013's pictures have 48.
        channels: 1 for grey, 3 for RGB.
    """

    image_size: int = IMAGE_SIZE
    channels: int = 1

    def __post_init__(self) -> None:
        if not 8 <= self.image_size <= 512:
            raise DatasetError(f"An index has pictures of 8 to 512 pixels, not {self.image_size}. Choose such a size.")
        if self.channels not in (1, 3):
            raise DatasetError(f"An index has 1 channel (grey) or 3 (colour), not {self.channels}. Choose one of them.")


@dataclass(frozen=True)
class DatasetIndex:
    """A dataset's pictures as a table and an array, as indexed or with corrections applied.

    Args:
        table: One row a picture: image_id (= row number), path, split, label, source, group columns, readable,
            width, height (pixels), mode and format of the file, file_size (bytes), modified_ns, digest (of the
            decoded pixels), perceptual_hash (uint64), and of the grey pixels at index size brightness (mean, 0-255),
            contrast (standard deviation) and sharpness (variance of the Laplacian). A patched view has
            `excluded` (bool) and `indexed_label` (the label before corrections) besides.
        images: (n, size, size, channels) uint8, 0-255, channels 1 (grey) or 3 (RGB); row i belongs to row i of the
            table.
    """

    table: pd.DataFrame
    images: npt.NDArray[np.uint8]

    @property
    def settings(self) -> IndexSettings:
        """At which size and with how many channels the pictures are kept."""
        return IndexSettings(image_size=self.images.shape[1], channels=self.images.shape[3])

    @cached_property
    def usable(self) -> pd.DataFrame:
        """The rows that count: readable and not excluded."""
        return self.table[self.table["readable"].to_numpy(bool) & ~self._excluded]

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The labels of the usable pictures, in alphabetical order."""
        return tuple(sorted(self.usable["label"].unique()))

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """The splits of the usable pictures, train first."""
        return tuple(sorted(self.usable["split"].unique(), key=lambda split: (split != "train", split)))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the sorted (path, split, label, digest) without what is excluded.

        The same wherever and whenever the index is built; unreadable files count, with an empty digest.
        """
        rows = self.table[~self._excluded]
        columns = [rows[column].astype(str).tolist() for column in ("path", "split", "label", "digest")]
        lines = sorted(map("\t".join, zip(*columns, strict=True)))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def select(
        self, *, split: str | None = None, label: str | None = None, readable: bool | None = True
    ) -> pd.DataFrame:
        """Return the rows of one split and label; None takes all.

        Args:
            split: A split's name; `test` also means public_test and private_test together where no split has
                that very name.
            label: A label, after corrections in a patched view.
            readable: True for usable pictures (readable and not excluded), False for unreadable ones, None for all.

        Raises:
            DatasetError: If there is no such split or label.
        """
        rows = {True: self.usable, False: self.table[~self.table["readable"].to_numpy(bool)], None: self.table}[
            readable
        ]
        if split is not None:
            rows = rows[rows["split"].isin(self._meaning("split", split))]
        return rows if label is None else rows[rows["label"].isin(self._meaning("label", label))]

    def without(self, image_ids: npt.ArrayLike) -> "DatasetIndex":
        """Return a view of the same pictures in which some more rows are excluded.

        Args:
            image_ids: (m,) row numbers.
        """
        excluded = self._excluded.copy()
        excluded[np.asarray(image_ids, dtype=np.int64)] = True
        return DatasetIndex(self.table.assign(excluded=excluded), self.images)

    def with_labels(self, label_map: Mapping[str, str]) -> "DatasetIndex":
        """Return a view of the same pictures in which labels have other names.

        Args:
            label_map: Label -> name to read it as; "" excludes its pictures. Other labels stay.
        """
        if not label_map:
            return self
        is_left_out = self.table["label"].map(lambda label: label_map.get(label) == "").to_numpy(np.bool_)
        labels = self.table["label"].map(lambda label: label_map.get(label) or label)
        return DatasetIndex(self.table.assign(label=labels, excluded=self._excluded | is_left_out), self.images)

    def counts(self) -> pd.DataFrame:
        """Count the usable pictures: one row a label, one column a split."""
        counts = self.usable.groupby(["label", "split"]).size().unstack(fill_value=0)
        return counts.reindex(index=list(self.class_names), columns=list(self.splits), fill_value=0)

    def label_numbers(self, rows: pd.DataFrame) -> npt.NDArray[np.int64]:
        """Return the labels of some usable rows as (n,) positions in `class_names`."""
        positions = {name: number for number, name in enumerate(self.class_names)}
        return np.array([positions[label] for label in rows["label"]], dtype=np.int64)

    @cached_property
    def _excluded(self) -> npt.NDArray[np.bool_]:
        if "excluded" not in self.table:
            return np.zeros(len(self.table), dtype=np.bool_)
        return self.table["excluded"].to_numpy(np.bool_)

    def _meaning(self, column: str, value: str) -> list[str]:
        """The values of a column that one word stands for."""
        known = sorted(self.table[column].unique())
        if value in known:
            return [value]
        parts = [part for part in TEST_PARTS if part in known]
        if column == "split" and value == "test" and parts:
            return parts
        raise DatasetError(f"There is no {column} {value!r}; this dataset has {', '.join(known)}.")


def open_index(index_folder: Path) -> DatasetIndex:
    """Open an index that `build_index` wrote; the pixels stay on disk until they are used.

    Raises:
        DatasetError: If the folder holds no complete index.
    """
    record = _read_record(index_folder)
    try:
        table = pd.read_parquet(index_folder / TABLE_NAME)
        images = np.load(index_folder / IMAGES_NAME, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise _damaged(index_folder, str(error)) from error
    if _read_record(index_folder) != record:  # replaced while it was being read
        return open_index(index_folder)
    if len(table) != len(images) or images.ndim != 4:
        raise _damaged(index_folder, f"{len(table):,} rows for images of shape {images.shape}")
    return DatasetIndex(table=table, images=images)


def put_in_place(images: Path, table: Path, index_folder: Path, settings: IndexSettings) -> None:
    """Make two complete files the index of a folder, in place of an earlier one if there is one.

    Readers see the earlier index or the new one, never a mixture: there is none while `index.json` is missing.
    """
    record = {"format_version": FORMAT_VERSION, **asdict(settings), "build": uuid.uuid4().hex}
    draft = index_folder / f".{RECORD_NAME}"
    draft.write_text(json.dumps(record, indent=2), encoding="utf-8")
    (index_folder / RECORD_NAME).unlink(missing_ok=True)
    os.replace(images, index_folder / IMAGES_NAME)
    os.replace(table, index_folder / TABLE_NAME)
    os.replace(draft, index_folder / RECORD_NAME)


def _read_record(index_folder: Path) -> dict[str, Any]:
    """What `index.json` says; an index that is being replaced gets a moment."""
    path = index_folder / RECORD_NAME
    if not path.exists():
        time.sleep(_SWAP_SECONDS)
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = record["format_version"]
    except FileNotFoundError as error:
        raise _damaged(index_folder, "it is not complete, or was made by an earlier version") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(index_folder, str(error)) from error
    if version != FORMAT_VERSION:
        raise _damaged(index_folder, f"format version {version} instead of {FORMAT_VERSION}")
    return record


def _damaged(index_folder: Path, reason: str) -> DatasetError:
    return DatasetError(
        f"The index of '{index_folder.name}' cannot be used: {reason}. Index the dataset again (`dataset reindex "
        f"{index_folder.name}`), or remove it and add it again."
    )
