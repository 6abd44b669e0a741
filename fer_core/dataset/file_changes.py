"""Which files of a dataset changed since it was indexed, and indexing it again.

A dataset comes in; a table of missing, changed and new files goes out, from sizes and times alone: no file is opened.
Indexing again keeps corrections and groups, because both belong to paths.
"""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from fer_core.dataset.catalog import Dataset, open_dataset
from fer_core.dataset.index import RECORD_NAME, TABLE_NAME, IndexSettings
from fer_core.dataset.indexing.building import build_index
from fer_core.dataset.new_dataset import RECORD
from fer_core.dataset.sources.folders import pictures_below, read_class_folders
from fer_core.dataset.sources.label_mapping import map_labels, require_two_classes
from fer_core.dataset.sources.metadata import PATH, RESERVED
from fer_core.errors import DatasetError
from fer_core.jobs.folder import read_json

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

logger = logging.getLogger(__name__)

OnProgress = Callable[[int, int], None]

# Nanoseconds between two times of a file that a system can tell apart: NTFS, mounted drives, most archives, FAT.
_GRAINS = (100, 1_000, 1_000_000, 1_000_000_000, 2_000_000_000)


def changed_files(dataset: Dataset) -> pd.DataFrame:
    """Compare the files with what the index says about them.

    Returns:
        One row a file that differs, sorted by path: path, change (`missing`, `changed`: another size or time, or
        `new`: a picture in a class folder that the index does not know).

    Raises:
        DatasetError: If the folder with the files is gone.
    """
    _check_folder(dataset)
    found = _sizes_and_times(dataset.files_folder)
    table = dataset.index.table
    known = dict(zip(table[PATH], zip(table["file_size"], table["modified_ns"], strict=True), strict=True))
    changes = {
        path: "changed" if path in found else "missing"
        for path in known
        if path not in found or not _is_same(found[path], known[path])
    }
    new = found.keys() - known.keys()
    if new:
        changes |= dict.fromkeys(new & _listed_paths(dataset, otherwise=new), "new")
    return pd.DataFrame(sorted(changes.items()), columns=[PATH, "change"])


def reindex_dataset(
    name: str, *, settings: IndexSettings | None = None, on_progress: OnProgress | None = None
) -> Dataset:
    """Index a dataset again where it is; until that is done, the earlier index stays.

    Corrections and groups are kept by path. What the checks found is removed, since it speaks of the earlier pictures.

    Args:
        name: The dataset.
        settings: Size and channels; those it has by default.
        on_progress: Called with (pictures done, pictures in all).

    Raises:
        DatasetError: If there is no such dataset, its files are gone or have no usable structure any more.
    """
    dataset = open_dataset(name)
    _check_folder(dataset)
    settings = settings or _settings(dataset)
    build_index(_pictures(dataset), dataset.files_folder, dataset.folder, settings=settings, on_progress=on_progress)
    shutil.rmtree(dataset.folder / "audit", ignore_errors=True)
    return open_dataset(name)


def reindex_job(*, reporter: "JobReporter", dataset: str) -> dict[str, Any]:
    """Job: index a dataset again; returns its name and how many pictures it has now."""
    reindexed = reindex_dataset(dataset, on_progress=reporter.progress)
    return {"name": reindexed.name, "num_images": len(reindexed.index.table)}


def _sizes_and_times(folder: Path) -> dict[str, tuple[int, int]]:
    """Size in bytes and time in nanoseconds of every picture below a folder, by relative path."""
    found = {}
    for parts, names in pictures_below(folder).items():
        for name in names:
            path = "/".join((*parts, name))
            try:
                facts = os.stat(os.path.join(folder, path))
            except OSError:  # it went away meanwhile, or is a link to nowhere
                continue
            found[path] = facts.st_size, facts.st_mtime_ns
    return found


def _is_same(found: tuple[int, int], known: tuple[int, int]) -> bool:
    """Whether size and time are those of the index; a file that was copied to another place may have a coarser time."""
    size, modified_ns = found
    coarser = (known[1] - known[1] % grain for grain in _GRAINS if modified_ns % grain == 0)
    return size == known[0] and (modified_ns == known[1] or modified_ns in coarser)


def _listed_paths(dataset: Dataset, *, otherwise: set[str]) -> set[str]:
    """The pictures that adding the dataset again would find; all of them where it would be refused."""
    try:
        return set(_pictures(dataset)[PATH])
    except DatasetError:
        return otherwise


def _pictures(dataset: Dataset) -> pd.DataFrame:
    """What to index: path, split, label, source and groups, of files that are there."""
    try:
        table = pd.read_parquet(dataset.folder / TABLE_NAME)
    except (OSError, ValueError):
        table = None
    if table is not None and dataset.kind == "merged":  # its folders do not say labels
        known = table[[PATH, "split", "label", "source", *_groups(table)]]
        return known[[(dataset.files_folder / path).is_file() for path in known[PATH]]]
    found = read_class_folders(dataset.files_folder, title=Path(dataset.source).name, on_note=logger.info)
    label_map = (read_json(dataset.folder / RECORD) or {}).get("label_map") or {}
    occurring = {old: new for old, new in label_map.items() if old in set(found["label"])}
    pictures = require_two_classes(map_labels(found, occurring)).assign(source=dataset.name)
    if table is None:
        return pictures
    return pictures.merge(table[[PATH, *_groups(table)]], how="left", on=PATH).fillna("")


def _groups(table: pd.DataFrame) -> list[str]:
    return [column for column in table.columns if column not in RESERVED and column != PATH]


def _settings(dataset: Dataset) -> IndexSettings:
    record = read_json(dataset.folder / RECORD_NAME) or {}
    default = IndexSettings()
    return IndexSettings(
        image_size=record.get("image_size", default.image_size), channels=record.get("channels", default.channels)
    )


def _check_folder(dataset: Dataset) -> None:
    if not dataset.files_folder.is_dir():
        raise DatasetError(
            f"The folder '{dataset.files_folder}' of {dataset.name!r} is gone. Connect its disk or put it back."
        )
