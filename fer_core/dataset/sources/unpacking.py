"""What every archive format shares: which entries are wanted, how much may come out, and how it is written.

An archive's reader hands in one entry after the other; wanted files appear below one folder under safe names. The
bytes that really come out are counted, because sizes in headers lie.
"""

import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Protocol

from fer_core.dataset.sources.archive_names import safe_path
from fer_core.dataset.sources.folders import is_picture_name
from fer_core.errors import ArchiveError

MAX_ENTRIES = 500_000
MAX_UNPACKED_BYTES = 50 * 2**30
# Pictures are compressed already; deflate reaches at most about 1,030 to 1, and only on empty data.
MAX_RATIO = 200
MIN_BYTES_FOR_RATIO = 100 * 2**20

_CHUNK = 2**20  # bytes
_NESTED_SUFFIXES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar")

OnProgress = Callable[[int, int], None]


class ReadableBytes(Protocol):
    """A stream that can be read in chunks."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


class Unpacker:
    """Decides about an archive's entries and writes the wanted ones.

    Args:
        archive: The archive, for its name and size.
        folder: Existing folder to write into.
    """

    def __init__(self, archive: Path, folder: Path) -> None:
        self.archive_name = archive.name
        self.num_files = 0
        self._packed_bytes = archive.stat().st_size
        self._folder = folder
        self._num_entries = 0
        self._written = 0  # bytes
        self._nested = ""  # name of an archive inside the archive
        self._taken: set[str] = set()
        self._made: set[Path] = set()

    def count_entry(self, count: int = 1) -> None:
        """Note that the archive has more entries.

        Raises:
            ArchiveError: If there are too many of them.
        """
        self._num_entries += count
        if self._num_entries > MAX_ENTRIES:
            raise ArchiveError(
                f"'{self.archive_name}' has more than {MAX_ENTRIES:,} entries; no more are unpacked. Split it, or "
                "unpack it yourself and add the folder."
            )

    def wanted_path(self, name: str) -> str | None:
        """Return where a file entry goes, relative to the folder; None for what is neither picture nor table.

        Raises:
            ArchiveError: If the name is unsafe.
        """
        path = safe_path(name, self.archive_name)
        pure = PurePosixPath(path)
        if pure.suffix.lower() in _NESTED_SUFFIXES and not pure.name.startswith("."):
            self._nested = pure.name
        return path if is_picture_name(pure) or _is_table_name(pure) else None

    def refuse_link(self, name: str) -> None:
        """Refuse an archive that holds a link or a device.

        Raises:
            ArchiveError: Always.
        """
        raise ArchiveError(
            f"'{self.archive_name}' contains {name[:120]!r}, a link or a device. Links are not unpacked; pack the "
            "files themselves."
        )

    def check_growth(self, unpacked: int) -> None:
        """Refuse an archive out of which too many bytes come, or would come.

        Raises:
            ArchiveError: If it looks like a decompression bomb.
        """
        bomb = unpacked > MIN_BYTES_FOR_RATIO and unpacked > MAX_RATIO * max(self._packed_bytes, 1)
        if bomb or unpacked > MAX_UNPACKED_BYTES:
            raise ArchiveError(
                f"'{self.archive_name}' grows from {self._packed_bytes / 2**20:,.1f} MB to {unpacked / 2**20:,.0f} MB "
                f"or more. That looks like a decompression bomb; at most {MAX_UNPACKED_BYTES / 2**30:.0f} GB and "
                f"{MAX_RATIO} times the packed size are unpacked. Unpack it yourself and add the folder if you trust "
                "it."
            )

    def check_room(self, needed: int) -> None:
        """Refuse to begin what the disk cannot hold.

        Raises:
            ArchiveError: If fewer than `needed` bytes are free.
        """
        free = shutil.disk_usage(self._folder).free
        if needed > free:
            raise ArchiveError(
                f"'{self.archive_name}' needs {needed / 2**20:,.0f} MB of disk space once unpacked, and "
                f"{free / 2**20:,.0f} MB are free. Free some space, then add it again."
            )

    def write(self, path: str, stream: ReadableBytes, on_chunk: Callable[[], None]) -> None:
        """Write one wanted file and call `on_chunk` between its parts, so that a big one can be cancelled."""
        target = self._folder / self._free(path)
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        with target.open("xb") as file:
            while chunk := stream.read(_CHUNK):
                self._written += len(chunk)
                self.check_growth(self._written)
                file.write(chunk)
                on_chunk()
        self.num_files += 1

    def check_found(self) -> None:
        """Refuse an archive without a picture or table.

        Raises:
            ArchiveError: If nothing was wanted.
        """
        if self.num_files:
            return
        inside = f" but another archive, '{self._nested}': unpack that one first." if self._nested else "."
        raise ArchiveError(
            f"'{self.archive_name}' contains no pictures and no table{inside} Expected class folders such as "
            "train/happy/1.png or happy/1.png, or a FER2013 CSV."
        )

    def _free(self, path: str) -> str:
        """Number a path that is taken, also where only case differs: half of all file systems see no difference."""
        pure = PurePosixPath(path)
        candidate, number = path, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = str(pure.with_name(f"{pure.stem}-{number}{pure.suffix}"))
        self._taken.add(candidate.casefold())
        return candidate


def _is_table_name(path: PurePosixPath) -> bool:
    """Tell whether a path names a CSV; FER2013 was published as one."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() == ".csv"
