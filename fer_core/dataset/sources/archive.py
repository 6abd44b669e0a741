"""Unpacks archives of pictures as if every one of them were hostile.

A zip or a tar comes in, recognised by its content; its pictures and CSV tables go out below one folder. Entries that
climb out of the folder, links, encrypted entries and archives that grow out of proportion are refused. The folder
holds everything afterwards, or nothing.
"""

import errno
import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path

from fer_core.dataset.sources.archive_tar import unpack_tar_entries
from fer_core.dataset.sources.archive_zip import unpack_zip_entries
from fer_core.dataset.sources.unpacking import OnProgress, Unpacker
from fer_core.errors import ArchiveError

_ZIP = "zip"
# Where a format's magic number stands (offset in bytes), what it is, and the format.
_MAGIC = (
    (0, b"PK\x03\x04", _ZIP),
    (0, b"PK\x05\x06", _ZIP),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (257, b"ustar", "tar"),
)
# Formats that are known but not read, with what to do about them.
_UNREAD_MAGIC = (
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
)
_HEAD_BYTES = 512
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # zipfile: encrypted
    ValueError,
)


def unpack_archive(archive: Path, folder: Path, *, on_progress: OnProgress | None = None) -> int:
    """Unpack the pictures and CSV tables of a zip or tar (plain, gzip, bzip2, xz) archive.

    Args:
        archive: The archive; it is only read.
        folder: Existing empty folder to unpack into; it is empty again if anything goes wrong.
        on_progress: Called with (done, total): entries of a zip, bytes of a tar. It may raise to stop the work.

    Returns:
        How many files were unpacked.

    Raises:
        ArchiveError: If the file is no archive, is damaged, or contains an entry that is unsafe to unpack, or if
            there is not enough disk space.
        ValueError: If the folder is not empty.
    """
    if any(folder.iterdir()):
        raise ValueError(f"expected an empty folder, received '{folder}'")
    try:
        return _unpack(archive, folder, on_progress)
    except BaseException:
        _empty(folder)
        raise


def is_archive(file: Path) -> bool:
    """Tell by its content whether a file is an archive that `unpack_archive` reads."""
    try:
        return _format_of(file) is not None
    except OSError:
        return False


def _unpack(archive: Path, folder: Path, on_progress: OnProgress | None) -> int:
    try:
        format_ = _format_of(archive)
        if format_ is None:
            raise ArchiveError(_what_else(archive))
        unpacker = Unpacker(archive, folder)
        if format_ == _ZIP:
            unpack_zip_entries(archive, unpacker, on_progress)
        else:
            unpack_tar_entries(archive, format_, unpacker, on_progress)
    except FileNotFoundError as error:
        raise ArchiveError(f"'{archive}' does not exist. Check the path.") from error
    except _DAMAGE as error:
        raise ArchiveError(
            f"'{archive.name}' is not a complete zip or tar archive ({error}). Download or pack it again."
        ) from error
    except OSError as error:
        raise ArchiveError(_system_sentence(archive.name, folder, error)) from error
    unpacker.check_found()
    return unpacker.num_files


def _format_of(archive: Path) -> str | None:
    with archive.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for offset, magic, format_ in _MAGIC:
        if head[offset:].startswith(magic):
            return format_
    # A zip may stand behind another file's bytes, and the oldest tars have no magic number.
    if zipfile.is_zipfile(archive):
        return _ZIP
    return "tar" if len(head) == _HEAD_BYTES and tarfile.is_tarfile(archive) else None


def _what_else(archive: Path) -> str:
    with archive.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for magic, what in _UNREAD_MAGIC:
        if head.startswith(magic):
            return f"'{archive.name}' is {what}, which is not read here. Unpack it yourself and add the folder."
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return f"'{archive.name}' is a web page, not a complete zip or tar archive. Download the archive itself."
    return f"'{archive.name}' is not a complete zip or tar archive. Download or pack it again."


def _system_sentence(name: str, folder: Path, error: OSError) -> str:
    if error.errno in _NO_ROOM:
        free = shutil.disk_usage(folder).free
        return (
            f"The disk is full: '{name}' could not be unpacked ({free / 2**20:,.0f} MB are left). Nothing was kept; "
            "free some space, then add it again."
        )
    if error.errno is None:  # bzip2 reports damage so
        return f"'{name}' is not a complete zip or tar archive ({error}). Download or pack it again."
    return f"'{name}' could not be unpacked: {error}."


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
