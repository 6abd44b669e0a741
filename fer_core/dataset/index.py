"""The dataset index: one table and one pixel file, built once and reopened instantly.

A table of paths with split and label comes in; a folder with `index.parquet` and `images.npy` goes out. Row i of
the table is images[i]. Every picture has a row: an unreadable one has `readable=False` and zeros for pixels.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.errors import DatasetError, ImageError
from fer_core.images import open_picture, read_image

IMAGE_SIZE = 48  # pixels; the side of FER2013's pictures
TABLE_NAME = "index.parquet"
IMAGES_NAME = "images.npy"
# FER2013 divides its test pictures; together they are what is called the test split.
TEST_PARTS = ("public_test", "private_test")
_BATCH = 512

OnProgress = Callable[[int, int], None]


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


def build_index(
    pictures: pd.DataFrame, files_folder: Path, index_folder: Path, *, on_progress: OnProgress | None = None
) -> DatasetIndex:
    """Decode every picture once and write the index.

    Args:
        pictures: path (relative to `files_folder`), split, label.
        files_folder: Where the pictures are; only read.
        index_folder: Existing folder to write into.
        on_progress: Called with (pictures done, pictures in all).

    Raises:
        DatasetError: If fewer than two classes have a readable picture.
    """
    partial = index_folder / f".{IMAGES_NAME}"
    shape = (len(pictures), IMAGE_SIZE, IMAGE_SIZE, 1)
    images = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
    facts: list[dict[str, Any]] = []
    paths = [files_folder / path for path in pictures["path"]]
    for number, (fact, pixels) in enumerate(_read_all(paths)):
        facts.append(fact)
        images[number] = pixels
        if on_progress and ((number + 1) % 64 == 0 or number + 1 == len(paths)):
            on_progress(number + 1, len(paths))
    images.flush()
    del images
    table = _table(pictures, facts, files_folder.name)
    if table.loc[table["readable"], "label"].nunique() < 2:
        partial.unlink()
        raise DatasetError(
            f"Of {len(table):,} pictures only {int(table['readable'].sum()):,} can be read, in fewer than two classes. "
            "Check that the files are complete pictures."
        )
    table.to_parquet(index_folder / f".{TABLE_NAME}", index=False)
    os.replace(partial, index_folder / IMAGES_NAME)
    os.replace(index_folder / f".{TABLE_NAME}", index_folder / TABLE_NAME)
    return open_index(index_folder)


def _read_all(paths: list[Path]) -> Iterator[tuple[dict[str, Any], npt.NDArray[np.uint8]]]:
    """Decode in threads (Pillow releases the interpreter lock), a bounded batch at a time, in order."""
    with ThreadPoolExecutor(thread_name_prefix="index") as pool:
        for start in range(0, len(paths), _BATCH):
            yield from pool.map(_read_one, paths[start : start + _BATCH])


def _read_one(path: Path) -> tuple[dict[str, Any], npt.NDArray[np.uint8]]:
    try:
        picture = open_picture(path)
        grey = np.asarray(picture) if picture.mode == "L" else cv2.cvtColor(read_image(picture), cv2.COLOR_RGB2GRAY)
    except ImageError:
        empty = np.zeros((IMAGE_SIZE, IMAGE_SIZE, 1), np.uint8)
        return {"readable": False, "width": 0, "height": 0, "mode": "", "digest": ""}, empty
    height, width = grey.shape
    digest = hashlib.blake2b(f"{width}x{height}:".encode() + grey.tobytes(), digest_size=16).hexdigest()
    fact = {"readable": True, "width": width, "height": height, "mode": picture.mode, "digest": digest}
    return fact, _resized(grey)[..., None]


def _resized(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if grey.shape == (IMAGE_SIZE, IMAGE_SIZE):
        return grey
    shrinks = min(grey.shape) >= IMAGE_SIZE
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (IMAGE_SIZE, IMAGE_SIZE), interpolation=method), dtype=np.uint8)


def _table(pictures: pd.DataFrame, facts: list[dict[str, Any]], source: str) -> pd.DataFrame:
    table = pictures.reset_index(drop=True).assign(source=source)
    table.insert(0, "image_id", range(len(table)))
    return pd.concat([table, pd.DataFrame(facts)], axis=1)


def open_index(index_folder: Path) -> DatasetIndex:
    """Open an index that `build_index` wrote; the pixels stay on disk until they are used.

    Raises:
        DatasetError: If the folder holds no complete index.
    """
    try:
        table = pd.read_parquet(index_folder / TABLE_NAME)
        images = np.load(index_folder / IMAGES_NAME, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"The index in '{index_folder.name}' is damaged: {error}. Remove the dataset and add it again."
        ) from error
    if len(table) != len(images):
        raise DatasetError(
            f"The index in '{index_folder.name}' has {len(table):,} rows for {len(images):,} images. "
            "Remove the dataset and add it again."
        )
    return DatasetIndex(table=table, images=images)
