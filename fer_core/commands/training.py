"""The command `train`: every setting of a training as an option, and a bar until its model is saved.

The options come from the table that also makes the form on the page; those that are not given have the preset's
values, or the defaults.
"""

import argparse
from collections.abc import Collection
from typing import Any

from fer_core.commands.parser import Subparsers, add_command
from fer_core.dataset import open_dataset
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.models.architectures import ARCHITECTURES
from fer_core.terminal import messages, progress_bar, training_bar
from fer_core.training import AUGMENTATIONS, PRESETS, Run, TrainConfig, train, with_preset
from fer_core.training.config import CHOICES
from fer_core.training.runs.results import read_test
from fer_core.training.setting_descriptions import GROUPS, SETTINGS

_SHORTER_NAMES = {"selection_metric": ("--select-by",)}
_METAVARS = {str: "MODEL", int: "N", float: "X"}
_NAMES: dict[str, Collection[str]] = {"architecture": ARCHITECTURES, "augmentation": AUGMENTATIONS, **CHOICES}


def add_train_command(areas: Subparsers) -> None:
    """Add the command `train`."""
    parser = add_command(areas, "train", _train, "train a network until its model is saved; prints the run's name")
    parser.add_argument("--dataset", required=True, metavar="NAME", help="a name from `dataset list`")
    parser.add_argument("--name", metavar="RUN", help="name of the run and its model; made from the dataset by default")
    parser.add_argument("--preset", choices=PRESETS, help="settings for a purpose; options given beside it win")
    defaults = TrainConfig(dataset="any").to_dict()
    for group in ("", *GROUPS):
        options = parser.add_argument_group(group.lower()) if group else parser
        for name, setting in SETTINGS.items():
            if setting.group == group and name != "dataset":
                _add_setting(options, name, defaults[name])


def _add_setting(options: argparse._ActionsContainer, name: str, default: Any) -> None:
    flags = [*_SHORTER_NAMES.get(name, ()), "--" + name.replace("_", "-")]
    text = SETTINGS[name].help.replace("%", "%%")
    if isinstance(default, bool):
        text = f"{SETTINGS[name].title.lower()}. {text}"
        options.add_argument(*flags, dest=name, action="store_true", default=None, help=text)
        return
    text += f" (default: {default})" if default != "" else ""
    if name in _NAMES:
        options.add_argument(*flags, dest=name, choices=_NAMES[name], help=text)
    else:
        options.add_argument(*flags, dest=name, type=type(default), metavar=_METAVARS[type(default)], help=text)


def _train(options: argparse.Namespace) -> int:
    config = asked_config(options)
    if config.without_leaks:
        _look_for_leaks(config.dataset)
    with training_bar() as on_status:
        run = train(config, name=options.name, on_status=on_status)
    return report_end(run)


def asked_config(options: argparse.Namespace) -> TrainConfig:
    """Return the training that the options of `train` ask for.

    Raises:
        TrainingError: If a value is out of its range, or there is no such architecture.
    """
    given = {name: getattr(options, name) for name in SETTINGS if getattr(options, name) is not None}
    return with_preset(options.preset, **given) if options.preset else TrainConfig(**given)


def _look_for_leaks(name: str) -> None:
    dataset = open_dataset(name)
    if len(dataset.index.splits) < 2:
        messages.print(f"{name} has one split only: no picture can recur in another, so none is left out.")
    with progress_bar("looking for duplicates") as on_progress:
        duplicates_of(dataset, on_progress=on_progress)


def report_end(run: Run) -> int:
    """Print what a finished run reached and its name; returns the exit code: 1 where there is no model."""
    package = run.model
    if package is None:
        messages.print(f"error: the run {run.name} was stopped before it had a model.", style="red")
        return 1
    measured = {"validation": package.info.metrics.get("validation", {})} | {"test": read_test(run.folder).get("all")}
    for split, figures in measured.items():
        if figures:
            text = f"accuracy {figures['accuracy']:.1%}, macro-F1 {figures['macro_f1']:.3f}"
            messages.print(f"{split}: {text} on {figures['num_images']:,.0f} images")
    print(run.name)
    return 0
