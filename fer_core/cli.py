"""The command line: everything that a page does, without a browser.

Arguments come in, the library does the work, and text goes out: results on standard output, progress and messages on
standard error. Exit code 0, 1 (could not do it, a sentence says why) or 2 (wrong usage).
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fer_core.commands.dataset import add_dataset_commands
from fer_core.commands.models import add_models_commands
from fer_core.commands.prediction import add_predict_command
from fer_core.commands.runs import add_runs_commands
from fer_core.commands.storage import add_storage_commands
from fer_core.commands.training import add_train_command
from fer_core.errors import FerError
from fer_core.terminal import messages

_EXTRAS = {"tensorflow": "train", "keras": "train", "tensorboard": "train", "IPython": "notebook"}


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
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in _EXTRAS:
            raise
        install = f"`pip install '.[{_EXTRAS[name]}]'`"
        messages.print(
            f"error: this takes {name}, which is not installed. Install this project with {install}.", markup=False
        )
    except BrokenPipeError:  # the reader, such as `head`, has seen enough; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        messages.print("Interrupted; nothing half-made was left behind.")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fer-studio" if Path(sys.argv[0]).stem == "fer-studio" else "python -m fer_core",
        description="Facial-expression recognition: get a dataset, train, evaluate, predict.",
        allow_abbrev=False,
    )
    areas = parser.add_subparsers(required=True, metavar="COMMAND")
    add_dataset_commands(areas)
    add_train_command(areas)
    add_runs_commands(areas)
    add_models_commands(areas)
    add_predict_command(areas)
    add_storage_commands(areas)
    return parser
