"""Reads zip archives: counts the entries before anything is held in memory, checks all of them, then unpacks.

The standard library reads a zip's whole directory at once, a million entries if it must; counting by hand first
takes a moment and no memory.
"""

import stat
import struct
import zipfile
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fer_core.dataset.sources.unpacking import MAX_ENTRIES, OnProgress, Unpacker
from fer_core.errors import ArchiveError

# APPNOTE.TXT 6.3.10, sections 4.3.12, 4.3.14 to 4.3.16 (pkware.com/appnote).
_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES = 46
_END = b"PK\x05\x06"
_END_BYTES = 22
_LOCATOR_64 = b"PK\x06\x07"
_LOCATOR_64_BYTES = 20
_END_64_BYTES = 56
_MAX_COMMENT = 2**16
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


def unpack_zip_entries(archive: Path, unpacker: Unpacker, on_progress: OnProgress | None) -> None:
    """Unpack a zip's pictures and tables; `on_progress` is called with (entries done, entries wanted).

    Raises:
        ArchiveError: If an entry is unsafe, or there are too many; then nothing has been written.
        zipfile.BadZipFile: If the zip is damaged, as are the other errors of the standard library.
    """
    with archive.open("rb") as file:
        unpacker.count_entry(count_entries(file))
        with zipfile.ZipFile(file) as opened:
            entries = _wanted_entries(opened, unpacker)
            tell = on_progress or (lambda done, total: None)
            for number, (entry, path) in enumerate(entries):
                with opened.open(entry) as packed:
                    unpacker.write(path, packed, partial(tell, number, len(entries)))
                tell(number + 1, len(entries))


def _wanted_entries(opened: zipfile.ZipFile, unpacker: Unpacker) -> list[tuple[zipfile.ZipInfo, str]]:
    wanted = []
    for entry in opened.infolist():
        name = entry_name(entry)
        path = unpacker.wanted_path(name)
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            unpacker.refuse_link(name)
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise ArchiveError(
                f"'{unpacker.archive_name}' is encrypted. Unpack it with its password and add the folder."
            )
        if path is not None and not entry.is_dir():
            wanted.append((entry, path))
    unpacker.check_growth(sum(entry.file_size for entry in opened.infolist()))
    unpacker.check_room(sum(entry.file_size for entry, _ in wanted))
    return wanted


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name; macOS writes UTF-8 without saying so, and the library then reads code page 437."""
    name = entry.orig_filename
    if entry.flag_bits & _UTF8_FLAG:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def count_entries(file: BinaryIO) -> int:
    """Count a zip's entries by walking its directory, at most one past the limit; the count at its end may lie."""
    size, end = _directory_place(file)
    file.seek(max(0, end - size))
    count, done = 0, 0
    while done + _ENTRY_BYTES <= size and count <= MAX_ENTRIES:
        header = file.read(_ENTRY_BYTES)
        if len(header) < _ENTRY_BYTES or not header.startswith(_ENTRY):
            break
        rest = sum(struct.unpack_from("<3H", header, 28))  # lengths of name, extra field and comment
        file.read(rest)
        done += _ENTRY_BYTES + rest
        count += 1
    file.seek(0)
    return count


def _directory_place(file: BinaryIO) -> tuple[int, int]:
    """Size of the zip's directory and where it ends, both in bytes, found as the standard library finds them."""
    file_size = file.seek(0, 2)
    file.seek(max(0, file_size - _MAX_COMMENT - _END_BYTES))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise zipfile.BadZipFile("its directory is missing")
    (size,) = struct.unpack_from("<L", tail, at + 12)
    end = file_size - len(tail) + at
    start_64 = end - _LOCATOR_64_BYTES - _END_64_BYTES
    if start_64 >= 0:
        file.seek(start_64)
        record = file.read(_END_64_BYTES + _LOCATOR_64_BYTES)
        if record[_END_64_BYTES:].startswith(_LOCATOR_64):
            (size,) = struct.unpack_from("<Q", record, 40)
            end = start_64
    return int(size), end
