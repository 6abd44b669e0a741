"""What a batch has done so far, kept beside its output until the whole table can be written.

Each picture that was read becomes one line, written at once; a batch that was killed leaves at most a cut last line,
which is dropped when the same batch goes on. The folder `<output>.unfinished` holds the journal and a lock.
"""

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock

from fer_core.errors import SettingsError
from fer_core.prediction.tables import unwritable

_JOURNAL, _LOCK = "journal.jsonl", "lock"


def unfinished_folder(out: Path) -> Path:
    """Return where a batch that has not ended keeps what it has done."""
    return out.with_name(f"{out.name}.unfinished")


@contextmanager
def open_journal(out: Path, settings: Mapping[str, Any]) -> Iterator["Journal"]:
    """Go on with the journal of an output, or begin one; `Journal.discard` ends it for good.

    Args:
        out: The output of the batch.
        settings: What its rows depend on (JSON values); lines written under other settings are thrown away.

    Raises:
        SettingsError: If another process writes this output, or nothing can be written there.
    """
    folder = unfinished_folder(out)
    lock = filelock.FileLock(folder / _LOCK, blocking=False)
    try:
        folder.mkdir(exist_ok=True)
        lock.acquire()
        journal = Journal(folder / _JOURNAL, settings)
    except filelock.Timeout as error:
        raise SettingsError(
            f"Another batch is writing {str(out)!r} now. Wait for it or choose another name."
        ) from error
    except OSError as error:
        lock.release()
        raise unwritable(folder, error) from error
    try:
        yield journal
    finally:
        journal.close()
        lock.release()
        if journal.is_discarded:
            shutil.rmtree(folder, ignore_errors=True)


class Journal:
    """Lines about pictures in a file that only grows; made by `open_journal`.

    Args:
        path: The file; what is in it is gone on with.
        settings: What the lines depend on.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        self._path = path
        self._offsets: dict[str, int] = {}  # name of a picture -> where its line begins
        self.is_discarded = False
        first = _line({"settings": dict(settings)})
        with path.open("a+b") as file:
            end = self._take_up(file, first)
            file.truncate(end)
        self._file = path.open("ab", buffering=0)
        self._reader = path.open("rb")
        self._end = end
        if end == 0:
            self._append(first)

    def __len__(self) -> int:
        """Return about how many pictures there is a line."""
        return len(self._offsets)

    def add(self, name: str, content: Mapping[str, Any]) -> None:
        """Keep what came of a picture (JSON values).

        Raises:
            SettingsError: If it cannot be written.
        """
        self._offsets[name] = self._end
        self._append(_line({"image": name, **content}))

    def find(self, name: str) -> dict[str, Any] | None:
        """Return what was kept of a picture, None where there is nothing."""
        offset = self._offsets.get(name)
        if offset is None:
            return None
        self._reader.seek(offset)
        return dict(json.loads(self._reader.readline()))

    def discard(self) -> None:
        """Throw it away once it is closed, because the output is whole."""
        self.is_discarded = True

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        self._reader.close()

    def _take_up(self, file: io.BufferedRandom, first: bytes) -> int:
        """Note where each line begins and return where the last whole one ends; 0 where there is nothing to take up."""
        file.seek(0)
        if file.readline() != first:
            return 0
        end = len(first)
        for line in file:
            name = _name_in(line)
            if name is None:
                break
            self._offsets[name] = end
            end += len(line)
        return end

    def _append(self, line: bytes) -> None:
        try:
            done = self._file.write(line)
            while done < len(line):  # a disk that fills up takes a part
                done += self._file.write(line[done:])
        except OSError as error:
            raise unwritable(self._path, error) from error
        self._end += len(line)


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8") + b"\n"


def _name_in(line: bytes) -> str | None:
    """The picture that a line is about; None where the line was cut or damaged."""
    if not line.endswith(b"\n"):
        return None
    try:
        return str(json.loads(line)["image"])
    except (ValueError, KeyError, TypeError):
        return None
