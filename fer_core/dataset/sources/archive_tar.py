"""Reads tar archives in one pass, plain or compressed, and measures what comes out of the decompressor.

A compressed tar has no directory: the only way to its end is through all of its bytes. They are counted against the
compressed bytes they came from, and headers may only take a little of them.
"""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from fer_core.dataset.sources.unpacking import OnProgress, ReadableBytes, Unpacker
from fer_core.errors import ArchiveError

# A header is 512 bytes, with a long name some kilobytes more.
_MAX_HEADER_BYTES = 4 * 2**20
_CHUNK = 2**20  # bytes

DECOMPRESSORS: dict[str, Callable[[BinaryIO], ReadableBytes]] = {
    "tar": lambda file: file,
    "gzip": lambda file: gzip.GzipFile(fileobj=file, mode="rb"),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}


def unpack_tar_entries(archive: Path, compression: str, unpacker: Unpacker, on_progress: OnProgress | None) -> None:
    """Unpack a tar's pictures and tables; `on_progress` is called with (bytes of the archive read, its bytes).

    Args:
        archive: The archive.
        compression: A key of `DECOMPRESSORS`.
        unpacker: Takes the entries.
        on_progress: Told how far it is.

    Raises:
        ArchiveError: If an entry is unsafe, or too much comes out; some entries may have been written by then.
        tarfile.TarError: If the tar is damaged, as are the errors of its decompressor.
    """
    total = archive.stat().st_size
    with archive.open("rb") as file:
        meter = _Meter(DECOMPRESSORS[compression](file), unpacker)

        def report() -> None:
            if on_progress:
                on_progress(min(file.tell(), total), total)

        # A stream ("r|") never seeks, so the meter sees every byte.
        with tarfile.open(fileobj=cast(BinaryIO, meter), mode="r|", errors="replace") as opened:
            while (member := meter.next_header(opened)) is not None:
                unpacker.count_entry()
                _unpack_member(opened, member, unpacker, report)
                report()
            _check_end(opened)
        while meter.read(_CHUNK):  # the decompressor compares its checksum once it has come to its end
            report()


def _check_end(opened: tarfile.TarFile) -> None:
    """Tell the end of an archive from a cut between two entries.

    The library takes both for the end, but passes over the block of zeros that marks it (POSIX.1-2017, pax, ustar).
    """
    if cast(BinaryIO, opened.fileobj).tell() == opened.offset:
        raise EOFError("its end is missing")


def _unpack_member(
    opened: tarfile.TarFile, member: tarfile.TarInfo, unpacker: Unpacker, report: Callable[[], None]
) -> None:
    path = unpacker.wanted_path(member.name)
    if member.isdir():
        return
    if not member.isreg() or member.issparse():
        unpacker.refuse_link(member.name)
    stream = cast(ReadableBytes, opened.extractfile(member))
    if path is not None:
        unpacker.check_room(member.size)
        unpacker.write(path, stream, report)
    while stream.read(_CHUNK):  # what is not wanted is passed over in parts, so that it can be cancelled
        report()


class _Meter:
    """Counts what is read from a decompressor and refuses what grows out of proportion."""

    def __init__(self, stream: ReadableBytes, unpacker: Unpacker) -> None:
        self._stream = stream
        self._unpacker = unpacker
        self._num_bytes = 0
        self._limit: int | None = None  # of the header that is being read

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._num_bytes += len(chunk)
        self._unpacker.check_growth(self._num_bytes)
        if self._limit is not None and self._num_bytes > self._limit:
            raise ArchiveError(
                f"'{self._unpacker.archive_name}' has a header of more than {_MAX_HEADER_BYTES / 2**20:.0f} MB. "
                "Nothing was unpacked; do not trust this file."
            )
        return chunk

    def next_header(self, opened: tarfile.TarFile) -> tarfile.TarInfo | None:
        self._limit = self._num_bytes + _MAX_HEADER_BYTES
        member = opened.next()
        self._limit = None
        # The library keeps every header otherwise, a kilobyte each; its type stubs leave the attribute out.
        opened.members = []  # type: ignore[attr-defined]
        return member
