"""Pushing, pulling and listing: everything an address and a few names mean, one thing after the other.

An address and names come in; a `Moved` for each thing goes out. Pages do the same in a job.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from fer_core.errors import Cancelled, FerError, StorageError
from fer_core.storage.address import parse_address
from fer_core.storage.belongings import names_here
from fer_core.storage.comparison import Moved
from fer_core.storage.manifest import KINDS
from fer_core.storage.progress import OnProgress
from fer_core.storage.pull import pull_thing
from fer_core.storage.push import push_thing
from fer_core.storage.revisions import look_at, read_newest, things_at
from fer_core.storage.store import open_store

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

DIRECTIONS = {"push": push_thing, "pull": pull_thing}


@dataclass(frozen=True)
class Transfer:
    """What was moved and what could not be.

    Args:
        moved: One entry a thing.
        failed: Why a thing could not be moved, by `kind/name`.
    """

    moved: tuple[Moved, ...]
    failed: dict[str, str]


def transfer(
    direction: str,
    address: str,
    names: Sequence[str] = (),
    *,
    only: str | None = None,
    dry_run: bool = False,
    delete: bool = False,
    on_progress: OnProgress | None = None,
) -> Transfer:
    """Push to or pull from an address; what cannot be moved does not keep the rest from being moved.

    Args:
        direction: `push` or `pull`.
        address: See `parse_address`.
        names: Names of things, or `kind/name`; all there are when empty.
        only: One of `KINDS`; all of them when None.
        dry_run: Move nothing, say what would be moved.
        delete: Make the other side the same: what is not here (or there) vanishes there (or here).
        on_progress: Told how far it is.

    Raises:
        StorageError: If the address cannot be used or a name is unknown.
        Cancelled: If `on_progress` raises it; what arrived by then is used next time.
    """
    store = open_store(parse_address(address))
    known = things_at(store) if direction == "pull" else things_here()
    moved, failed = [], {}
    for kind, name in _chosen(known, names, only, place=store.shown if direction == "pull" else "this computer"):
        try:
            moved.append(
                DIRECTIONS[direction](store, kind, name, dry_run=dry_run, delete=delete, on_progress=on_progress)
            )
        except Cancelled:
            raise
        except FerError as error:
            if len(names) == 1:
                raise
            failed[f"{kind}/{name}"] = str(error)
    return Transfer(tuple(moved), failed)


def list_address(address: str, only: str | None = None) -> list[dict[str, Any]]:
    """Return a row for each thing at an address: kind, name, files, megabytes, pushed_at, here and facts.

    Raises:
        StorageError: If the address cannot be used.
    """
    store = open_store(parse_address(address))
    here = set(things_here())
    rows = []
    for kind, name in things_at(store):
        if only in (None, kind):
            manifest = read_newest(store, look_at(store, kind, name))
            if manifest is not None:
                rows.append(
                    {
                        "kind": kind,
                        "name": name,
                        "files": len(manifest.files),
                        "megabytes": round(manifest.num_bytes / 1e6, 1),
                        "pushed_at": manifest.pushed_at,
                        "here": "yes" if (kind, name) in here else "no",
                        "facts": manifest.facts,
                    }
                )
    return rows


def transfer_job(
    *,
    reporter: "JobReporter",
    direction: str,
    address: str,
    names: Sequence[str] = (),
    dry_run: bool = False,
    delete: bool = False,
) -> dict[str, Any]:
    """Job: push or pull; returns what was moved and what could not be."""
    done = transfer(direction, address, names, dry_run=dry_run, delete=delete, on_progress=reporter.progress)
    if done.failed and not done.moved:
        raise StorageError(" ".join(done.failed.values()))
    return {"moved": [asdict(moved) for moved in done.moved], "failed": done.failed, "dry_run": dry_run}


def list_job(*, reporter: "JobReporter", address: str) -> dict[str, Any]:
    """Job: look at what an address holds."""
    reporter.progress(0, 0, "Looking")
    return {"rows": list_address(address)}


def things_here() -> list[tuple[str, str]]:
    """Return kind and name of every dataset, run and model below FER_HOME."""
    return [(kind, name) for kind in KINDS for name in names_here(kind)]


def _chosen(
    known: Sequence[tuple[str, str]], names: Sequence[str], only: str | None, *, place: str
) -> list[tuple[str, str]]:
    allowed = [thing for thing in known if only in (None, thing[0])]
    if not names:
        return allowed
    chosen = []
    for wanted in names:
        found = [thing for thing in allowed if wanted in (thing[1], "/".join(thing))]
        if not found:
            listed = ", ".join("/".join(thing) for thing in allowed) or "nothing"
            raise StorageError(f"There is no {wanted!r} on {place}; known: {listed}.")
        chosen += [thing for thing in found if thing not in chosen]
    return chosen
