"""Pictures in zips, read one at a time and never unpacked to disk.

A zip comes in as a hostile file: its entries are counted before they are held in memory, names that point outside,
encrypted and oversized entries are refused one by one, and no more comes out of an entry than its header says.
"""

import lzma
import os
import stat
import threading
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import NamedTuple

from fer_core.dataset.sources.archive_names import safe_path
from fer_core.dataset.sources.archive_zip import count_entries, entry_name
from fer_core.dataset.sources.unpacking import MAX_ENTRIES
from fer_core.errors import ArchiveError, ImageError
from fer_core.images import MAX_PIXELS
from fer_core.prediction.batch.picture_names import names_picture

MAX_ENTRY_BYTES = 3 * MAX_PIXELS  # an uncompressed picture of the largest size that is read
_MAX_OPEN = 4
_ENCRYPTED_FLAG = 0x1
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError)


class ZipEntry(NamedTuple):
    """A picture in a zip: its name, its number among all entries, and what tells whether it has changed."""

    name: str
    number: int
    stamp: tuple[int, int]


def looks_like_zip(path: str) -> bool:
    """Tell by its first bytes, or else by its name, whether a file is a zip."""
    if not os.path.isfile(path):  # a named pipe would be waited for
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(4)
    except OSError:
        return False
    return head.startswith(_MAGIC) or (bool(head) and path.lower().endswith(".zip"))


def picture_entries(path: str) -> tuple[list[ZipEntry], list[tuple[str, str]]]:
    """List the pictures of a zip in the order of their names, without reading them.

    Returns:
        The pictures, and name and reason of those that are refused.

    Raises:
        ArchiveError: If it is no zip that can be read, or has too many entries.
    """
    try:
        with open(path, "rb") as file:
            if count_entries(file) > MAX_ENTRIES:
                raise ArchiveError(f"The zip has more than {MAX_ENTRIES:,} entries; no more are read. Split it.")
            with zipfile.ZipFile(file) as opened:
                infos = list(enumerate(opened.infolist()))
    except (OSError, *_DAMAGE) as error:
        raise ArchiveError(f"The zip is damaged or incomplete ({error}). Get a fresh copy of it.") from error
    entries: dict[str, ZipEntry] = {}  # of two with one name the later counts, as for other programs
    refused: dict[str, str] = {}
    for number, info in infos:
        name = entry_name(info)
        if info.is_dir() or not _names_picture(name):
            continue
        reason = _objection(info, name)
        if reason:
            refused[name] = reason
        else:
            safe = name.replace("\\", "/")
            entries[safe] = ZipEntry(safe, number, (info.CRC, info.file_size))
    return sorted(entries.values()), sorted(refused.items())


def _names_picture(name: str) -> bool:
    """Whether an entry claims to be a picture; one whose name climbs out of the zip is not passed over but refused."""
    parts = [part for part in name.replace("\\", "/").split("/") if part != ".."]
    return names_picture(PurePosixPath(*parts))


def _objection(info: zipfile.ZipInfo, name: str) -> str:
    """Why an entry is not read; "" where nothing speaks against it."""
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "It is a link or a device, not a picture."
    if info.flag_bits & _ENCRYPTED_FLAG:
        return "It is encrypted. Unpack the zip with its password and give the folder."
    if info.file_size > MAX_ENTRY_BYTES:
        size = f"{info.file_size / 1e6:,.0f} MB"
        return f"It is said to have {size}; at most {MAX_ENTRY_BYTES / 1e6:,.0f} MB are read."
    try:
        safe_path(name, "the zip")
    except ArchiveError:
        return "Its name points outside the zip or is nested too deeply; do not trust this file."
    return ""


class ZipReader:
    """Reads entries of zips for several threads; close it after use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]] = {}

    def read(self, path: str, number: int) -> bytes:
        """Return the bytes of an entry, given its number in the zip.

        Raises:
            ImageError: If the zip or the entry is damaged.
        """
        try:
            with self._lock:
                opened, infos = self._opened(path)
                return opened.read(infos[number])
        except (OSError, IndexError, *_DAMAGE) as error:
            raise ImageError(f"It cannot be taken out of the zip ({error}). Get a fresh copy of the zip.") from error

    def close(self) -> None:
        """Close every zip."""
        for opened, _ in self._open.values():
            opened.close()
        self._open.clear()

    def _opened(self, path: str) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
        if path not in self._open:
            if len(self._open) >= _MAX_OPEN:
                self._open.pop(next(iter(self._open)))[0].close()
            opened = zipfile.ZipFile(path)
            self._open[path] = opened, opened.infolist()
        return self._open[path]
