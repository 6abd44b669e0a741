"""The commands around models, from `models list` and `show` to `evaluate`, `compare`, `export` and `import`."""

import argparse

from fer_core.commands.model_calibration import add_calibrate_command
from fer_core.commands.model_comparison import add_compare_command
from fer_core.commands.model_evaluation import add_evaluate_command
from fer_core.commands.model_export import add_export_command
from fer_core.commands.model_import import add_import_commands
from fer_core.commands.model_report import add_report_command
from fer_core.commands.model_robustness import add_robustness_command
from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_area, add_command
from fer_core.models import find_model, list_models


def add_models_commands(areas: Subparsers) -> None:
    """Add the area `models`."""
    commands = add_area(areas, "models", "list, show and evaluate models")
    add_command(commands, "list", _models_list, "list the models; the shipped one is `default`")
    show = add_command(commands, "show", _models_show, "print a model's card")
    show.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    add_evaluate_command(commands)
    add_compare_command(commands)
    add_calibrate_command(commands)
    add_robustness_command(commands)
    add_report_command(commands)
    add_export_command(commands)
    add_import_commands(commands)


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
    print_table(rows, "No models yet. Train one: python -m fer_core train --dataset NAME")


def _models_show(options: argparse.Namespace) -> None:
    print(find_model(options.model).card())
