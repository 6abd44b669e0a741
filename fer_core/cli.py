"""The command line: everything that a page does, without a browser.

Arguments come in, the library does the work, and text goes out: results on standard output, progress and messages on
standard error. Exit code 0, 1 (could not do it, a sentence says why) or 2 (wrong usage).
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from fer_core.dataset import add_dataset, list_datasets, open_dataset, remove_dataset
from fer_core.errors import FerError
from fer_core.models import evaluate_model, find_model, list_models
from fer_core.models.architectures import ARCHITECTURES
from fer_core.models.views import VIEWS
from fer_core.prediction import FACE_MODES, load_predictor
from fer_core.prediction.batch import errors_file, predict_files
from fer_core.terminal import messages, progress_bar, training_bar
from fer_core.training import AUGMENTATIONS, TrainConfig, list_runs, open_run, stop_run, train

_Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The words after the program's name; the process's own when None.

    Returns:
        The exit code. Wrong usage leaves through `SystemExit` with code 2, as argparse does.
    """
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int | None] = options.command
    try:
        return command(options) or 0
    except FerError as error:
        messages.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        messages.print("Interrupted; nothing half-made was left behind.")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer_core",
        description="Facial-expression recognition: get a dataset, train, evaluate, predict.",
        allow_abbrev=False,
    )
    areas = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_dataset_commands(areas)
    _add_train_command(areas)
    _add_runs_commands(areas)
    _add_models_commands(areas)
    _add_predict_command(areas)
    return parser


def _command(
    commands: _Subparsers, name: str, command: Callable[[argparse.Namespace], int | None], summary: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    parser.set_defaults(command=command)
    return parser


def _area(areas: _Subparsers, name: str, summary: str) -> _Subparsers:
    area = areas.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    return area.add_subparsers(required=True, metavar="COMMAND")


def _add_dataset_commands(areas: _Subparsers) -> None:
    commands = _area(areas, "dataset", "add, list, show and remove datasets")
    add = _command(commands, "add", _dataset_add, "add a dataset and index it; prints its name")
    add.add_argument("source", metavar="SOURCE", help="a zip, a folder with class folders, or the word `drawn`")
    add.add_argument("--name", help="name to give it; made from the source by default")
    _command(commands, "list", _dataset_list, "list the datasets")
    show = _command(commands, "show", _dataset_show, "show a dataset's size and class counts")
    show.add_argument("name", metavar="NAME")
    remove = _command(commands, "remove", _dataset_remove, "remove a dataset; never a folder used in place")
    remove.add_argument("name", metavar="NAME")


def _add_train_command(areas: _Subparsers) -> None:
    defaults = TrainConfig(dataset="any")
    parser = _command(areas, "train", _train, "train a network until its model is saved; prints the run's name")
    parser.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    parser.add_argument("--name", metavar="RUN", help="name of the run and its model; made from the dataset by default")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default=defaults.architecture)
    parser.add_argument("--epochs", type=int, default=defaults.epochs, help="default: %(default)s")
    parser.add_argument("--batch-size", type=int, default=defaults.batch_size, help="default: %(default)s")
    parser.add_argument("--learning-rate", type=float, default=defaults.learning_rate, help="default: %(default)s")
    parser.add_argument("--augmentation", choices=AUGMENTATIONS, default=defaults.augmentation)
    parser.add_argument("--seed", type=int, default=defaults.seed, help="default: %(default)s")


def _add_runs_commands(areas: _Subparsers) -> None:
    commands = _area(areas, "runs", "list, show and stop trainings")
    _command(commands, "list", _runs_list, "list the runs, the newest first")
    _command(commands, "show", _runs_show, "show a run's state and history").add_argument("name", metavar="RUN")
    stop = _command(commands, "stop", _runs_stop, "stop a run after the current step; its best model is kept")
    stop.add_argument("name", metavar="RUN")


def _add_models_commands(areas: _Subparsers) -> None:
    commands = _area(areas, "models", "list, show and evaluate models")
    _command(commands, "list", _models_list, "list the models; the shipped one is `default`")
    show = _command(commands, "show", _models_show, "print a model's card")
    show.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    evaluate = _command(commands, "evaluate", _models_evaluate, "measure a model on one split of a dataset")
    evaluate.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    evaluate.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    evaluate.add_argument("--split", required=True, metavar="SPLIT", help="a split of that dataset, such as test")
    evaluate.add_argument("--json", required=True, metavar="FILE", type=Path, help="where to write the figures")
    _add_views_option(evaluate)


def _add_predict_command(areas: _Subparsers) -> None:
    parser = _command(areas, "predict", _predict, "find the faces of pictures and read their apparent expressions")
    parser.add_argument("paths", metavar="PATH", nargs="+", help="pictures, or folders that are walked to any depth")
    parser.add_argument("--out", required=True, metavar="FILE", type=Path, help="a .csv; one row a face")
    parser.add_argument("--faces", choices=FACE_MODES, default="detect", help="whole: each picture is one face crop")
    parser.add_argument("--model", metavar="MODEL", help="a name from `models list` or a package folder")
    _add_views_option(parser)


def _add_views_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--views", choices=VIEWS, default="all", help="one: faster; all: ten views a face, more accurate"
    )


def _dataset_add(options: argparse.Namespace) -> None:
    with progress_bar("indexing") as on_progress:
        dataset = add_dataset(options.source, name=options.name, on_progress=on_progress)
    num_unreadable = len(dataset.index.select(readable=False))
    if num_unreadable:
        messages.print(f"{num_unreadable:,} of {len(dataset.index.table):,} pictures cannot be read.")
    print(dataset.name)


def _dataset_list(options: argparse.Namespace) -> None:
    rows = [
        {
            "name": dataset.name,
            "images": len(dataset.index.table),
            "classes": len(dataset.index.class_names),
            "splits": "+".join(dataset.index.splits),
            "source": dataset.source,
        }
        for dataset in list_datasets()
    ]
    _print_table(rows, "No datasets yet. Add one: python -m fer_core dataset add drawn")


def _dataset_show(options: argparse.Namespace) -> None:
    dataset = open_dataset(options.name)
    index = dataset.index
    height, width = index.images.shape[1:3]
    print(
        f"name         {dataset.name}\nsource       {dataset.source} ({dataset.kind})\nadded        {dataset.added_at}"
    )
    print(f"images       {len(index.table):,}, indexed at {width} x {height} pixels")
    print(f"unreadable   {len(index.select(readable=False)):,}")
    print(f"fingerprint  {index.fingerprint}\n")
    print(index.counts().to_string())


def _dataset_remove(options: argparse.Namespace) -> None:
    remove_dataset(options.name)
    messages.print(f"Removed the dataset {options.name}.")


def _train(options: argparse.Namespace) -> int:
    config = TrainConfig(
        dataset=options.dataset,
        architecture=options.architecture,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        augmentation=options.augmentation,
        seed=options.seed,
    )
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
    _print_table(rows, "No runs yet. Start one: python -m fer_core train --dataset NAME")


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


def _models_list(options: argparse.Namespace) -> None:
    rows = [
        {
            "name": package.name,
            "architecture": package.info.architecture,
            "classes": len(package.info.class_names),
            "input": f"{package.info.input_size}x{package.info.input_size}x{package.info.channels}",
            "trained_on": package.info.training_data["dataset"],
            "created": package.info.created_at,
        }
        for package in list_models()
    ]
    _print_table(rows, "No models yet. Train one: python -m fer_core train --dataset NAME")


def _models_show(options: argparse.Namespace) -> None:
    print(find_model(options.model).card())


def _models_evaluate(options: argparse.Namespace) -> None:
    package, dataset = find_model(options.model), open_dataset(options.dataset)
    with progress_bar("evaluating") as on_progress:
        report = evaluate_model(package, dataset.index, options.split, views=options.views, on_progress=on_progress)
    _write_text(options.json, json.dumps(report | {"dataset": dataset.name}, indent=2))
    print(pd.DataFrame(report["per_class"]).to_string(index=False, float_format="%.3f"))
    print(
        f"\naccuracy {report['accuracy']:.4f}  macro_f1 {report['macro_f1']:.4f}  num_images {report['num_images']:,}"
    )


def _predict(options: argparse.Namespace) -> int:
    predictor = load_predictor(options.model)
    with progress_bar("predicting") as on_progress:
        result = predict_files(
            predictor, options.paths, faces=options.faces, views=options.views, out=options.out, on_progress=on_progress
        )
    found = f"faces: {len(result.frame):,}, pictures: {result.num_pictures:,}"
    messages.print(f"{found}, table: {options.out}", markup=False)
    if len(result.errors):
        where = errors_file(options.out)
        messages.print(f"{len(result.errors):,} could not be read: {where}", markup=False, style="yellow")
    return 0 if result.num_pictures else 1


def _print_table(rows: Sequence[Mapping[str, object]], when_empty: str) -> None:
    if rows:
        print(pd.DataFrame(rows).to_string(index=False))
    else:
        messages.print(when_empty)


def _write_text(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise FerError(f"'{path}' cannot be written: {error.strerror}. Choose another place.") from error
    finally:
        partial.unlink(missing_ok=True)
