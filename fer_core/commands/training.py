"""The commands around trainings: `train` and `runs list | show | stop`."""

import argparse
import json

from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_area, add_command
from fer_core.dataset import open_dataset
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.models.architectures import ARCHITECTURES
from fer_core.terminal import messages, progress_bar, training_bar
from fer_core.training import AUGMENTATIONS, TrainConfig, list_runs, open_run, stop_run, train


def add_train_command(areas: Subparsers) -> None:
    """Add the command `train`."""
    defaults = TrainConfig(dataset="any")
    parser = add_command(areas, "train", _train, "train a network until its model is saved; prints the run's name")
    parser.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    parser.add_argument("--name", metavar="RUN", help="name of the run and its model; made from the dataset by default")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default=defaults.architecture)
    parser.add_argument("--epochs", type=int, default=defaults.epochs, help="default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=defaults.batch_size, help="default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=defaults.learning_rate, help="default: %(default)s")
    parser.add_argument("--augmentation", choices=AUGMENTATIONS, default=defaults.augmentation)
    parser.add_argument("--seed", type=int, default=defaults.seed, help="default: %(default)s")
    parser.add_argument(
        "--without-leaks", action="store_true", help="leave out train images that recur in another split"
    )


def add_runs_commands(areas: Subparsers) -> None:
    """Add the area `runs`."""
    commands = add_area(areas, "runs", "list, show and stop trainings")
    add_command(commands, "list", _runs_list, "list the runs, the newest first")
    add_command(commands, "show", _runs_show, "show a run's state and history").add_argument("name", metavar="RUN")
    stop = add_command(commands, "stop", _runs_stop, "stop a run after the current step; its best model is kept")
    stop.add_argument("name", metavar="RUN")


def _train(options: argparse.Namespace) -> int:
    config = TrainConfig(
        dataset=options.dataset,
        architecture=options.architecture,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        augmentation=options.augmentation,
        seed=options.seed,
        without_leaks=options.without_leaks,
    )
    if config.without_leaks:
        with progress_bar("looking for duplicates") as on_progress:
            duplicates_of(open_dataset(config.dataset), on_progress=on_progress)
    with training_bar() as on_status:
        run = train(config, name=options.name, on_status=on_status)
    package = run.model
    if package is None:
        messages.print(f"error: the run {run.name} was stopped before it had a model.")
        return 1
    figures = package.info.metrics["validation"]
    messages.print(f"validation accuracy {figures['accuracy']:.1%} on {figures['num_images']:,.0f} images")
    print(run.name)
    return 0


def _runs_list(options: argparse.Namespace) -> None:
    rows = []
    for run in list_runs():
        status = run.status()
        best = status.details.get("best_val_accuracy")
        rows.append(
            {
                "name": run.name,
                "state": status.state,
                "dataset": run.config.dataset,
                "architecture": run.config.architecture,
                "epochs": f"{len(run.history())}/{run.config.epochs}",
                "best_val_accuracy": "" if best is None else f"{best:.4f}",
            }
        )
    print_table(rows, "No runs yet. Start one: python -m fer_core train --dataset NAME")


def _runs_show(options: argparse.Namespace) -> None:
    run = open_run(options.name)
    status = run.status()
    print(f"name    {run.name}\nstate   {status.state}{f': {status.error}' if status.error else ''}")
    print(f"folder  {run.folder}\nconfig  {json.dumps(run.config.to_dict())}")
    print(f"now     {json.dumps(status.details)}\n")
    print(run.history().to_string(index=False) if len(run.history()) else "No finished epoch yet.")


def _runs_stop(options: argparse.Namespace) -> None:
    stop_run(options.name)
    messages.print(f"Asked {options.name} to stop. It ends after the current step and keeps its best model.")
