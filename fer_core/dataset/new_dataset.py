"""A dataset in the making: its name, the hidden folder it grows in, and the one move that makes it appear whole.

A name comes in, a folder to fill goes out; the folder becomes the dataset at the end, or vanishes. What a process that
was killed left behind is swept up by the next one.
"""

import errno
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil

from fer_core.dataset.sources.partial_download import without_password
from fer_core.errors import DatasetError
from fer_core.settings import load_settings

RECORD = "dataset.json"
FILES = "files"
NAME = re.compile(r"\w[\w.-]{0,63}")


def free_name(name: str | None, stem: str) -> str:
    """Return the name for a new dataset: the given one if it is free, or one made from the stem.

    Raises:
        DatasetError: If the given name is taken or cannot be a folder's name.
    """
    taken = {record.parent.name.casefold() for record in load_settings().datasets_folder.glob(f"*/{RECORD}")}
    if name is None:
        stem = re.sub(r"[^\w.-]+", "-", stem).strip("-._")[:60] or "dataset"
        names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 1000))
        return next(candidate for candidate in names if candidate.casefold() not in taken)
    if not NAME.fullmatch(name):
        raise DatasetError(f"{name!r} cannot be a name. Use up to 64 letters, digits, points, hyphens, underscores.")
    if name.casefold() in taken:
        raise DatasetError(f"There is a dataset {name!r} already. Choose another name or remove it first.")
    return name


@contextmanager
def dataset_in_the_making(name: str) -> Iterator[Path]:
    """Give a folder to fill, beside the datasets; it becomes the dataset at the end, or vanishes with an error.

    Raises:
        DatasetError: If somebody else took the name meanwhile, or the disk is full.
    """
    datasets = load_settings().datasets_folder
    partial = hidden_folder(datasets, name)
    try:
        partial.mkdir(parents=True)
        _remove_leftovers(datasets)
        yield partial
        _move_into_place(partial, datasets / name)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DatasetError(
            f"The disk is full ({error.strerror}): {name!r} was not added and nothing of it was kept. Free some space "
            "and add it again."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def hidden_folder(datasets: Path, name: str) -> Path:
    """Return a path for a folder that belongs to this process and that no list of datasets shows."""
    return datasets / f".{name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.partial"


def write_record(
    partial: Path,
    *,
    kind: str,
    source: str,
    files_folder: Path | None,
    notes: Sequence[str] = (),
    label_map: Mapping[str, str] | None = None,
) -> None:
    """Write what is known about a dataset beside its index.

    Args:
        partial: The dataset's folder.
        kind: See `Dataset`.
        source: What the person gave; of an address, user and password are left out.
        files_folder: Where the pictures are; None if they lie below the dataset.
        notes: Sentences about what was left out.
        label_map: What the person said about labels, which indexing the dataset again needs.
    """
    record = {
        "kind": kind,
        "source": without_password(source) if "://" in source else source,
        "files_folder": str(files_folder) if files_folder else None,
        "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "notes": list(notes),
        "label_map": dict(label_map or {}),
    }
    (partial / RECORD).write_text(json.dumps(record, indent=2), encoding="utf-8")


def _move_into_place(partial: Path, folder: Path) -> None:
    try:
        partial.rename(folder)
    except OSError as error:
        raise DatasetError(f"{folder.name!r} was added by somebody else meanwhile. Choose another name.") from error


def _remove_leftovers(datasets: Path) -> None:
    """Delete what a process that was killed left behind."""
    for leftover in datasets.glob(".*.partial"):
        pid = leftover.name.split(".")[-3]
        if not (pid.isascii() and pid.isdigit() and _is_at_work(int(pid), leftover)):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_at_work(pid: int, folder: Path) -> bool:
    """Whether the process that made a folder lives; one that began after the folder's last change is another one."""
    try:
        return psutil.Process(pid).create_time() <= folder.stat().st_mtime + 1
    except (psutil.Error, OSError):
        return False
