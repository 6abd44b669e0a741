"""Result tables as files: CSV, Parquet or JSON lines, by the ending of the name.

Rows come in as they are made, and a file with one row a face goes out; however long the table, no more than some
thousand rows are in memory.
"""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from fer_core.errors import SettingsError

Row = Mapping[str, Any]
Columns = Mapping[str, type]  # name -> str, int, float or bool; any value may be None

_ROWS_AT_A_TIME = 5_000  # in a Parquet file's row group


class TableFile(Protocol):
    """A table that grows row by row."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""

    def close(self) -> None:
        """End the table; only then is it whole."""


class CsvTable:
    """Comma-separated values in UTF-8, numbers with six decimals.

    Args:
        path: The file, made anew.
        columns: Its columns.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        self._columns = tuple(columns)
        self._file = path.open("wb", buffering=0)  # rows of one call are written at once: no reader sees half a row
        self._append([self._columns])

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows; they are in the file when it returns."""
        self._append([[_csv_cell(row[name]) for name in self._columns] for row in rows])

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, lines: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        _write_all(self._file, text.getvalue().encode("utf-8"))


class JsonLinesTable:
    """One JSON object a line, in UTF-8.

    Args:
        path: The file, made anew.
        columns: Its columns.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        self._columns = tuple(columns)
        self._file = path.open("wb", buffering=0)

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows; they are in the file when it returns."""
        lines = [json.dumps({name: row[name] for name in self._columns}, ensure_ascii=False) + "\n" for row in rows]
        _write_all(self._file, "".join(lines).encode("utf-8"))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetTable:
    """A Parquet file, written in groups of some thousand rows; it can be read once it is closed.

    Args:
        path: The file, made anew.
        columns: Its columns.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        import pyarrow as pa
        import pyarrow.parquet

        types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
        self._schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
        self._table_from = pa.Table.from_pylist
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema)
        self._waiting: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._waiting += rows
        if len(self._waiting) >= _ROWS_AT_A_TIME:
            self._write_group()

    def close(self) -> None:
        """Write what is left and the file's end."""
        if self._waiting:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        self._writer.write_table(self._table_from(self._waiting, self._schema))
        self._waiting = []


_KINDS: dict[str, type[CsvTable] | type[ParquetTable] | type[JsonLinesTable]] = {
    ".csv": CsvTable,
    ".parquet": ParquetTable,
    ".jsonl": JsonLinesTable,
}
TABLE_SUFFIXES = tuple(_KINDS)


def open_table(path: Path, columns: Columns) -> TableFile:
    """Begin a table in the format that the name's ending says; an older file of that name is replaced."""
    return _KINDS[path.suffix.lower()](path, columns)


def face_columns(class_names: Sequence[str]) -> dict[str, type]:
    """Return the columns of a table of faces with their types, those of `Prediction.to_frame`."""
    box: dict[str, type] = dict.fromkeys(("x1", "y1", "x2", "y2", "detection_score"), float)
    label = {"label": str, "confidence": float, "unsure": bool}
    return {"image": str, "face": int, **box, **label, **{f"p_{name}": float for name in class_names}}


def checked_table_path(path: str | Path) -> Path:
    """Return where a table will be written.

    Raises:
        SettingsError: If the name has another ending, or nothing can be written there.
    """
    path = Path(path)
    endings = f"{', '.join(TABLE_SUFFIXES[:-1])} or {TABLE_SUFFIXES[-1]}"
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise SettingsError(f"The output is {str(path)!r}; expected a name that ends in {endings}. Choose such a name.")
    if path.is_dir():
        raise SettingsError(f"The output {str(path)!r} is a folder; expected a file's name. Choose another name.")
    if not path.parent.is_dir():
        raise SettingsError(f"The output's folder {str(path.parent)!r} does not exist. Create it or choose another.")
    if not os.access(path.parent, os.W_OK):
        raise SettingsError(f"The output's folder {str(path.parent)!r} cannot be written to. Choose another one.")
    return path


def unwritable(path: Path, error: OSError) -> SettingsError:
    """Return the error that says why a file could not be written, and what to do."""
    return SettingsError(
        f"{str(path)!r} cannot be written ({error.strerror or error}). Free some space or choose another place."
    )


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _write_all(file: io.FileIO, content: bytes) -> None:
    """Write everything: a raw file may take only a part at a time."""
    done = 0
    while done < len(content):
        done += file.write(content[done:])
