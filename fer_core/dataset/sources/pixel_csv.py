"""Turns FER2013's published table, one row of grey values a picture, into class folders of pictures.

The CSV comes in, in either of its releases (`emotion,pixels,Usage`, or ` emotion, Usage, pixels` with spaces); PNG
files below `<split>/<label>/` go out, so that everything afterwards is the same as for any folder.
"""

import csv
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.dataset.sources.folders import SPLIT_NAMES
from fer_core.errors import DatasetError

# Goodfellow et al., "Challenges in Representation Learning" (2013): the numbers of the table. Class folders are in
# alphabetical order, which puts neutral before sad.
FER2013_LABELS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

_COLUMNS = ("emotion", "pixels")
_USAGE = "usage"
_SAFE_NAME = re.compile(r"\w[\w -]{0,39}")
_NUMBERS = re.compile(r"[0-9 ]+")
_MIN_SIDE, _MAX_SIDE = 16, 180  # pixels; csv takes fields of 131,072 characters
_MAX_LINE = 2**20  # characters; a row of FER2013 has at most 9,232
_BLOCK = 2**20  # bytes

OnProgress = Callable[[int, int], None]


def is_pixel_csv(file: Path) -> bool:
    """Tell by its first line whether a file is a table of pictures as grey values."""
    return set(_COLUMNS) <= _columns(file)


def has_usage(file: Path) -> bool:
    """Tell by its first line whether a table of pictures says which split each belongs to."""
    return _USAGE in _columns(file)


def unpack_pixel_csv(table: Path, folder: Path, *, on_progress: OnProgress | None = None) -> int:
    """Write every row as a PNG file, one row at a time: memory does not grow with the table.

    Usage gives the split (train, public_test, private_test; train without the column) and emotion the label, by the
    published numbers; another number or word becomes a label under its own name. A row whose pixels are not what the
    first row's are becomes an empty file, which the index counts as unreadable.

    Args:
        table: The CSV; it is only read.
        folder: Existing folder to write `<split>/<label>/<usage>_<row>.png` into; rows count from 0.
        on_progress: Called with (rows done, rows in all); the latter is the number of lines.

    Returns:
        How many rows there were.

    Raises:
        DatasetError: If it is no such table, a row is cut off, or a row has no emotion.
    """
    if not is_pixel_csv(table):
        raise DatasetError(f"'{table.name}' is no table of pictures. Expected the columns emotion, pixels and Usage.")
    total = max(_num_lines(table) - 1, 1)
    side, number = 0, -1
    for number, (place, pixels) in enumerate(_rows(table)):
        side = side or _side(pixels) or 0
        picture = _picture(pixels, side)
        file = folder / place.format(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"" if picture is None else cv2.imencode(".png", picture)[1].tobytes())
        if on_progress and number % 64 == 0:
            on_progress(min(number + 1, total), total)
    if number < 0:
        raise DatasetError(f"'{table.name}' has a header and no rows. Download it again.")
    if on_progress:
        on_progress(total, total)
    return number + 1


def _columns(file: Path) -> set[str]:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as opened:
            header = opened.readline(4096)
    except OSError:
        return set()
    return {name.strip(' "\r\n').casefold() for name in header.split(",")}


def _rows(table: Path) -> Iterator[tuple[str, str]]:
    """Where each row's picture goes, with {} for its number, and its grey values as text."""
    with table.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(_lines(file, table.name), skipinitialspace=True)
        try:
            columns = [name.strip().casefold() for name in next(reader)]
            for row in reader:
                if not row:
                    continue
                if len(row) != len(columns):
                    raise _broken(table.name, reader.line_num, f"{len(row)} of {len(columns)} columns: it is cut off")
                cells = dict(zip(columns, row, strict=True))
                yield _place(cells, table.name, reader.line_num), cells["pixels"]
        except csv.Error as error:
            raise _broken(table.name, reader.line_num, f"no readable cells ({error})") from error


def _lines(file: TextIO, name: str) -> Iterator[str]:
    number = 0
    while line := file.readline(_MAX_LINE):
        number += 1
        if len(line) == _MAX_LINE:
            raise _broken(name, number, f"more than {_MAX_LINE:,} characters")
        yield line


def _place(cells: dict[str, str], name: str, line: int) -> str:
    emotion, usage = cells["emotion"].strip(), cells.get(_USAGE, "Training").strip()
    if re.fullmatch(r"[0-9]{1,3}", emotion):
        number = int(emotion)
        label = FER2013_LABELS[number] if number < len(FER2013_LABELS) else str(number)
    else:
        label = emotion
    split = SPLIT_NAMES.get(usage.casefold(), usage.casefold())
    for what, value in (("emotion", label), ("Usage", split)):
        if not _SAFE_NAME.fullmatch(value):
            raise _broken(name, line, f"{value[:80]!r} as its {what}")
    return f"{split}/{label}/{usage}_{{:07d}}.png"


def _side(pixels: str) -> int | None:
    """The side of a square picture with so many values, or None."""
    num_values = len(pixels.split())
    side = math.isqrt(num_values)
    return side if side * side == num_values and _MIN_SIDE <= side <= _MAX_SIDE else None


def _picture(pixels: str, side: int) -> npt.NDArray[np.uint8] | None:
    """The picture, (side, side) uint8, or None where the values are too few, too many, no numbers or out of range."""
    if not side or not _NUMBERS.fullmatch(pixels):  # which also keeps np.fromstring from meeting what it cannot read
        return None
    values = np.fromstring(pixels, dtype=np.int64, sep=" ")  # ten times as fast as int() of each
    if values.size != side * side or values.max() > 255:
        return None
    return values.astype(np.uint8).reshape(side, side)


def _num_lines(table: Path) -> int:
    with table.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b"")) + 1


def _broken(name: str, line: int, found: str) -> DatasetError:
    return DatasetError(
        f"Line {line:,} of '{name}' has {found}. Expected emotion, pixels and Usage. Download the table again, or "
        "take the line out."
    )
