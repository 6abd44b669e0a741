"""The commands around models from elsewhere: `models import`, `models trust` and `models remove`."""

import argparse
from pathlib import Path

from fer_core.commands.parser import Subparsers, add_command
from fer_core.errors import ModelError
from fer_core.models import ModelPackage, find_model
from fer_core.models.foreign_keras import import_keras_file
from fer_core.models.importing import import_package, remove_imported
from fer_core.models.origin import confirm_trust, is_keras_trusted
from fer_core.terminal import messages


def add_import_commands(commands: Subparsers) -> None:
    """Add `models import`, `models trust` and `models remove`."""
    parser = add_command(commands, "import", _models_import, "add a model package from a zip of this program")
    parser.add_argument("archive", metavar="ZIP", type=Path, help="made by `models export` or on the Models page")
    parser.add_argument("--name", metavar="NAME", help="name of the new model; without it, the one that it has")
    parser.add_argument(
        "--trust-keras",
        action="store_true",
        help="you trust whoever made it: its model.keras, which can run code, may be opened to train or export",
    )
    parser.add_argument(
        "--classes", metavar="A,B,…", help="with --trust-keras and a bare .keras file: its classes in their order"
    )
    trust = add_command(commands, "trust", _models_trust, "let an imported model's model.keras be opened")
    trust.add_argument("model", metavar="MODEL", help="a name from `models list`")
    remove = add_command(commands, "remove", _models_remove, "delete an imported model")
    remove.add_argument("model", metavar="MODEL", help="a name from `models list`")


def _models_import(options: argparse.Namespace) -> None:
    if options.archive.suffix.lower() == ".keras" and options.trust_keras:
        package = _import_keras_file(options)
    else:
        package = import_package(options.archive, name=options.name, is_trusted=options.trust_keras)
    if not is_keras_trusted(package.folder):
        messages.print(
            "Ready to predict. Its model.keras stays closed, so it cannot be trained further or exported; if you trust "
            f"whoever made it: python -m fer_core models trust {package.name}"
        )
    print(package.name)


def _import_keras_file(options: argparse.Namespace) -> ModelPackage:
    if not options.classes:
        raise ModelError(
            "A .keras file does not name its classes. Name them in the order of its outputs: --classes A,B,…"
        )
    class_names = [name.strip() for name in options.classes.split(",")]
    return import_keras_file(options.archive, class_names, name=options.name or options.archive.stem)


def _models_trust(options: argparse.Namespace) -> None:
    confirm_trust(find_model(options.model).folder)


def _models_remove(options: argparse.Namespace) -> None:
    remove_imported(options.model)
