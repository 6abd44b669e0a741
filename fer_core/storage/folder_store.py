"""The door to a folder: on this computer, on a network drive, or on a mounted Google Drive."""

import contextlib
import os
import time
import uuid
from pathlib import Path

from fer_core.errors import StorageError
from fer_core.storage.address import Address
from fer_core.storage.failures import disk_error
from fer_core.storage.store import CHUNK, OnBytes

_UNFINISHED = ".unfinished"
_SECONDS_ABANDONED = 24 * 3600  # nobody writes one file for so long; its writer was killed


class FolderStore:
    """Keeps objects as files below a folder, which appears with the first of them.

    Args:
        address: Where the folder is.
    """

    def __init__(self, address: Address) -> None:
        self._folder = Path(address.place)
        self.shown = address.text
        self._cleared: set[Path] = set()

    def sizes(self, folder: str) -> dict[str, int]:
        """See `Store.sizes`."""
        top = self._folder / folder if folder else self._folder
        if self._folder.exists() and not self._folder.is_dir():
            raise StorageError(f"'{self._folder}' is a file; expected a folder. Give another address.")
        if not top.is_dir():
            return {}
        found = {}
        try:
            for parent, folders, names in os.walk(top, onerror=_raise):
                folders[:] = [name for name in folders if not name.startswith(".")]
                for name in names:
                    if not name.endswith(_UNFINISHED):
                        path = Path(parent) / name
                        found[path.relative_to(self._folder).as_posix()] = path.stat().st_size
        except OSError as error:
            raise disk_error(top, error) from error
        return found

    def fetch(self, name: str, target: Path, on_bytes: OnBytes) -> None:
        """See `Store.fetch`."""
        try:
            _copy(self._folder / name, target, on_bytes)
        except FileNotFoundError as error:
            raise StorageError(
                f"'{name}' is missing in {self.shown}. Push again from a computer that has it."
            ) from error
        except OSError as error:
            raise disk_error(error.filename or target, error) from error

    def put(self, source: Path, name: str, on_bytes: OnBytes) -> None:
        """See `Store.put`."""
        target = self._folder / name
        unfinished = target.with_name(f".{uuid.uuid4().hex}{_UNFINISHED}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._clear_abandoned(target.parent)
            _copy(source, unfinished, on_bytes)
            os.replace(unfinished, target)
        except OSError as error:
            raise disk_error(target, error) from error
        finally:
            unfinished.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """See `Store.remove`."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(self._folder / name, error) from error

    def _clear_abandoned(self, folder: Path) -> None:
        """Delete what killed pushes began to write into a folder, once."""
        if folder in self._cleared:
            return
        self._cleared.add(folder)
        for path in folder.glob(f".*{_UNFINISHED}"):
            with contextlib.suppress(FileNotFoundError):  # somebody else has cleared it
                if time.time() - path.stat().st_mtime > _SECONDS_ABANDONED:
                    path.unlink()


def _copy(source: Path, target: Path, on_bytes: OnBytes) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            writing.write(chunk)
            on_bytes(len(chunk))
        writing.flush()
        os.fsync(writing.fileno())


def _raise(error: OSError) -> None:
    raise error
