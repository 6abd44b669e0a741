"""Unpacks zip archives of pictures as if every one of them were hostile.

A zip comes in, its pictures go out below one folder. Entries that climb out of the folder, links, encrypted
entries and archives that grow out of proportion are refused before a byte is written; whatever else goes wrong
while unpacking is the caller's to clean up, because the caller owns the folder.
"""

import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from fer_core.dataset.folders import is_picture_name
from fer_core.errors import ArchiveError

MAX_ENTRIES = 2_000_000
MAX_UNPACKED_BYTES = 50 * 2**30
# Pictures are compressed already; deflate reaches at most about 1,030 to 1, and only on empty data.
MAX_RATIO = 200
MIN_BYTES_FOR_RATIO = 100 * 2**20

OnProgress = Callable[[int, int], None]


def unpack_zip(archive: Path, folder: Path, *, on_progress: OnProgress | None = None) -> int:
    """Unpack the pictures of a zip archive.

    Args:
        archive: The zip file; it is only read.
        folder: Existing folder to unpack into.
        on_progress: Called with (entries done, entries in all).

    Returns:
        How many pictures were unpacked.

    Raises:
        ArchiveError: If the file is no zip, is damaged, or contains an entry that is unsafe to unpack.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = _safe_pictures(opened, archive.name)
            for number, (entry, path) in enumerate(entries, start=1):
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(entry) as packed, target.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked, length=2**20)
                if on_progress:
                    on_progress(number, len(entries))
    except FileNotFoundError as error:
        raise ArchiveError(f"'{archive}' does not exist. Check the path.") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        # zipfile raises RuntimeError for encrypted and NotImplementedError for unknown compression.
        raise ArchiveError(
            f"'{archive.name}' is not a complete zip archive ({error}). Download or pack it again."
        ) from error
    except OSError as error:
        raise ArchiveError(f"'{archive.name}' could not be unpacked: {error}.") from error
    return len(entries)


def _safe_pictures(opened: zipfile.ZipFile, name: str) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    entries = opened.infolist()
    if len(entries) > MAX_ENTRIES:
        raise ArchiveError(f"'{name}' has {len(entries):,} entries; at most {MAX_ENTRIES:,} are unpacked. Split it.")
    _check_size(entries, name)
    pictures = []
    for entry in entries:
        path = _safe_path(entry, name)
        if not entry.is_dir() and is_picture_name(path):
            pictures.append((entry, path))
    if not pictures:
        raise ArchiveError(
            f"'{name}' contains no pictures. Expected class folders such as train/happy/1.png or happy/1.png."
        )
    return pictures


def _check_size(entries: list[zipfile.ZipInfo], name: str) -> None:
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    bomb = unpacked > MIN_BYTES_FOR_RATIO and unpacked > MAX_RATIO * max(packed, 1)
    if bomb or unpacked > MAX_UNPACKED_BYTES:
        raise ArchiveError(
            f"'{name}' would grow from {packed / 2**20:,.0f} MB to {unpacked / 2**20:,.0f} MB. That looks like a "
            f"decompression bomb; at most {MAX_UNPACKED_BYTES / 2**30:.0f} GB and {MAX_RATIO} times the packed size "
            "are unpacked. Unpack it yourself and add the folder if you trust it."
        )


def _safe_path(entry: zipfile.ZipInfo, name: str) -> PurePosixPath:
    raw = entry.filename.replace("\\", "/")
    path = PurePosixPath(raw)
    if path.is_absolute() or ".." in path.parts or ":" in raw.split("/")[0] or "\0" in raw:
        raise ArchiveError(
            f"'{name}' contains the entry {entry.filename!r}, which points outside the archive's own folder. "
            "Nothing was unpacked; do not trust this file."
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ArchiveError(
            f"'{name}' contains the link {entry.filename!r}. Links are not unpacked; pack the files themselves."
        )
    if entry.flag_bits & 0x1:
        raise ArchiveError(f"'{name}' is encrypted. Unpack it with its password and add the folder.")
    return path
