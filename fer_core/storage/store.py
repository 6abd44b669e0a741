"""What every door to an address can do: list, fetch, put and remove objects by name.

An object is a file that is written once, whole or not at all, under a name with `/` in it. Nothing more is asked of a
place: no locks, no times, no renaming, so that the slowest of them will do.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fer_core.errors import StorageError
from fer_core.storage.address import Address

OnBytes = Callable[[int], None]  # told how many bytes have passed since the last call; may raise to stop
CHUNK = 1024 * 1024  # bytes between two looks at whether to stop


class Store(Protocol):
    """A place that keeps objects."""

    @property
    def shown(self) -> str:
        """The address for people and logs."""

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the size in bytes of every object below a folder, by full name; {} where there is none.

        Raises:
            StorageError: If the place cannot be reached or read.
        """

    def fetch(self, name: str, target: Path, on_bytes: OnBytes) -> None:
        """Copy an object into a file, which is not whole where this fails.

        Raises:
            StorageError: If the object is missing or cannot be read, or the file cannot be written.
        """

    def put(self, source: Path, name: str, on_bytes: OnBytes) -> None:
        """Copy a file into an object.

        Raises:
            StorageError: If it cannot be written; whatever is left of it then does not have its size.
        """

    def remove(self, name: str) -> None:
        """Delete an object; one that is not there is no error.

        Raises:
            StorageError: If it cannot be deleted.
        """


def open_store(address: Address) -> Store:
    """Return the door to an address; nothing is looked for there yet, save what the door itself needs.

    Raises:
        StorageError: If the door cannot be used on this computer.
    """
    if address.kind == "folder":
        from fer_core.storage.folder_store import FolderStore

        return FolderStore(address)
    if address.kind == "rclone":
        from fer_core.storage.rclone_store import RcloneStore

        return RcloneStore(address)
    if address.kind in ("s3", "gs"):
        from fer_core.storage.bucket_store import BucketStore

        return BucketStore(address)
    raise StorageError(f"There is no way to {address.kind!r}.")
