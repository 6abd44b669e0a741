"""The named datasets: add one from a source, open, list and remove them.

A zip, a folder or the word `drawn` comes in; a folder below FER_HOME/datasets with `dataset.json`, the index and,
unless the source is a folder used in place, the unpacked files goes out. A dataset appears whole or not at all.
"""

import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from fer_core.dataset.archive import unpack_archive
from fer_core.dataset.corrections import apply_corrections, read_corrections
from fer_core.dataset.drawn import write_drawn_faces
from fer_core.dataset.folders import read_class_folders
from fer_core.dataset.index import DatasetIndex, open_index
from fer_core.dataset.index_building import build_index
from fer_core.errors import DatasetError
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

OnProgress = Callable[[int, int], None]

DRAWN = "drawn"
_RECORD = "dataset.json"
_FILES = "files"
_NAME = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True)
class Dataset:
    """A dataset that was added.

    Args:
        name: Its name, unique below FER_HOME.
        folder: Where its record and index are.
        kind: `zip`, `folder` (used in place) or `drawn`.
        source: Where it came from, as given.
        files_folder: Where its pictures are; index paths are relative to it.
        added_at: Time of adding, ISO 8601 in UTC.
    """

    name: str
    folder: Path
    kind: str
    source: str
    files_folder: Path
    added_at: str

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
        """
        return apply_corrections(self.index, read_corrections(self))


def add_dataset(
    source: str | Path,
    *,
    name: str | None = None,
    label_map: Mapping[str, str] | None = None,
    metadata: Path | None = None,
    sha256: str | None = None,
    on_progress: OnProgress | None = None,
) -> Dataset:
    """Add a dataset and index it.

    Args:
        source: Path of a zip or of a folder with class folders, or `drawn` for the generated faces.
        name: Name to give it; by default made from the source.
        label_map: Label in the source -> label to give it, for labels that are no known expression.
        metadata: A CSV with a column `path` and columns of groups, such as subject.
        sha256: What a downloaded file has to be, in hexadecimal digits.
        on_progress: Called with (steps done, steps in all); unpacking and indexing one picture are a step each.

    Raises:
        DatasetError: If the source has no usable structure or the name is taken.
    """
    kind, path = _kind_of(source)
    name = _free_name(name, path)
    datasets = load_settings().datasets_folder
    datasets.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(datasets)
    partial = datasets / f".{name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.partial"
    partial.mkdir()
    try:
        _fill(partial, kind, path, on_progress)
        _write_record(partial, kind, str(source), path)
        _move_into_place(partial, datasets / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return open_dataset(name)


def add_dataset_job(
    *, reporter: "JobReporter", source: str, name: str | None = None, delete_source: bool = False
) -> dict[str, str]:
    """Job: add a dataset; `delete_source` removes an uploaded file afterwards, whatever came of it."""
    try:
        return {"name": add_dataset(source, name=name, on_progress=reporter.progress).name}
    finally:
        if delete_source:
            Path(source).unlink(missing_ok=True)


def open_dataset(name: str) -> Dataset:
    """Open a dataset by its name.

    Raises:
        DatasetError: If there is none of this name.
    """
    folder = load_settings().datasets_folder / name
    if not _NAME.fullmatch(name) or not (folder / _RECORD).is_file():
        known = ", ".join(dataset.name for dataset in list_datasets()) or "none yet"
        raise DatasetError(f"There is no dataset {name!r}. Known: {known}. Add it first.")
    record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    files_folder = Path(record["files_folder"]) if record["files_folder"] else folder / _FILES
    return Dataset(name, folder, record["kind"], record["source"], files_folder, record["added_at"])


def list_datasets() -> list[Dataset]:
    """Return all datasets in alphabetical order."""
    datasets = load_settings().datasets_folder
    names = sorted(record.parent.name for record in datasets.glob(f"*/{_RECORD}"))
    return [open_dataset(name) for name in names if _NAME.fullmatch(name)]


def remove_dataset(name: str) -> None:
    """Remove a dataset's index and what was unpacked for it; never a folder that is used in place.

    Raises:
        DatasetError: If there is none of this name.
    """
    folder = open_dataset(name).folder
    doomed = folder.with_name(f".{name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.partial")
    os.replace(folder, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _kind_of(source: str | Path) -> tuple[str, Path]:
    path = Path(source).expanduser()
    if str(source) == DRAWN:
        return DRAWN, path
    if path.is_dir():
        return "folder", path.absolute()
    if path.is_file():
        return "zip", path.absolute()
    raise DatasetError(f"There is no file or folder '{source}'. Give a zip, a folder, or the word {DRAWN}.")


def _free_name(name: str | None, path: Path) -> str:
    taken = {dataset.name.casefold() for dataset in list_datasets()}
    if name is not None:
        if not _NAME.fullmatch(name):
            raise DatasetError(
                f"{name!r} cannot be a name. Use up to 64 letters, digits, points, hyphens, underscores."
            )
        if name.casefold() in taken:
            raise DatasetError(f"There is a dataset {name!r} already. Choose another name or remove it first.")
        return name
    stem = re.sub(r"[^\w.-]+", "-", path.stem).strip("-._")[:60] or "dataset"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 1000))]
    return next(candidate for candidate in names if candidate.casefold() not in taken)


def _fill(partial: Path, kind: str, path: Path, on_progress: OnProgress | None) -> None:
    files = path if kind == "folder" else partial / _FILES
    stages = 1 if kind == "folder" else 2
    if kind != "folder":
        files.mkdir()
    if kind == "zip":
        unpack_archive(path, files, on_progress=_stage(on_progress, 0, stages))
    elif kind == DRAWN:
        write_drawn_faces(files, on_progress=_stage(on_progress, 0, stages))
    try:
        pictures = read_class_folders(files)
    except DatasetError as error:
        raise DatasetError(str(error).replace(f"'{_FILES}'", f"'{path.name}'")) from error
    build_index(pictures, files, partial, on_progress=_stage(on_progress, stages - 1, stages))


def _stage(on_progress: OnProgress | None, number: int, stages: int) -> OnProgress | None:
    """Place one stage's progress within the whole; every stage handles the same pictures."""
    if on_progress is None:
        return None
    return lambda done, total: on_progress(number * total + done, stages * total)


def _write_record(partial: Path, kind: str, source: str, path: Path) -> None:
    record = {
        "kind": kind,
        "source": source,
        "files_folder": str(path) if kind == "folder" else None,
        "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (partial / _RECORD).write_text(json.dumps(record, indent=2), encoding="utf-8")


def _move_into_place(partial: Path, folder: Path) -> None:
    try:
        partial.rename(folder)
    except OSError as error:
        raise DatasetError(f"{folder.name!r} was added by somebody else meanwhile. Choose another name.") from error


def _remove_leftovers(datasets: Path) -> None:
    """Delete what a process that was killed left behind."""
    for leftover in datasets.glob(".*.partial"):
        pid = leftover.name.split(".")[-3]
        if not (pid.isdigit() and psutil.pid_exists(int(pid))):
            shutil.rmtree(leftover, ignore_errors=True)
