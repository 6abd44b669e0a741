"""Writes down every epoch of a training: a row of the history, a line of details, TensorBoard's scalars.

Other processes read the files while they grow, so a row is appended in one piece. What was written after the state
that a training is resumed from is cut off.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fer_core.jobs.folder import write_json, write_whole
from fer_core.training.fitting.tensorboard_log import TensorBoardLog
from fer_core.training.runs.epoch_records import (
    EPOCHS_NAME,
    HISTORY_COLUMNS,
    HISTORY_NAME,
    WATCHED_NAME,
    EpochRecord,
    WatchedFaces,
    read_epochs,
    read_history,
)

TENSORBOARD_FOLDER = "tensorboard"

_TEXT_COLUMNS = ("epoch", "phase")


class EpochLog:
    """The files of a run that gain a row with every epoch.

    Args:
        folder: The run's folder.
        watched: The faces whose probabilities are among the details.
        num_epochs: Epochs that are done already and stay; the rest of an earlier record is removed.
    """

    def __init__(self, folder: Path, watched: WatchedFaces, *, num_epochs: int = 0) -> None:
        self.folder = folder
        write_json(folder / WATCHED_NAME, asdict(watched))
        history, epochs = read_history(folder), read_epochs(folder)
        rows = history[history["epoch"] <= num_epochs] if num_epochs else history.iloc[:0]
        write_whole(folder / HISTORY_NAME, lambda partial: rows.to_csv(partial, index=False))
        lines = "".join(_line(record) for record in epochs if record.epoch <= num_epochs)
        write_whole(folder / EPOCHS_NAME, lambda partial: partial.write_text(lines, encoding="utf-8"))
        if not num_epochs:
            shutil.rmtree(folder / TENSORBOARD_FOLDER, ignore_errors=True)
        self._tensorboard = TensorBoardLog(folder / TENSORBOARD_FOLDER, first_step=num_epochs + 1)

    def write(self, values: Mapping[str, Any], record: EpochRecord) -> None:
        """Append an epoch.

        Args:
            values: A value for each of `HISTORY_COLUMNS`.
            record: The details.

        Raises:
            OSError: If they cannot be written.
        """
        row = {name: _text(name, values[name]) for name in HISTORY_COLUMNS}
        text = io.StringIO()
        csv.DictWriter(text, HISTORY_COLUMNS, lineterminator="\n").writerow(row)
        append_text(self.folder / HISTORY_NAME, text.getvalue())
        append_text(self.folder / EPOCHS_NAME, _line(record))
        scalars = {name: float(values[name]) for name in HISTORY_COLUMNS if name not in _TEXT_COLUMNS}
        self._tensorboard.write(record.epoch, scalars, at=scalars.pop("ended_at"))


def append_text(path: Path, text: str) -> None:
    """Append text to a file in one piece; where that fails, the file is as it was.

    Raises:
        OSError: If it cannot be written.
    """
    with path.open("ab", buffering=0) as file:
        start = file.seek(0, os.SEEK_END)
        content = text.encode()
        try:
            if file.write(content) != len(content):
                raise OSError(f"'{path}' could only be written in part: the disk may be full")
        except OSError:
            file.truncate(start)
            raise


def _line(record: EpochRecord) -> str:
    return json.dumps(asdict(record), separators=(",", ":")) + "\n"


def _text(name: str, value: Any) -> str:
    if name in _TEXT_COLUMNS:
        return str(value)
    return f"{value:.3f}" if name in ("ended_at", "seconds") else f"{value:.6g}"
