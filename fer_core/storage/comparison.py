"""What differs between a thing that is here and what an address holds of it: read once, before anything is sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from fer_core.storage.belongings import LocalFile, Thing
from fer_core.storage.failures import disk_error
from fer_core.storage.manifest import Manifest
from fer_core.storage.objects import Digest, digest_of
from fer_core.storage.progress import Meter, OnProgress


@dataclass(frozen=True)
class Moved:
    """What a push or pull of one thing did, or would do.

    Args:
        kind: `datasets`, `runs` or `models`.
        name: The thing.
        sent: Files that are new or changed.
        num_bytes: How much of them had to be sent, in bytes; what an earlier try had sent already is not counted.
        removed: Files that are not there any more.
        kept: Files that were left as they are: gone or older on the other side.
        total: Files of the thing in all.
        notes: Sentences for the person.
    """

    kind: str
    name: str
    sent: int
    num_bytes: int
    removed: int
    kept: int
    total: int
    notes: tuple[str, ...] = ()


def digests_of(thing: Thing, on_progress: OnProgress | None) -> dict[str, Digest]:
    """Read every file of a thing and return what it holds, by path.

    Raises:
        StorageError: If one cannot be read.
    """
    total = sum(file.size for file in thing.files.values())
    meter = Meter(on_progress, total, f"Comparing {thing.name}")
    return {path: _digest(file, meter) for path, file in thing.files.items()}


def differing(digests: dict[str, Digest], manifest: Manifest | None) -> set[str]:
    """Return the paths whose content is not the same on both sides, or that are on one side only."""
    there = {} if manifest is None else {file.path: file.sha256 for file in manifest.files}
    here = {path: digest.sha256 for path, digest in digests.items()}
    return {path for path in here.keys() | there.keys() if here.get(path) != there.get(path)}


def changed_since(files: Iterable[LocalFile]) -> list[str]:
    """Return the paths of files that changed or vanished since they were looked at."""
    return [file.path for file in files if file.has_changed()]


def _digest(file: LocalFile, meter: Meter) -> Digest:
    try:
        return digest_of(file, meter.add)
    except OSError as error:
        raise disk_error(file.source, error) from error
