"""The commands around trainings: `runs list | show | compare | stop | resume | retry | note | remove`.

`resume` and `retry` start a process and show it until its end, as `train` does; an interrupt asks it to stop.
"""

import argparse
import json
import time

from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_area, add_command
from fer_core.commands.training import report_end
from fer_core.errors import TrainingError
from fer_core.terminal import messages, training_bar
from fer_core.training import Run, list_runs, open_run, remove_run, resume_run, retry_run, stop_run
from fer_core.training.runs.comparison import compare_runs
from fer_core.training.runs.model_use import live_users_of
from fer_core.training.runs.notes import RunNotes, read_notes, write_notes
from fer_core.training.runs.results import read_result

_SECONDS_BETWEEN_LOOKS = 0.5


def add_runs_commands(areas: Subparsers) -> None:
    """Add the area `runs`."""
    commands = add_area(areas, "runs", "list, show, compare, stop, resume, retry, note and remove trainings")
    add_command(commands, "list", _list, "list the runs, the newest first")
    for name, command, summary in (
        ("show", _show, "show a run's state, settings and history"),
        ("stop", _stop, "stop a run after the current step, or take it out of the queue; its best model is kept"),
        ("resume", _resume, "go on with a run that ended early, as if it had never been interrupted"),
        ("retry", _retry, "start a new run with the settings of another; prints its name"),
    ):
        add_command(commands, name, command, summary).add_argument("name", metavar="RUN")
    compare = add_command(commands, "compare", _compare, "lay runs side by side: settings that differ, and results")
    compare.add_argument("names", metavar="RUN", nargs="+")
    remove = add_command(commands, "remove", _remove, "delete runs with their models; the datasets stay")
    remove.add_argument("names", metavar="RUN", nargs="+")
    note = add_command(commands, "note", _note, "show what was noted on a run, or note something")
    note.add_argument("name", metavar="RUN")
    note.add_argument("text", metavar="TEXT", nargs="?", help='replaces the note; "" takes it away')
    note.add_argument("--tags", metavar="TAG,…", help='replaces the tags; "" takes them away')


def _list(options: argparse.Namespace) -> None:
    print_table([_row(run) for run in list_runs()], "No runs yet. Start one: python -m fer_core train --dataset NAME")


def _row(run: Run) -> dict[str, object]:
    status, result = run.status(), read_result(run)
    row: dict[str, object] = {"name": run.name, "state": status.state}
    try:
        config = run.config
        row |= {"dataset": config.dataset, "architecture": config.architecture}
        row |= {"epochs": f"{result.num_epochs}/{config.epochs}"}
    except TrainingError:  # damaged: it can still be removed
        row |= {"dataset": "?", "architecture": "?", "epochs": f"{result.num_epochs}/?"}
    test = result.best_test
    return row | {
        "best_val_accuracy": "" if result.val_accuracy is None else f"{result.val_accuracy:.4f}",
        "test_accuracy": "" if test is None else f"{test['accuracy']:.4f}",
        "tags": ",".join(read_notes(run.folder).tags),
    }


def _show(options: argparse.Namespace) -> None:
    run = open_run(options.name)
    status, notes = run.status(), read_notes(run.folder)
    print(f"name    {run.name}\nstate   {status.state}{f': {status.error}' if status.error else ''}")
    print(f"folder  {run.folder}\nconfig  {json.dumps(run.config.to_dict())}")
    print(f"now     {json.dumps(status.details)}")
    for split, figures in (read_result(run).test or {}).items():
        print(f"test    {split} view{'s' if split == 'all' else ''}: accuracy {figures['accuracy']:.4f}, ", end="")
        print(f"macro-F1 {figures['macro_f1']:.4f} on {figures['num_images']:,} images")
    if notes != RunNotes():
        print(f"tags    {', '.join(notes.tags)}\nnote    {notes.note}")
    print(f"\n{run.history().to_string(index=False) if len(run.history()) else 'No finished epoch yet.'}")


def _stop(options: argparse.Namespace) -> None:
    was_queued = open_run(options.name).status().state == "queued"
    stop_run(options.name)
    if was_queued:
        messages.print(f"Took {options.name} out of the queue.", markup=False)
    else:
        messages.print(f"Asked {options.name} to stop. It ends after the current step and keeps its best model.")


def _resume(options: argparse.Namespace) -> int:
    return _follow(resume_run(options.name))


def _retry(options: argparse.Namespace) -> int:
    return _follow(retry_run(options.name))


def _follow(run: Run) -> int:
    """Show a run that is under way until it ends, and what it reached; an interrupt asks it to stop."""
    with training_bar() as on_status:
        while (status := run.status()).is_live:
            on_status(status)
            try:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            except KeyboardInterrupt:
                stop_run(run.name)
    if status.state in ("failed", "lost"):
        raise TrainingError(f"The run {run.name} {status.state}. {status.error or ''}".strip())
    return report_end(run)


def _compare(options: argparse.Namespace) -> None:
    comparison = compare_runs(options.names)
    if comparison.settings.empty:
        messages.print("The settings are the same.")
    else:
        print(f"{comparison.settings.to_string()}\n")
    print(comparison.results.to_string())


def _remove(options: argparse.Namespace) -> None:
    for name in options.names:
        users = live_users_of(name)
        if users:
            raise TrainingError(
                f"{', '.join(run.name for run in users)} needs the model of {name!r} and is under way. Wait for its "
                "end or stop it first."
            )
        remove_run(name)
        messages.print(f"Removed {name}.", markup=False)


def _note(options: argparse.Namespace) -> None:
    run = open_run(options.name)
    notes = read_notes(run.folder)
    if options.text is not None or options.tags is not None:
        tags = notes.tags if options.tags is None else tuple(options.tags.split(","))
        notes = RunNotes(tags, notes.note if options.text is None else options.text)
        write_notes(run.folder, notes)
    print(f"tags    {', '.join(notes.tags)}\nnote    {notes.note}")
