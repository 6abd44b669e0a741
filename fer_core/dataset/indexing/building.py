"""Builds the index of a dataset in one pass over its files.

A table of paths with split and label comes in; `index.parquet`, `images.npy` and `index.json` go out. Each file is
read once, in as many threads as there are processors; pixels are written in order as they come, so that no more
than a few batches are ever in memory.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import psutil

from fer_core.dataset.index import IMAGES_NAME, TABLE_NAME, DatasetIndex, IndexSettings, open_index, put_in_place
from fer_core.dataset.indexing.measures import MEASURES, grey_pictures, measure, perceptual_hash
from fer_core.dataset.indexing.picture_reading import ReadPicture, fit, read_picture
from fer_core.errors import Cancelled, DatasetError
from fer_core.processors import num_processors, one_processor_a_thread

OnProgress = Callable[[int, int], None]

_BATCH = 64  # pictures
_BATCH_BYTES = 4 * 2**20  # of pixels at index size; large pictures come in smaller batches
_FACTS = ("readable", "width", "height", "mode", "format", "file_size", "modified_ns", "digest")
_MEASURED = (*_FACTS, "perceptual_hash", *MEASURES)
_TAKEN = {"image_id", "excluded", "indexed_label", *_MEASURED}


class _Batch(NamedTuple):
    """Consecutive rows of the index: (m, size, size, channels) uint8 and one array or list of m a column."""

    images: npt.NDArray[np.uint8]
    columns: dict[str, Any]


def build_index(
    pictures: pd.DataFrame,
    files_folder: Path,
    index_folder: Path,
    *,
    settings: IndexSettings | None = None,
    on_progress: OnProgress | None = None,
) -> DatasetIndex:
    """Decode every picture once and write the index.

    Args:
        pictures: path (relative to `files_folder`), split, label; a column `source` and group columns if there
            are any.
        files_folder: Where the pictures are; only read.
        index_folder: Existing folder to write into; an index in it is replaced once the new one is whole.
        settings: Size and channels; 48 pixels and grey by default.
        on_progress: Called with (pictures done, pictures in all).

    Raises:
        DatasetError: If fewer than two classes have a readable picture, or the index cannot be written.
    """
    settings = settings or IndexSettings()
    _check_pictures(pictures, files_folder)
    num_bytes = len(pictures) * settings.image_size**2 * settings.channels
    with _drafts(index_folder, num_bytes) as (images_draft, table_draft):
        columns = _write_images(images_draft, pictures, files_folder, settings, on_progress)
        table = _table(pictures, columns, files_folder.name)
        _check_classes(table)
        table.to_parquet(table_draft, index=False)
        put_in_place(images_draft, table_draft, index_folder, settings)
    return open_index(index_folder)


@contextmanager
def _drafts(index_folder: Path, num_bytes: int) -> Iterator[tuple[Path, Path]]:
    """Names for the files while they grow; whatever goes wrong, nothing half-made stays."""
    _remove_leftovers(index_folder)
    drafts = index_folder / f".{os.getpid()}.{IMAGES_NAME}", index_folder / f".{os.getpid()}.{TABLE_NAME}"
    try:
        yield drafts
    except OSError as error:
        raise DatasetError(
            f"The index cannot be written: {error}. It needs {num_bytes / 1e6:,.0f} MB and a little more for its "
            "table. Free some space on the disk and try again."
        ) from error
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def _remove_leftovers(index_folder: Path) -> None:
    """Delete the drafts of a process that was killed while it indexed a dataset again."""
    for name in (IMAGES_NAME, TABLE_NAME):
        for draft in index_folder.glob(f".*.{name}"):
            if not psutil.pid_exists(int(draft.name.split(".")[1])):
                draft.unlink(missing_ok=True)


def _write_images(
    path: Path, pictures: pd.DataFrame, files_folder: Path, settings: IndexSettings, on_progress: OnProgress | None
) -> dict[str, Any]:
    """Write the pixel file and return the columns. Ordinary writes: a full disk under a mapped file is a crash."""
    paths = [os.path.join(files_folder, name) for name in pictures["path"]]
    shape = (len(paths), settings.image_size, settings.image_size, settings.channels)
    parts: list[dict[str, Any]] = []
    done = 0
    with path.open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for batch in _read_all(paths, settings):
            file.write(np.ascontiguousarray(batch.images).data)
            parts.append(batch.columns)
            done += len(batch.images)
            if on_progress:
                on_progress(done, len(paths))
    return {name: _joined([part[name] for part in parts]) for name in _MEASURED}


def _joined(values: list[Any]) -> Any:
    return np.concatenate(values) if isinstance(values[0], np.ndarray) else list(chain.from_iterable(values))


def _read_all(paths: list[str], settings: IndexSettings) -> Iterator[_Batch]:
    """Read in threads, a bounded number of batches ahead, and give the batches in order."""
    size = max(1, min(_BATCH, _BATCH_BYTES // (settings.image_size**2 * settings.channels)))
    stopped = threading.Event()
    workers = num_processors()
    waiting: deque[Future[_Batch]] = deque()
    with one_processor_a_thread(), ThreadPoolExecutor(workers, thread_name_prefix="index") as pool:
        try:
            for start in range(0, len(paths), size):
                waiting.append(pool.submit(_read_batch, paths[start : start + size], settings, stopped))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def _read_batch(paths: list[str], settings: IndexSettings, stopped: threading.Event) -> _Batch:
    images = np.zeros((len(paths), settings.image_size, settings.image_size, settings.channels), np.uint8)
    facts = []
    for number, path in enumerate(paths):
        if stopped.is_set():
            raise Cancelled("Stopped on request.")
        picture = read_picture(path, channels=settings.channels)
        if picture.pixels is not None:
            images[number] = fit(picture.pixels, settings.image_size).reshape(images.shape[1:])
        facts.append(_facts(picture))
    grey = grey_pictures(images)
    columns = dict(zip(_FACTS, map(list, zip(*facts, strict=True)), strict=True))
    return _Batch(images, {**columns, "perceptual_hash": perceptual_hash(grey), **measure(grey)})


def _facts(picture: ReadPicture) -> tuple[Any, ...]:
    """Values of `_FACTS`."""
    is_readable = picture.pixels is not None
    height, width = picture.pixels.shape[:2] if picture.pixels is not None else (0, 0)
    _, mode, name, digest, file_size, modified_ns = picture
    return is_readable, width, height, mode, name, file_size, modified_ns, digest


def _table(pictures: pd.DataFrame, columns: dict[str, Any], source: str) -> pd.DataFrame:
    """Put the columns in their order: who, where, groups, what."""
    given = pictures.reset_index(drop=True)
    if "source" not in given:
        given.insert(list(given.columns).index("label") + 1, "source", source)
    given.insert(0, "image_id", range(len(given)))
    return pd.concat([given, pd.DataFrame(columns)], axis=1)


def _check_pictures(pictures: pd.DataFrame, files_folder: Path) -> None:
    if pictures.empty:
        raise DatasetError(f"'{files_folder.name}' contains no pictures. Add some.")
    clashes = sorted(_TAKEN & set(pictures.columns))
    if clashes:
        raise DatasetError(f"The name {clashes[0]!r} of a column is taken by the index. Rename it in the metadata.")


def _check_classes(table: pd.DataFrame) -> None:
    readable = table[table["readable"]]
    if readable["label"].nunique() < 2:
        raise DatasetError(
            f"Of {len(table):,} pictures only {len(readable):,} can be read, in fewer than two classes. "
            "Check that the files are complete pictures."
        )
