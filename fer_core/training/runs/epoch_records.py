"""What a training notes down beside its model: the files' names and how to read them.

A run's folder comes in; its history, the details of every epoch, the faces it watches and the use of the hardware go
out. The files may grow while they are read: a last line that is only half written is passed over.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

HISTORY_NAME = "history.csv"
EPOCHS_NAME = "epochs.jsonl"
WATCHED_NAME = "watched_faces.json"
HARDWARE_NAME = "hardware.csv"

HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "val_macro_f1",
    "learning_rate",
    "seconds",
    "images_per_second",
    "ended_at",
    "phase",
)
HARDWARE_COLUMNS = ("time", "cpu_percent", "memory_mb", "gpu_percent", "gpu_memory_mb")

_Record = TypeVar("_Record", "EpochRecord", "WatchedFaces")


@dataclass(frozen=True)
class EpochRecord:
    """How the validation part was judged at the end of one epoch.

    Args:
        epoch: Number of the epoch, from 1.
        confusion: Counts, rows = true class, columns = predicted class, in the order of the class names.
        recall: Class name -> share of its pictures that were recognised, 0-1.
        f1: Class name -> F1, 0-1.
        faces: For each watched face the probabilities of the classes, in the order of the class names.
    """

    epoch: int
    confusion: list[list[int]]
    recall: dict[str, float]
    f1: dict[str, float]
    faces: list[list[float]]


@dataclass(frozen=True)
class WatchedFaces:
    """A fixed row of validation faces whose probabilities are noted at every epoch's end.

    Args:
        class_names: The classes in the order of all probabilities of the run.
        image_ids: Rows of the dataset's index.
        labels: The true class of each face.
    """

    class_names: list[str]
    image_ids: list[int]
    labels: list[str]


def read_history(folder: Path) -> pd.DataFrame:
    """Return one row for each finished epoch, columns as in `HISTORY_COLUMNS`; empty before the first."""
    return _read_table(folder / HISTORY_NAME, HISTORY_COLUMNS)


def read_epochs(folder: Path) -> list[EpochRecord]:
    """Return the details of the finished epochs, in order; empty before the first."""
    parsed = (_parsed(line, EpochRecord) for line in _whole_lines(folder / EPOCHS_NAME))
    return [record for record in parsed if record is not None]


def read_watched(folder: Path) -> WatchedFaces | None:
    """Return the faces that a run watches, None as long as they are not chosen."""
    try:
        return _parsed((folder / WATCHED_NAME).read_text(encoding="utf-8"), WatchedFaces)
    except (OSError, UnicodeDecodeError):
        return None


def read_hardware(folder: Path) -> pd.DataFrame:
    """Return the use of the hardware over time.

    Returns:
        Columns time (unix s), cpu_percent (of all cores, 0-100), memory_mb (of the process), gpu_percent (0-100) and
        gpu_memory_mb, NaN where there is no GPU; empty as long as nothing is noted.
    """
    return _read_table(folder / HARDWARE_NAME, HARDWARE_COLUMNS)


def _whole_lines(path: Path) -> Iterator[str]:
    """The lines of a file that end in a line break; none where there is no file."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    yield from (line for line in text.split("\n")[:-1] if line.strip())


def _read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    lines = [line.rstrip("\r") for line in _whole_lines(path)]
    lines = [line for line in lines if line.count(",") == lines[0].count(",")]
    table = pd.read_csv(StringIO("\n".join(lines))) if lines else pd.DataFrame()
    return table.reindex(columns=list(columns))


def _parsed(text: str, kind: type[_Record]) -> _Record | None:
    """Return the record that a JSON object holds, None where it is none."""
    try:
        values: dict[str, Any] = json.loads(text)
        return kind(**{field.name: values[field.name] for field in fields(kind)})
    except (ValueError, TypeError, KeyError):
        return None
