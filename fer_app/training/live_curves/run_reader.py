"""What a run has noted so far, kept parsed and already written as JSON, so that a look costs no more than its news.

One reader serves all sessions that watch a run. It goes by the files' size and time (`GrowingFile`); a live page asks
once a second, and mostly nothing but the log and the use of the hardware has changed.
"""

import csv
import json
import math
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from fer_app.training.live_curves.growing_file import GrowingFile
from fer_core.training.runs.epoch_records import (
    EPOCHS_NAME,
    HARDWARE_COLUMNS,
    HARDWARE_NAME,
    HISTORY_COLUMNS,
    HISTORY_NAME,
)

CURVE_COLUMNS = tuple(name for name in HISTORY_COLUMNS if name != "phase")
MAX_HARDWARE = 240  # points that a new viewer gets; about eight minutes

Parse = Callable[[str], str | None]


class Records:
    """The records of one growing file as JSON texts, in order.

    Args:
        path: The file.
        header: Whether its first line names the columns.
        parse: Makes a JSON text of a line (or of its named values, as JSON), None where it is no record.
    """

    def __init__(self, path: Path, parse: Callable[[Any], str | None], *, header: bool) -> None:
        self.texts: list[str] = []
        self._file = GrowingFile(path)
        self._parse = parse
        self._has_header = header
        self._columns: list[str] = []

    def refresh(self) -> None:
        """Read what is new."""
        began_afresh, lines = self._file.read()
        if began_afresh:
            self.texts, self._columns = [], []
        if self._has_header and not self._columns and lines:
            self._columns, lines = lines[0].split(","), lines[1:]
        found = (self._parse(self._values(line) if self._has_header else line) for line in lines)
        self.texts.extend(text for text in found if text is not None)

    def _values(self, line: str) -> dict[str, str]:
        values = next(csv.reader([line]))
        return dict(zip(self._columns, values, strict=True)) if len(values) == len(self._columns) else {}


class RunReader:
    """The curves, the epochs' details and the use of the hardware of one run.

    Args:
        folder: The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.rows = Records(folder / HISTORY_NAME, _curve_row, header=True)
        self.epochs = Records(folder / EPOCHS_NAME, _epoch, header=False)
        self.hardware = Records(folder / HARDWARE_NAME, _hardware_row, header=True)
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Read what is new in any of the files."""
        with self._lock:
            for records in (self.rows, self.epochs, self.hardware):
                records.refresh()


@lru_cache(maxsize=32)
def reader_of(folder: Path) -> RunReader:
    """Return the reader of a run, the same for all who watch it."""
    return RunReader(folder)


def _curve_row(values: dict[str, str]) -> str | None:
    row = [_number(values.get(name)) for name in CURVE_COLUMNS]
    return json.dumps(row) if row[0] is not None else None


def _hardware_row(values: dict[str, str]) -> str | None:
    row = [_number(values.get(name)) for name in HARDWARE_COLUMNS]
    return json.dumps(row) if row[0] is not None else None


def _epoch(line: str) -> str | None:
    """Make a record smaller: probabilities in thousandths, no values that JSON does not know."""
    try:
        record = json.loads(line, parse_constant=lambda name: None)
        kept = {
            "epoch": int(record["epoch"]),
            "confusion": [[int(count) for count in row] for row in record["confusion"]],
            "recall": {str(name): _rounded(value) for name, value in record["recall"].items()},
            "faces": [[_rounded(value) for value in face] for face in record.get("faces") or []],
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return json.dumps(kept, separators=(",", ":"))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
