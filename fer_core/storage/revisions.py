"""The revisions of a thing at an address: one manifest each, written once and never changed.

The highest number counts. Two writers who push at the same moment write two files of one number; both then look, the
one whose file sorts first has won and the other takes its own back, so no place has to know locks.
"""

import re
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import StorageError
from fer_core.storage.attempts import insist
from fer_core.storage.manifest import KINDS, MAX_PACKED_BYTES, Manifest, is_thing_name, unpack_manifest
from fer_core.storage.store import Store

_REVISION = re.compile(r"(?P<number>\d{6})-[0-9a-f]{32}\.json\.gz")
_REMEMBERED = 50  # revisions that are looked through for what a file once was


@dataclass(frozen=True)
class Kept:
    """What an address holds of one thing.

    Args:
        kind: One of `KINDS`.
        name: Its name.
        sizes: Size in bytes of each object, by name; what a break left behind included.
        revisions: Names of its manifests, the newest first; where two bear one number, the winner comes first.
    """

    kind: str
    name: str
    sizes: dict[str, int]
    revisions: tuple[str, ...]

    @property
    def newest(self) -> str:
        """Name of the newest manifest, "" where there is none."""
        return self.revisions[0] if self.revisions else ""


def look_at(store: Store, kind: str, name: str) -> Kept:
    """Look at what an address holds of a thing.

    Raises:
        StorageError: If the address cannot be reached.
    """
    top = f"{kind}/{name}/"
    found = store.sizes(top.rstrip("/"))  # the doors insist themselves; a second time would keep the person waiting
    inside = {path.removeprefix(top): size for path, size in found.items()}
    objects = {path.removeprefix("objects/"): size for path, size in inside.items() if path.startswith("objects/")}
    names = [path.removeprefix("revisions/") for path in inside if path.startswith("revisions/")]
    known = [revision for revision in names if _REVISION.fullmatch(revision)]
    newest_first = sorted(sorted(known), key=lambda revision: revision[:6], reverse=True)
    return Kept(kind, name, objects, tuple(newest_first))


def things_at(store: Store) -> list[tuple[str, str]]:
    """Return kind and name of everything that has a manifest at an address, sorted.

    Raises:
        StorageError: If the address cannot be reached.
    """
    found = set()
    for kind in KINDS:
        for path in store.sizes(kind):
            parts = path.split("/")
            is_revision = len(parts) == 4 and parts[2] == "revisions" and _REVISION.fullmatch(parts[3])
            if is_revision and is_thing_name(parts[1]):
                found.add((kind, parts[1]))
    return sorted(found, key=lambda thing: (KINDS.index(thing[0]), thing[1]))


def read_revision(store: Store, kept: Kept, revision: str) -> Manifest:
    """Read one manifest.

    Raises:
        StorageError: If it cannot be read, or is not what it should be.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "manifest"
        name = f"{kept.kind}/{kept.name}/revisions/{revision}"
        insist(lambda: store.fetch(name, target, _bounded()))
        return unpack_manifest(target.read_bytes(), kept.kind, kept.name)


def read_newest(store: Store, kept: Kept) -> Manifest | None:
    """Read the manifest that counts, None where there is none."""
    return read_revision(store, kept, kept.newest) if kept.newest else None


def contents_before(store: Store, kept: Kept) -> set[tuple[str, str]]:
    """Return path and hash of every file of the revisions before the newest: what nobody loses by replacing it."""
    earlier = kept.revisions[1 : 1 + _REMEMBERED]
    return {(file.path, file.sha256) for name in earlier for file in read_revision(store, kept, name).files}


def commit(store: Store, before: Kept, manifest: Manifest) -> str:
    """Make a manifest the newest one, unless somebody else has made one since `before` was looked at.

    Raises:
        StorageError: If somebody has, an object that it needs is not there whole, or it cannot be written.
    """
    now = look_at(store, before.kind, before.name)
    _refuse_other(now.newest, before.newest, now)
    lacking = [name for name, size in manifest.objects.items() if now.sizes.get(name) != size]
    if lacking:
        raise StorageError(f"{len(lacking)} objects did not arrive whole at {store.shown}. Push again.", may_pass=True)
    number = int(before.newest[:6] or 0) + 1
    name = f"{number:06d}-{uuid.uuid4().hex}.json.gz"
    path = f"{before.kind}/{before.name}/revisions/{name}"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / name
        source.write_bytes(manifest.pack())
        insist(lambda: store.put(source, path, _pass_over))
    after = look_at(store, before.kind, before.name)
    if after.newest != name:
        store.remove(path)
        _refuse_other(after.newest, name, after)
    return name


def _refuse_other(found: str, expected: str, kept: Kept) -> None:
    if found != expected:
        raise StorageError(
            f"Somebody else pushed {kept.kind}/{kept.name} at the same time; theirs is kept and yours was not "
            "written. Pull it, or push again."
        )


def _pass_over(num_bytes: int) -> None:
    """Nobody waits for a manifest."""


class _bounded:  # noqa: N801 (called like a function)
    """Stops the reading of a manifest that is too large to be one."""

    def __init__(self) -> None:
        self._left = MAX_PACKED_BYTES

    def __call__(self, num_bytes: int) -> None:
        self._left -= num_bytes
        if self._left < 0:
            raise StorageError("A manifest there is too large to be one. Do not trust that place.")
