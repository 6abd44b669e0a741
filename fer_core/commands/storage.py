"""The commands around storage: `storage push | pull | list ADDRESS`."""

import argparse

from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_area, add_command
from fer_core.errors import StorageError
from fer_core.storage import KINDS, Moved, list_address, transfer
from fer_core.storage.address import EXAMPLES
from fer_core.terminal import messages, progress_bar


def add_storage_commands(areas: Subparsers) -> None:
    """Add the area `storage`."""
    commands = add_area(areas, "storage", "push datasets, runs and models to an address, pull them from there, list it")
    push = add_command(commands, "push", _push, "send what is new; nothing there is deleted without --delete")
    pull = add_command(commands, "pull", _pull, "fetch what is new; nothing here is deleted without --delete")
    for command, delete in (
        (push, "delete there what is not here any more, and earlier revisions"),
        (pull, "delete here what is not there, and changes that were never pushed"),
    ):
        _add_address(command)
        command.add_argument("names", metavar="NAME", nargs="*", help="names, or kind/name; everything by default")
        command.add_argument("--dry-run", action="store_true", help="only say what would be done")
        command.add_argument("--delete", action="store_true", help=delete)
    _add_address(add_command(commands, "list", _list, "list what there is at an address"))


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument("address", metavar="ADDRESS", help=EXAMPLES)
    command.add_argument("--only", choices=KINDS, help="one kind only")


def _push(options: argparse.Namespace) -> int:
    return _transfer("push", options)


def _pull(options: argparse.Namespace) -> int:
    return _transfer("pull", options)


def _transfer(direction: str, options: argparse.Namespace) -> int:
    with progress_bar("looking") as show:
        done = transfer(
            direction,
            options.address,
            options.names,
            only=options.only,
            dry_run=options.dry_run,
            delete=options.delete,
            on_progress=show,
        )
    print_table([_row(moved, options.dry_run) for moved in done.moved], "There is nothing to move.")
    for moved in done.moved:
        for note in moved.notes:
            messages.print(f"{moved.name}: {note}", style="yellow", markup=False)
    if done.failed:
        raise StorageError("\n".join(f"{thing}: {reason}" for thing, reason in done.failed.items()))
    return 0


def _row(moved: Moved, dry_run: bool) -> dict[str, object]:
    what = "would_move" if dry_run else "moved"
    return {
        "kind": moved.kind,
        "name": moved.name,
        "files": moved.total,
        what: moved.sent,
        "megabytes": f"{moved.num_bytes / 1e6:.1f}",
        "deleted": moved.removed,
        "left_alone": moved.kept,
    }


def _list(options: argparse.Namespace) -> None:
    rows = list_address(options.address, options.only)
    shown = [{key: _short(value) for key, value in row.items()} for row in rows]
    print_table(shown, "There is nothing at this address yet. Push something: storage push ADDRESS")


def _short(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return ", ".join(f"{key} {str(said)[:12]}" for key, said in value.items() if said != "")
