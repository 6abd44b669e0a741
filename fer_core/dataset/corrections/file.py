"""The file of corrections: one CSV beside the index that only grows, by whole batches, whoever writes at once.

Rows come in as one batch, under a lock that every process respects; they reach the disk all together or the file is
left as it was. An edit's id says how many rows its batch has, so a batch cut short by a crash is told from a whole
one: readers leave it out, and the next writer cuts it off.
"""

import csv
import io
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock
import pandas as pd

from fer_core.errors import DatasetError
from fer_core.locks import lockable

CORRECTIONS_NAME = "corrections.csv"
ACTIONS: tuple[str, ...] = ("relabel", "exclude", "restore")
COLUMNS: tuple[str, ...] = ("time", "path", "action", "old_label", "new_label", "reason", "edit_id", "author")

_LOCK_NAME = ".corrections.lock"
_LOCK_SECONDS = 10.0  # an edit holds the lock for some milliseconds
_HEADER = ",".join(COLUMNS) + "\n"
_EDIT_ID = re.compile(r"(?P<token>[0-9a-f]{12})-(?P<size>\d+)(?:-(?P<kind>undo|redo)-(?P<of>[0-9a-f]{12}))?")
# A spreadsheet runs a cell that begins so as a formula (OWASP, "CSV Injection"); an apostrophe in front makes it text.
_FORMULA_STARTS = "=+\\-@＝＋－＠\t\r"
_NEEDS_GUARD = re.compile(f"['{_FORMULA_STARTS}]")
_GUARDED = f"^'(?=['{_FORMULA_STARTS}])"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Change:
    """One row to write: what happens to one picture, with the labels before and after."""

    path: str
    action: str
    old_label: str
    new_label: str
    reason: str = ""


@dataclass(frozen=True)
class EditId:
    """What an edit's id says: its token, how many rows its batch has, and of which edit it is the undo or redo."""

    token: str
    size: int | None
    kind: str
    of: str


def parse_edit_id(text: str) -> EditId:
    """Read an edit's id; one that was not made here stands for itself and says no size."""
    found = _EDIT_ID.fullmatch(text)
    if found is None:
        return EditId(text, None, "edit", "")
    return EditId(found["token"], int(found["size"]), found["kind"] or "edit", found["of"] or "")


class CorrectionFile:
    """The file while its lock is held: what it says, and the way to add a batch.

    Attributes:
        rows: The corrections so far, oldest first; columns as in `COLUMNS`, all text.
    """

    def __init__(self, path: Path) -> None:
        """Read the file; one that is not there is empty."""
        self._path = path
        content = path.read_bytes() if path.exists() else b""
        self.rows, self._end = _whole_batches(content)

    def append(self, changes: Sequence[Change], *, author: str, kind: str = "edit", of: str = "") -> str:
        """Write one batch, all of it or nothing.

        Args:
            changes: What to write, at least one.
            author: Token of who does it.
            kind: `edit`, `undo` or `redo`.
            of: Token of the edit that is undone or redone.

        Returns:
            The edit's id.

        Raises:
            DatasetError: If the disk is full or a path cannot be written as one line; the file is then unchanged.
        """
        edit_id = f"{uuid.uuid4().hex[:12]}-{len(changes)}" + (f"-{kind}-{of}" if kind != "edit" else "")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for change in changes:
            reason, who = (" ".join(_CONTROL.sub(" ", value).split()) for value in (change.reason, author))
            row = (now, change.path, change.action, change.old_label, change.new_label, reason, edit_id, who)
            writer.writerow([_cell(value) for value in row])
        try:
            content = ((_HEADER if self._end == 0 else "") + text.getvalue()).encode("utf-8")
        except UnicodeEncodeError as error:
            raise DatasetError(
                "A picture's name is not valid Unicode, so nothing was changed. Rename the file and add the dataset "
                "again."
            ) from error
        _write_at(self._path, self._end, content)
        return edit_id


@contextmanager
def locked_corrections(folder: Path) -> Iterator[CorrectionFile]:
    """Hold the right to add to a dataset folder's corrections.

    Raises:
        DatasetError: If the folder is gone, cannot be written, or somebody else holds the lock for too long.
    """
    if not folder.is_dir():
        raise DatasetError(f"The dataset {folder.name!r} has been removed; nothing was changed.")
    lock = filelock.FileLock(lockable(folder / _LOCK_NAME), timeout=_LOCK_SECONDS, poll_interval=0.005)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise DatasetError(
            f"Somebody else has been writing corrections for {_LOCK_SECONDS:.0f} s; nothing was changed. Try again."
        ) from error
    except OSError as error:
        raise _cannot_write(error) from error
    try:
        yield CorrectionFile(folder / CORRECTIONS_NAME)
    finally:
        lock.release()


def read_corrections_file(path: Path) -> pd.DataFrame:
    """Read a dataset's own corrections without the lock; a batch that is being written is not there yet.

    Raises:
        DatasetError: If the file is damaged beyond a last batch cut short.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    return _whole_batches(content)[0]


def parse_table(content: bytes, *, separator: str = ",") -> pd.DataFrame:
    """Read CSV text as it is written here: all values text, the guard against formulas taken off.

    Raises:
        ValueError: If it is no UTF-8, or no table.
    """
    table = pd.read_csv(io.BytesIO(content), sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError("its rows have more cells than its header")
    table = table.fillna("")  # a row with too few cells
    for column in table.columns:
        if table[column].str.startswith("'").any():
            table[column] = table[column].str.replace(_GUARDED, "", regex=True)
    return table


def _whole_batches(content: bytes) -> tuple[pd.DataFrame, int]:
    """Return the rows of all whole batches and where they end in the file, in bytes."""
    end = content.rfind(b"\n") + 1
    if end == 0:
        return pd.DataFrame(columns=list(COLUMNS), dtype=str), 0
    try:
        rows = parse_table(content[:end])
    except ValueError as error:
        raise _damaged(str(error)) from error
    if tuple(rows.columns) != COLUMNS:
        raise _damaged(f"its columns are {', '.join(map(str, rows.columns))}")
    num_torn = _num_torn(rows)
    for _ in range(num_torn):
        end = content.rfind(b"\n", 0, end - 1) + 1
    rows = rows.iloc[: len(rows) - num_torn]
    if not rows["action"].isin(ACTIONS).all():
        raise _damaged(f"its actions are {', '.join(sorted(rows['action'].unique()))}")
    return rows, end


def _num_torn(rows: pd.DataFrame) -> int:
    """How many rows at the end belong to a batch that is not whole."""
    if rows.empty:
        return 0
    last = rows["edit_id"].iloc[-1]
    size = parse_edit_id(last).size
    found = int((rows["edit_id"] == last).sum())
    return found if size is not None and found < size else 0


def _write_at(path: Path, start: int, content: bytes) -> None:
    """Write at the end of what is whole; whatever goes wrong, the file ends there again."""
    try:
        with path.open("r+b" if path.exists() else "x+b", buffering=0) as file:
            try:
                file.truncate(start)
                file.seek(start)
                left = memoryview(content)
                while left:  # a raw write may take only a part
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except BaseException:
                with suppress(OSError):  # readers leave a torn batch out anyway
                    file.truncate(start)
                raise
    except OSError as error:
        raise _cannot_write(error) from error


def _cell(value: str) -> str:
    if _CONTROL.search(value):
        raise DatasetError(
            f"{value!r} holds a control character, so nothing was changed. Rename it and add the dataset again."
        )
    return f"'{value}" if _NEEDS_GUARD.match(value) else value


def _cannot_write(error: OSError) -> DatasetError:
    return DatasetError(
        f"The correction cannot be written ({error.strerror or error}); nothing was changed. "
        "Free some disk space or check the folder's rights, then try again."
    )


def _damaged(what: str) -> DatasetError:
    return DatasetError(
        f"The file {CORRECTIONS_NAME} is damaged: {what}. Expected the columns {', '.join(COLUMNS)} and the actions "
        f"{', '.join(ACTIONS)}. Mend it in a text editor, or move it away to go on without corrections."
    )
