"""Names of runs: which ones there can be, and the next one that is free.

A run's name is its folder's below FER_HOME/runs and the name of the model it makes.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.models.catalog import SHIPPED_NAME
from fer_core.settings import load_settings
from fer_core.training.config import TrainConfig

_LONGEST = 64
_NAME = re.compile(rf"\w[\w.-]{{0,{_LONGEST - 1}}}")
_NUMBERED = re.compile(r"(?P<stem>.+)-\d+")
_NUMBERS = range(1, 100_000)


def is_name(name: str) -> bool:
    """Return whether a run can have this name."""
    return _NAME.fullmatch(name) is not None


def named_folder(name: str) -> Path:
    """Make the folder of a new run with a name of its own.

    Raises:
        TrainingError: If it cannot be a name, or is taken.
    """
    if not is_name(name):
        raise TrainingError(f"{name!r} cannot be a name. Use up to 64 letters, digits, points, hyphens, underscores.")
    if name == SHIPPED_NAME:
        raise TrainingError(f"{name!r} is the name of the model that comes along. Choose another name.")
    folder = _first_free([name])
    if folder is None:
        raise TrainingError(f"There is a run {name!r} already. Choose another name or remove it first.")
    return folder


def numbered_folder(config: TrainConfig) -> Path:
    """Make the folder of a new run that is named after its dataset and architecture."""
    return _numbered(_stem(config), _NUMBERS)


def next_folder(name: str, config: TrainConfig) -> Path:
    """Make the folder of a run that tries again what the run `name` was asked to do."""
    numbered = _NUMBERED.fullmatch(name)
    stem = numbered["stem"] if numbered else name
    is_ours = stem == _stem(config) or (load_settings().runs_folder / stem).exists()
    return _numbered(stem if is_ours else name, _NUMBERS[1:])


def _stem(config: TrainConfig) -> str:
    return f"{config.dataset}-{config.architecture}"


def _numbered(stem: str, numbers: Iterable[int]) -> Path:
    longest = _LONGEST - len(f"-{_NUMBERS[-1]}")
    folder = _first_free(f"{stem[:longest]}-{number}" for number in numbers)
    if folder is None:
        raise TrainingError(f"All numbered names like '{stem}-1' are taken. Choose a name, or remove some runs.")
    return folder


def _first_free(names: Iterable[str]) -> Path | None:
    """Make the folder of the first free name; making it is also what keeps two runs from taking one name."""
    runs = load_settings().runs_folder
    try:
        runs.mkdir(parents=True, exist_ok=True)
        for name in names:
            try:
                (runs / name).mkdir()
            except FileExistsError:
                continue
            return runs / name
    except OSError as error:
        raise TrainingError(f"A run cannot be written to '{runs}' ({error}). Check rights and free disk.") from error
    return None
