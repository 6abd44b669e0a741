"""The command that fits temperatures and thresholds of a run's model again: `models calibrate`.

Models of earlier versions lack what later ones note, such as the curve behind the threshold of "unsure".
"""

import argparse

from fer_core.commands.parser import Subparsers, add_command
from fer_core.dataset import open_dataset
from fer_core.errors import FerError
from fer_core.models import VIEWS
from fer_core.models.calibrated_info import consequence, selective_curve
from fer_core.models.package import read_package
from fer_core.training import open_run
from fer_core.training.calibrated_package import calibrate_package
from fer_core.training.learning_split import learning_split


def add_calibrate_command(commands: Subparsers) -> None:
    """Add `models calibrate`."""
    parser = add_command(
        commands, "calibrate", _models_calibrate, "fit a run's temperatures and thresholds again on its validation part"
    )
    parser.add_argument("run", metavar="RUN", help="a name from `runs list`")


def _models_calibrate(options: argparse.Namespace) -> None:
    run = open_run(options.run)
    package = run.model
    if package is None:
        raise FerError(f"The run {run.name!r} has no model yet. Wait for its end, or resume it.")
    index, split = learning_split(open_dataset(run.config.dataset), run.config)
    if index.fingerprint != package.info.training_data["fingerprint"]:
        raise FerError(
            f"The dataset {run.config.dataset!r} has changed since {run.name!r} was trained, so its validation images "
            "may be among those that it learned from. Undo the changes, or train again."
        )
    calibrate_package(package, index, split.validation)
    info = read_package(package.folder).info
    for views in VIEWS:
        threshold = info.unsure_threshold[views]
        print(
            f"views {views}: temperature {info.temperature[views]:.3f}, unsure below {threshold:.3f}: "
            f"{consequence(selective_curve(info, views), threshold)}"
        )
