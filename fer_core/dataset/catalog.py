"""The named datasets: add one from a source, open, list and remove them.

A source comes in (see `sources`); a folder below FER_HOME/datasets with `dataset.json`, the index and, unless the
source is a folder used in place, the unpacked files goes out. A dataset appears whole or not at all.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from fer_core.dataset.corrections.edits import apply_corrections, read_corrections
from fer_core.dataset.duplicates.pairs import leaked_ids, load_duplicates
from fer_core.dataset.index import IMAGE_SIZE, DatasetIndex, IndexSettings, open_index
from fer_core.dataset.indexing.building import build_index
from fer_core.dataset.new_dataset import (
    FILES,
    NAME,
    RECORD,
    dataset_in_the_making,
    free_name,
    hidden_folder,
    write_record,
)
from fer_core.dataset.sources.folders import read_class_folders
from fer_core.dataset.sources.label_mapping import map_labels, require_two_classes
from fer_core.dataset.sources.metadata import join_metadata, read_metadata
from fer_core.dataset.sources.source import (
    OnStageProgress,
    Source,
    fetch_source,
    find_source,
    forget_download,
    stage,
    unpack_source,
)
from fer_core.errors import ArchiveError, DatasetError, UnknownLabelsError
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dataset:
    """A dataset that was added.

    Args:
        name: Its name, unique below FER_HOME.
        folder: Where its record and index are.
        kind: `zip`, `tar`, `csv`, `url`, `kaggle`, `folder` (used in place), `merged`, `drawn`, or `pulled` (used in
            place on another computer).
        source: Where it came from, as given.
        files_folder: Where its pictures are; index paths are relative to it.
        added_at: Time of adding, ISO 8601 in UTC.
        notes: Sentences about what was left out or did not fit when it was added.
    """

    name: str
    folder: Path
    kind: str
    source: str
    files_folder: Path
    added_at: str
    notes: tuple[str, ...] = ()

    @cached_property
    def index(self) -> DatasetIndex:
        """The dataset as it was indexed, without corrections; opened on first use."""
        return open_index(self.folder)

    @property
    def audit_folder(self) -> Path:
        """Where the checks keep what they found; made on demand."""
        folder = self.folder / "audit"
        folder.mkdir(exist_ok=True)
        return folder

    def file_of(self, image_id: int) -> Path:
        """Return the file of one picture, in full size."""
        return self.files_folder / str(self.index.table["path"].iloc[image_id])

    def view(self, *, without_leaks: bool = False) -> DatasetIndex:
        """Return the dataset as training and evaluation see it: with the corrections applied.

        Args:
            without_leaks: Leave out the pictures of every split that have a twin in another one as well.

        Raises:
            DatasetError: If leaks are to be left out and nobody has looked for duplicates yet.
        """
        view = apply_corrections(self.index, read_corrections(self))
        if not without_leaks or len(view.splits) < 2:
            return view
        pairs = load_duplicates(self)
        if pairs is None:
            raise DatasetError(
                f"Nobody has looked for leaks in {self.name!r} yet. Do so first: on the Dataset page, or with "
                f"`dataset report {self.name}`."
            )
        return view.without(leaked_ids(view, pairs))


def add_dataset(
    source: str | Path,
    *,
    name: str | None = None,
    label_map: Mapping[str, str] | None = None,
    metadata: str | Path | None = None,
    sha256: str | None = None,
    settings: IndexSettings | None = None,
    on_progress: OnStageProgress | None = None,
) -> Dataset:
    """Add a dataset and index it.

    Args:
        source: Path of a zip, a tar, FER2013's CSV or a folder with class folders, an address, `kaggle:owner/name`, or
            `drawn` for the generated faces.
        name: Name to give it; by default made from the source.
        label_map: Label in the source -> label to give it ("" leaves its pictures out); a must for labels that are no
            known expression.
        metadata: A CSV with a column `path` and columns of groups, such as subject.
        sha256: What the file has to be, in hexadecimal digits.
        settings: Size and channels of the index; 48 pixels and grey by default.
        on_progress: Called with (done, total, words) of each stage, in units of its own; a total of 0 is not known.

    Raises:
        UnknownLabelsError: If labels are neither known expressions nor in the map; a download is kept for the second
            try.
        DatasetError: If the source has no usable structure or the name is taken.
    """
    _refuse_early(name, metadata)
    found = fetch_source(find_source(source), sha256=sha256, on_progress=on_progress)
    name = free_name(name, found.stem)
    notes: list[str] = []

    def note(sentence: str) -> None:
        logger.info(sentence)
        notes.append(sentence)

    with dataset_in_the_making(name) as partial:
        files = _unpacked(found, partial / FILES, on_progress)
        pictures = _named_pictures(files, found, label_map, note)
        if metadata is not None:
            pictures = join_metadata(pictures, Path(os.path.expanduser(metadata)), on_note=note)
        indexing = stage(on_progress, "Indexing")
        build_index(pictures.assign(source=name), files, partial, settings=settings, on_progress=indexing)
        in_place = files if found.kind == "folder" else None
        write_record(
            partial, kind=found.kind, source=found.text, files_folder=in_place, notes=notes, label_map=label_map
        )
    forget_download(found)
    return open_dataset(name)


def add_dataset_job(
    *,
    reporter: "JobReporter",
    source: str,
    name: str | None = None,
    label_map: dict[str, str] | None = None,
    metadata: str | None = None,
    sha256: str | None = None,
    image_size: int = IMAGE_SIZE,
    channels: int = 1,
    delete_source: bool = False,
) -> dict[str, str]:
    """Job: add a dataset; `delete_source` removes an uploaded file afterwards.

    Unknown labels stand in the status's details as `unknown_labels` (label -> count) and `suggestions`; the uploaded
    file then stays for the second try.
    """
    try:
        dataset = add_dataset(
            source,
            name=name,
            label_map=label_map,
            metadata=metadata,
            sha256=sha256,
            settings=IndexSettings(image_size, channels),
            on_progress=reporter.progress,
        )
    except UnknownLabelsError as error:
        delete_source = False
        reporter.update(unknown_labels=error.labels, suggestions=error.suggestions)
        raise
    finally:
        if delete_source:
            Path(source).unlink(missing_ok=True)
    return {"name": dataset.name}


def open_dataset(name: str) -> Dataset:
    """Open a dataset by its name.

    Raises:
        DatasetError: If there is none of this name, or its record is damaged.
    """
    folder = _folder_of(name)
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files_folder = Path(record["files_folder"]) if record["files_folder"] else folder / FILES
        notes = tuple(record.get("notes", ()))
        return Dataset(name, folder, record["kind"], record["source"], files_folder, record["added_at"], notes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DatasetError(
            f"The record of the dataset {name!r}, {RECORD}, is damaged ({type(error).__name__}). Remove the dataset "
            f"and add it again: dataset remove {name}"
        ) from error


def list_datasets() -> list[Dataset]:
    """Return all datasets in alphabetical order; one whose record is damaged is left out, and the log says so."""
    datasets = []
    for name in _names():
        try:
            datasets.append(open_dataset(name))
        except DatasetError as error:
            logger.warning("%s", error)
    return datasets


def remove_dataset(name: str) -> None:
    """Remove a dataset's index and what was unpacked for it, damaged or not; never a folder that is used in place.

    Raises:
        DatasetError: If there is none of this name.
    """
    folder = _folder_of(name)
    doomed = hidden_folder(folder.parent, name)
    os.replace(folder, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _names() -> list[str]:
    records = load_settings().datasets_folder.glob(f"*/{RECORD}")
    return sorted(record.parent.name for record in records if NAME.fullmatch(record.parent.name))


def _folder_of(name: str) -> Path:
    folder = load_settings().datasets_folder / name
    if not NAME.fullmatch(name) or not (folder / RECORD).is_file():
        known = ", ".join(_names()) or "none yet"
        raise DatasetError(f"There is no dataset {name!r}. Known: {known}. Add it first.")
    return folder


def _refuse_early(name: str | None, metadata: str | Path | None) -> None:
    """Refuse a name or a table before the long work, not after it."""
    if name is not None:
        free_name(name, stem="")
    if metadata is not None:
        read_metadata(Path(os.path.expanduser(metadata)))


def _unpacked(source: Source, folder: Path, on_progress: OnStageProgress | None) -> Path:
    try:
        return unpack_source(source, folder, on_progress=on_progress)
    except ArchiveError:
        forget_download(source)  # what came is no archive; coming again to it would not help
        raise


def _named_pictures(
    files: Path, source: Source, label_map: Mapping[str, str] | None, note: Callable[[str], None]
) -> pd.DataFrame:
    """The pictures of a source with their split and final label."""
    found = read_class_folders(files, title=source.title, on_note=note)
    pictures = require_two_classes(map_labels(found, label_map))
    if len(pictures) < len(found):
        note(f"{len(found) - len(pictures):,} pictures are left out: the label map gives their labels no name.")
    return pictures
