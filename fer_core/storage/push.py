"""Pushing one thing: what is new here goes to the address, and a new revision says what the thing consists of now.

Files that are gone here stay there, and files that are older here than there stay as they are there, unless the other
side is to become the same. Whatever breaks off is found by the next push, which sends only the rest.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fer_core.errors import StorageError
from fer_core.storage.attempts import insist
from fer_core.storage.belongings import Thing, read_thing
from fer_core.storage.comparison import Moved, changed_since, differing, digests_of
from fer_core.storage.failures import disk_error
from fer_core.storage.manifest import Manifest, StoredFile
from fer_core.storage.objects import Digest, Load, loads_of, make_object
from fer_core.storage.progress import Meter, OnProgress
from fer_core.storage.revisions import Kept, commit, contents_before, look_at, read_newest
from fer_core.storage.store import Store


@dataclass(frozen=True)
class _Plan:
    """What a push is going to do.

    Args:
        send: Paths whose content goes there.
        reuse: Path -> where its content lies there already.
        keep: Entries that stay as they are there.
        remove: Paths that vanish there.
    """

    send: tuple[str, ...]
    reuse: dict[str, StoredFile]
    keep: tuple[StoredFile, ...]
    remove: tuple[str, ...]


def push_thing(
    store: Store,
    kind: str,
    name: str,
    *,
    dry_run: bool = False,
    delete: bool = False,
    on_progress: OnProgress | None = None,
) -> Moved:
    """Push one thing.

    Args:
        store: The address.
        kind: `datasets`, `runs` or `models`.
        name: The thing.
        dry_run: Send nothing, say what would be sent.
        delete: Make the address the same as what is here: what is not here vanishes there, earlier revisions included.
        on_progress: Told how far it is.

    Raises:
        StorageError: If it cannot be pushed; what the address held before still counts then.
        FerError: If there is no such thing here, or it is damaged.
    """
    thing = read_thing(kind, name)
    kept = look_at(store, kind, name)
    manifest = read_newest(store, kept)
    digests = digests_of(thing, on_progress)
    plan = _plan(store, kept, manifest, digests, delete=delete)
    files = [thing.files[path] for path in plan.send]
    num_bytes = sum(file.size for file in files)
    moved = Moved(
        kind, name, len(files), num_bytes, len(plan.remove), len(plan.keep), len(thing.files), _notes(plan, thing)
    )
    if dry_run:
        return moved
    entries, sizes, sent = _send(store, kept, thing, plan, digests, on_progress)
    if manifest is None or plan.send or plan.reuse or plan.remove:
        _refuse_changed(thing)
        after = _manifest(thing, plan, entries, sizes, manifest)
        commit(store, kept, after)
    if delete:
        _clear(store, look_at(store, kind, name))
    return replace(moved, num_bytes=sent)


def _plan(store: Store, kept: Kept, manifest: Manifest | None, digests: dict[str, Digest], *, delete: bool) -> _Plan:
    there = manifest.by_path if manifest else {}
    by_content = {file.sha256: file for file in there.values()}
    changed = differing(digests, manifest)
    here, gone = sorted(changed & digests.keys()), sorted(changed - digests.keys())
    older: set[str] = set()
    if not delete and any(path in there for path in here):
        before = contents_before(store, kept)
        older = {path for path in here if path in there and (path, digests[path].sha256) in before}
    new = [path for path in here if path not in older]
    reuse = {path: by_content[digests[path].sha256] for path in new if digests[path].sha256 in by_content}
    keep = tuple(there[path] for path in sorted(older | (set() if delete else set(gone))))
    return _Plan(tuple(path for path in new if path not in reuse), reuse, keep, tuple(gone) if delete else ())


def _notes(plan: _Plan, thing: Thing) -> tuple[str, ...]:
    older = sum(file.path in thing.files for file in plan.keep)
    gone = len(plan.keep) - older
    notes = []
    if older:
        notes.append(f"{older:,} files are newer there and were left alone; pull them, or push with --delete.")
    if gone:
        notes.append(f"{gone:,} files are not here any more and were left there; --delete removes them.")
    return tuple(notes)


def _send(
    store: Store, kept: Kept, thing: Thing, plan: _Plan, digests: dict[str, Digest], on_progress: OnProgress | None
) -> tuple[dict[str, StoredFile], dict[str, int], int]:
    """Send what is new; returns an entry a file, the size of each object and how many bytes were really sent."""
    loads = list(loads_of([thing.files[path] for path in plan.send], digests))
    meter = Meter(on_progress, sum(load.num_bytes for load in loads), f"Pushing {thing.name}")
    pieces: dict[str, list[str]] = {path: [] for path in plan.send}
    sizes: dict[str, int] = {}
    sent = 0
    with tempfile.TemporaryDirectory(prefix="fer-push-") as folder:
        for load in loads:
            name, size, was_there = _send_one(store, kept, load, Path(folder), meter)
            sizes[name] = size
            sent += 0 if was_there else size
            for file in load.files:
                pieces[file.path].append(name)
    entries = {path: _entry(thing, path, digests[path], pieces[path]) for path in plan.send}
    return entries, sizes, sent


def _send_one(store: Store, kept: Kept, load: Load, folder: Path, meter: Meter) -> tuple[str, int, bool]:
    """Send one object unless it is there; returns its name, its size and whether it was there."""
    try:
        path, name = make_object(load, folder)
        size = path.stat().st_size
    except OSError as error:
        raise disk_error(load.files[0].source, error) from error
    was_there = kept.sizes.get(name) == size
    begun = meter.done

    def send() -> None:
        meter.take_back(begun)
        store.put(path, f"{kept.kind}/{kept.name}/objects/{name}", meter.add)

    try:
        if not was_there:
            insist(send)
    finally:
        path.unlink(missing_ok=True)
    meter.take_back(begun)
    meter.add(load.num_bytes)
    return name, size, was_there


def _entry(thing: Thing, path: str, digest: Digest, pieces: Sequence[str]) -> StoredFile:
    file = thing.files[path]
    member = path if not digest.slices else ""
    return StoredFile(path, file.size, digest.sha256, file.modified_ns, tuple(pieces), member)


def _manifest(
    thing: Thing, plan: _Plan, entries: dict[str, StoredFile], sizes: dict[str, int], before: Manifest | None
) -> Manifest:
    there = before.by_path if before else {}
    known = {file.path: file for file in plan.keep} | entries
    for path, file in thing.files.items():
        if path in plan.reuse:
            old = plan.reuse[path]
            known[path] = replace(old, path=path, modified_ns=file.modified_ns)
        elif path not in known:
            known[path] = replace(there[path], modified_ns=file.modified_ns)
    files = tuple(known[path] for path in sorted(known))
    all_sizes = (before.objects if before else {}) | sizes
    objects = {piece: all_sizes[piece] for file in files for piece in file.pieces}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(thing.kind, thing.name, files, objects, thing.facts, now)


def _refuse_changed(thing: Thing) -> None:
    changed = changed_since(thing.files.values())
    if changed or read_thing(thing.kind, thing.name).files.keys() != thing.files.keys():
        what = f"{changed[0]!r} of {thing.name!r}" if changed else f"{thing.name!r}"
        raise StorageError(f"{what} changed while it was being pushed. Wait until that is finished, and push again.")


def _clear(store: Store, kept: Kept) -> None:
    """Delete earlier revisions and the objects that the newest one does not need."""
    newest = read_newest(store, kept)
    needed = newest.objects if newest else {}
    top = f"{kept.kind}/{kept.name}"
    for revision in kept.revisions[1:]:
        store.remove(f"{top}/revisions/{revision}")
    for name in kept.sizes.keys() - needed.keys():
        store.remove(f"{top}/objects/{name}")
