"""Fetching files: object by object, each checked by its hash before anything of it is used.

Entries of a manifest come in, files in a folder go out. A file that is there already with the right content is kept,
and of a large one the slices that are.
"""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from fer_core.errors import StorageError
from fer_core.storage.attempts import insist
from fer_core.storage.belongings import travelling
from fer_core.storage.failures import disk_error
from fer_core.storage.manifest import Manifest, StoredFile
from fer_core.storage.objects import OBJECT_BYTES, bundle_member, check_object
from fer_core.storage.progress import Meter, OnProgress
from fer_core.storage.store import Store


def fetch_files(
    store: Store, manifest: Manifest, files: Sequence[StoredFile], folder: Path, on_progress: OnProgress | None
) -> int:
    """Fetch files into a folder; returns how many bytes really had to come.

    Raises:
        StorageError: If one cannot be fetched or is not what the manifest says; what arrived before stays.
        OSError: If one cannot be written.
    """
    missing = [file for file in files if not _is_here(folder / file.path, file)]
    bundles: dict[str, list[StoredFile]] = {}
    sliced = []
    for file in missing:
        if file.member:
            bundles.setdefault(file.pieces[0], []).append(file)
        else:
            sliced.append(file)
    names = {*bundles, *(piece for file in sliced for piece in file.pieces)}
    meter = Meter(on_progress, sum(manifest.objects[name] for name in names), f"Pulling {manifest.name}")
    with tempfile.TemporaryDirectory(prefix="fer-pull-") as held:

        def fetch(name: str) -> Path:
            return _fetch_object(store, manifest, name, Path(held) / "object", meter)

        for name, members in bundles.items():
            _take_members(fetch(name), manifest.kind, members, folder)
        for file in sliced:
            _assemble(file, folder / file.path, fetch)
    return meter.done


def _fetch_object(store: Store, manifest: Manifest, name: str, target: Path, meter: Meter) -> Path:
    begun = meter.done
    expected = manifest.objects[name]

    def bounded(num_bytes: int) -> None:
        meter.add(num_bytes)
        if meter.done - begun > expected:
            raise StorageError(f"An object at {store.shown} is larger than its manifest says. Push it again.")

    def fetch() -> None:
        meter.take_back(begun)
        store.fetch(f"{manifest.kind}/{manifest.name}/objects/{name}", target, bounded)
        check_object(target, name, store.shown)

    insist(fetch)
    return target


def _take_members(path: Path, kind: str, files: Sequence[StoredFile], folder: Path) -> None:
    try:
        bundle = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise StorageError("An object is no bundle, though its manifest says so. Push it again.") from error
    with bundle:
        for file in files:
            content = travelling(kind, file.path, bundle_member(bundle, file))
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            _set_time(target, file)


def _assemble(file: StoredFile, target: Path, fetch: Callable[[str], Path]) -> None:
    """Add slice after slice behind those that an earlier try brought."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("r+b" if target.exists() else "w+b") as writing:
        num_here = _num_slices(writing, file)
        writing.seek(num_here * OBJECT_BYTES)
        writing.truncate()
        for piece in file.pieces[num_here:]:
            writing.write(fetch(piece).read_bytes())
    if not _has_content(target, file):
        target.unlink()
        raise StorageError(f"{file.path!r} does not lie where its manifest says. Push it again.")
    _set_time(target, file)


def _num_slices(reading: object, file: StoredFile) -> int:
    """How many of a file's slices are there already."""
    for number, piece in enumerate(file.pieces):
        content = reading.read(OBJECT_BYTES)  # type: ignore[attr-defined]
        if hashlib.sha256(content).hexdigest() != piece.split(".")[0]:
            return number
    return len(file.pieces)


def _is_here(path: Path, file: StoredFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size or not _has_content(path, file):
        return False
    _set_time(path, file)
    return True


def _has_content(path: Path, file: StoredFile) -> bool:
    try:
        with path.open("rb") as reading:
            return hashlib.file_digest(reading, "sha256").hexdigest() == file.sha256
    except OSError as error:
        raise disk_error(path, error) from error


def _set_time(path: Path, file: StoredFile) -> None:
    """Give a file the time that it had; a dataset's index compares by it, and not every place takes it."""
    try:
        os.utime(path, ns=(file.modified_ns, file.modified_ns))
    except (OSError, OverflowError):
        return
