"""Pulling one thing: what differs comes here, is checked by its hash, and takes its place only when all of it is here.

Files that are not at the address stay, and nothing is replaced that no revision holds, unless this side is to become
the same. What had arrived before a break is used by the next pull.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from fer_core.errors import FerError, StorageError
from fer_core.locks import lockable
from fer_core.storage.arrival import arrive, check_room
from fer_core.storage.belongings import MARKS, Thing, folder_of, names_here, read_thing
from fer_core.storage.comparison import Moved, differing, digests_of
from fer_core.storage.failures import disk_error
from fer_core.storage.fetching import fetch_files
from fer_core.storage.manifest import Manifest, StoredFile, same_on_some_systems
from fer_core.storage.progress import OnProgress
from fer_core.storage.revisions import Kept, contents_before, look_at, read_newest
from fer_core.storage.store import Store


@dataclass(frozen=True)
class _Plan:
    """What a pull is going to do: entries to fetch, paths to remove, paths to leave alone."""

    fetch: tuple[StoredFile, ...]
    remove: tuple[str, ...]
    keep: tuple[str, ...]


def pull_thing(
    store: Store,
    kind: str,
    name: str,
    *,
    dry_run: bool = False,
    delete: bool = False,
    on_progress: OnProgress | None = None,
) -> Moved:
    """Pull one thing.

    Args:
        store: The address.
        kind: `datasets`, `runs` or `models`.
        name: The thing.
        dry_run: Fetch nothing, say what would be fetched.
        delete: Make this side the same as the address: what is not there vanishes here, changes that were never pushed
            included.
        on_progress: Told how far it is.

    Raises:
        StorageError: If it cannot be pulled; what was here before is then still here.
    """
    folder = folder_of(kind, name)
    kept = look_at(store, kind, name)
    manifest = read_newest(store, kept)
    if manifest is None:
        raise StorageError(f"There is no {kind[:-1]} {name!r} at {store.shown}. `storage list` says what there is.")
    _refuse_strange(manifest)
    with _alone(folder):
        thing = _thing_here(kind, name)
        plan = _plan(store, kept, manifest, thing, delete=delete, on_progress=on_progress)
        num_bytes = sum(file.size for file in plan.fetch)
        if not dry_run and (plan.fetch or plan.remove):
            num_bytes = _pull(store, manifest, thing, plan, folder, on_progress)
    notes = arrive(kind, name, folder) if not dry_run else ()
    if plan.keep:
        notes = (f"{len(plan.keep):,} files are only here and were left alone.", *notes)
    return Moved(kind, name, len(plan.fetch), num_bytes, len(plan.remove), len(plan.keep), len(manifest.files), notes)


def _thing_here(kind: str, name: str) -> Thing | None:
    """The thing as it is here, None where there is none."""
    others = [other for other in names_here(kind) if other.casefold() == name.casefold()]
    if others and name not in others:
        raise StorageError(f"There is {others[0]!r} here, and {name!r} differs in capitals only. Rename or remove one.")
    return read_thing(kind, name) if others else None


def _plan(
    store: Store, kept: Kept, manifest: Manifest, thing: Thing | None, *, delete: bool, on_progress: OnProgress | None
) -> _Plan:
    if thing is None:
        return _Plan(manifest.files, (), ())
    digests = digests_of(thing, on_progress)
    changed = differing(digests, manifest)
    fetch = tuple(file for file in manifest.files if file.path in changed)
    only_here = tuple(sorted(changed - manifest.by_path.keys()))
    if thing.pictures is not None:
        _refuse_foreign(thing, [file.path for file in fetch], only_here if delete else ())
    replaced = [path for path in (file.path for file in fetch) if path in digests]
    if replaced and not delete:
        before = contents_before(store, kept)
        unsaved = [path for path in replaced if (path, digests[path].sha256) not in before]
        if unsaved:
            raise StorageError(
                f"{len(unsaved):,} files of {thing.name!r} were changed here and never pushed, {unsaved[0]!r} first. "
                "Push them, or pull with --delete to lose them. Nothing was changed."
            )
    return _Plan(fetch, only_here if delete else (), () if delete else only_here)


def _pull(
    store: Store,
    manifest: Manifest,
    thing: Thing | None,
    plan: _Plan,
    folder: Path,
    on_progress: OnProgress | None,
) -> int:
    arriving = folder.with_name(f".{folder.name}.pulled")
    try:
        arriving.mkdir(parents=True, exist_ok=True)
        check_room(arriving, sum(file.size for file in plan.fetch))
        num_bytes = fetch_files(store, manifest, plan.fetch, arriving, on_progress)
        if thing is None:
            _keep_only(arriving, {file.path for file in plan.fetch})
            os.replace(arriving, folder)
        else:
            _refuse_live(thing)
            _move_in(arriving, thing, plan)
            shutil.rmtree(arriving, ignore_errors=True)
    except OSError as error:
        raise disk_error(arriving, error) from error
    return num_bytes


def _move_in(arriving: Path, thing: Thing, plan: _Plan) -> None:
    """Put files in place of others. The marks of what they belong to go first and come last, so none looks whole."""
    marks = {MARKS[thing.kind], "index.json", "status.json"}
    in_order = sorted((file.path for file in plan.fetch), key=lambda path: (path in marks, path == MARKS[thing.kind]))
    if thing.kind == "datasets" and "index.json" in in_order:
        (thing.folder / "index.json").unlink(missing_ok=True)
    for path in in_order:
        target = thing.folder / path
        if thing.pictures is not None and path == MARKS[thing.kind]:
            continue  # it would say that the pictures lie elsewhere
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(arriving / path, target)
    for path in plan.remove:
        (thing.folder / path).unlink(missing_ok=True)


def _keep_only(arriving: Path, paths: set[str]) -> None:
    """Delete what an earlier, other revision left among what arrives."""
    for parent, _, names in os.walk(arriving):
        for name in names:
            path = Path(parent) / name
            if path.relative_to(arriving).as_posix() not in paths:
                path.unlink()


def _refuse_strange(manifest: Manifest) -> None:
    if MARKS[manifest.kind] not in manifest.by_path:
        raise StorageError(f"{manifest.kind}/{manifest.name} lacks {MARKS[manifest.kind]}. Push it again.")
    pairs = same_on_some_systems(manifest.by_path)
    if pairs and os.path.normcase("A") == "a":
        one, other = next(iter(pairs.items()))
        raise StorageError(f"{one!r} and {other!r} of {manifest.name!r} would be one file on this system.")


def _refuse_foreign(thing: Thing, fetch: list[str], remove: tuple[str, ...]) -> None:
    touched = [path for path in (*fetch, *remove) if path.startswith("files/")]
    if touched:
        raise StorageError(
            f"The pictures of {thing.name!r} lie in '{thing.pictures}', which is used in place and never written to, "
            f"and {len(touched):,} of them differ at the address. Remove the dataset here, then pull it."
        )


def _refuse_live(thing: Thing) -> None:
    """A run may have been resumed while its files came."""
    try:
        read_thing(thing.kind, thing.name)
    except FerError as error:
        raise StorageError(f"{thing.name!r} changed meanwhile: {error}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else pull the same thing here at the same time."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(lockable(folder.with_name(f".{folder.name}.pulling.lock")), blocking=False):
            yield
    except filelock.Timeout as error:
        raise StorageError(f"{folder.name!r} is being pulled already. Wait until that ends.") from error
    except OSError as error:
        raise disk_error(folder.parent, error) from error
