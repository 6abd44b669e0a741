"""What is here: the datasets, runs and models below FER_HOME, and which files are theirs.

A kind and a name come in, the files that make the thing up go out. Three small files say where things are on this
computer, or what to start; they travel in a form that is the same everywhere and that can do no harm elsewhere.
"""

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from fer_core.dataset import open_dataset
from fer_core.dataset.new_dataset import FILES, RECORD
from fer_core.errors import StorageError
from fer_core.jobs.folder import CANCEL_FILE, JOB_FILE, PROCESS_FILE
from fer_core.models import read_package
from fer_core.settings import load_settings
from fer_core.storage.manifest import KINDS, check_path, is_thing_name
from fer_core.training import open_run
from fer_core.training.runs.run import LOG_NAME
from fer_core.training.runs.starts import TARGET

# A file by whose presence a thing is one; it is the last to arrive.
MARKS = {"datasets": RECORD, "runs": JOB_FILE, "models": "model.json"}
_STAYS = (CANCEL_FILE, PROCESS_FILE)


@dataclass(frozen=True)
class LocalFile:
    """One file of a thing that is here.

    Args:
        path: Relative to the thing, with `/`.
        size: In bytes.
        modified_ns: When it was changed.
        source: Where it is.
        content: What counts instead of what is written in `source`; None where that counts.
    """

    path: str
    size: int
    modified_ns: int
    source: Path
    content: bytes | None = None

    def open(self) -> io.BufferedIOBase:
        """Open it for reading."""
        return self.source.open("rb") if self.content is None else io.BytesIO(self.content)

    def has_changed(self) -> bool:
        """Tell whether it has another size or time by now, or is gone."""
        try:
            now = self.source.stat()
        except OSError:
            return True
        return now.st_mtime_ns != self.modified_ns or (self.content is None and now.st_size != self.size)


@dataclass(frozen=True)
class Thing:
    """A dataset, run or model that is here.

    Args:
        kind: One of `KINDS`.
        name: Its name.
        folder: Its folder.
        files: Its files by path.
        facts: What a list says about it.
        pictures: The folder of its pictures where a dataset uses one in place, which is never written to.
    """

    kind: str
    name: str
    folder: Path
    files: dict[str, LocalFile]
    facts: dict[str, Any] = field(default_factory=dict)
    pictures: Path | None = None


def folder_of(kind: str, name: str) -> Path:
    """Return the folder that a thing has or would have here.

    Raises:
        StorageError: If the kind or the name cannot be one.
    """
    if kind not in KINDS or not is_thing_name(name):
        raise StorageError(f"{kind}/{name} cannot be the name of a dataset, run or model.")
    return load_settings().home / kind / name


def names_here(kind: str) -> list[str]:
    """Return the names of the things of one kind that are here, sorted."""
    marks = (load_settings().home / kind).glob(f"[!.]*/{MARKS[kind]}")
    return sorted(mark.parent.name for mark in marks if is_thing_name(mark.parent.name))


def read_thing(kind: str, name: str) -> Thing:
    """Look at a thing: names, sizes and times, no contents.

    Raises:
        StorageError: If it is at work, or has a file that cannot be pushed.
        FerError: If there is no such thing, or it is damaged.
    """
    folder = folder_of(kind, name)
    reader = {"datasets": _read_dataset, "runs": _read_run, "models": _read_model}[kind]
    try:
        thing = reader(name, folder)
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{kind}/{name} is damaged ({error}). Remove it, or pull it with --delete.") from error
    for path in thing.files:
        check_path(path, f"{kind}/{name}")
    return thing


def travelling(kind: str, path: str, content: bytes) -> bytes:
    """Return a file's content as it travels: without what holds on this computer only, and nothing to start but ours.

    Raises:
        StorageError: If it cannot be read.
    """
    change = {("datasets", RECORD): _travelling_record, ("runs", JOB_FILE): _travelling_job}.get((kind, path))
    if change is None:
        return content
    try:
        record = json.loads(content)
        return json.dumps(change(record), indent=2).encode()
    except (ValueError, TypeError, AttributeError) as error:
        raise StorageError(f"{path!r} is damaged ({error}). Remove what it belongs to and get it again.") from error


def _read_dataset(name: str, folder: Path) -> Thing:
    dataset = open_dataset(name)
    index = dataset.index
    files = {file.path: file for file in _files_below(folder, "datasets")}
    pictures = None if dataset.files_folder == folder / FILES else dataset.files_folder
    if pictures is not None:
        found = (_local(pictures / path, f"{FILES}/{path}") for path in index.table["path"].astype(str))
        files |= {file.path: file for file in found if file is not None}
    facts = {"images": len(index.table), "fingerprint": index.fingerprint}
    return Thing("datasets", name, folder, files, facts, pictures)


def _read_run(name: str, folder: Path) -> Thing:
    run = open_run(name)
    status = run.status()
    if status.is_live:
        raise StorageError(
            f"The run {name!r} is under way ({status.state}). Stop it first, or wait: it can go on elsewhere later."
        )
    record = run.record() or {}
    facts = {"state": status.state, "epochs": len(run.history()), "dataset": run.config.dataset}
    facts |= {"fingerprint": str((record.get("dataset") or {}).get("fingerprint", ""))}
    return Thing("runs", name, folder, {file.path: file for file in _files_below(folder, "runs")}, facts)


def _read_model(name: str, folder: Path) -> Thing:
    package = read_package(folder)
    files = {file.path: file for file in _files_below(folder, "models")}
    return Thing("models", name, folder, files, {"weights": package.info.num_parameters})


def _files_below(folder: Path, kind: str) -> Iterator[LocalFile]:
    """Every file that is neither hidden nor a link nor in the making."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is_link(parent, name))
        for name in sorted(names):
            path = Path(parent) / name
            relative = path.relative_to(folder).as_posix()
            if name.startswith(".") or _is_link(parent, name) or (kind == "runs" and relative in _STAYS):
                continue
            file = _local(path, relative, kind)
            if file is not None:
                yield file


def _local(source: Path, path: str, kind: str = "") -> LocalFile | None:
    """A file as it is now, None where it is gone."""
    try:
        facts = source.stat()
        if (kind, path) not in (("datasets", RECORD), ("runs", JOB_FILE)):
            return LocalFile(path, facts.st_size, facts.st_mtime_ns, source)
        content = travelling(kind, path, source.read_bytes())
    except OSError:
        return None
    return LocalFile(path, len(content), facts.st_mtime_ns, source, content)


def _is_link(parent: str, name: str) -> bool:
    return os.path.islink(os.path.join(parent, name))


def _travelling_record(record: dict[str, Any]) -> dict[str, Any]:
    """A dataset's pictures lie in its folder wherever it arrives; an address that it came from loses its password."""
    source = str(record["source"])
    parts = urlsplit(source)
    if "@" in parts.netloc:
        source = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    kind = "pulled" if record["kind"] == "folder" else record["kind"]
    return record | {"kind": kind, "source": source, "files_folder": None}


def _travelling_job(job: dict[str, Any]) -> dict[str, Any]:
    """A run's job can start a training and nothing else, whatever came from outside."""
    title = str(job["title"])[:200]
    return {"title": title, "target": TARGET, "arguments": {}, "log_name": LOG_NAME, "ticket": None}
