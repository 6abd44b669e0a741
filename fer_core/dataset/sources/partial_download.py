"""The files of a download: the part that is here already and a small record of what it is a part of.

The record holds what the server said about the file (length, ETag, time of change), so that a later call knows
whether it may go on from there, and whether a finished file is still the one at that address.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit, urlunsplit

PART_NAME = ".partial"
RECORD_NAME = ".partial.json"
_FRESH = 3600.0  # seconds that a finished file counts as current where the server gives nothing to compare by


@dataclass(frozen=True)
class RemoteFile:
    """What the server said about a file.

    Args:
        url: Its address, without user and password.
        length: In bytes; None if it was not said.
        etag: The server's mark for this version, "" if none.
        last_modified: When it was changed, in the server's words, "" if not said.
        name: Name of the finished file in the folder, "" while it is not finished.
    """

    url: str
    length: int | None = None
    etag: str = ""
    last_modified: str = ""
    name: str = ""

    @property
    def validator(self) -> str:
        """What `If-Range` may say: it takes no weak ETag (RFC 9110, section 13.1.5)."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


class PartialDownload:
    """A folder's download of one address: begun, broken off or finished.

    Args:
        folder: Existing folder of this download alone.
        url: The address.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = without_password(url)
        self._begun_here = False  # this call has seen where the part comes from
        self.remote = self._read_record() or RemoteFile(self._url)

    @property
    def size(self) -> int:
        """Bytes of the part that are here."""
        path = self.folder / PART_NAME
        return path.stat().st_size if path.exists() else 0

    @property
    def finished(self) -> Path | None:
        """The finished file, None while there is none."""
        path = self.folder / self.remote.name
        is_whole = self.remote.name != "" and path.is_file() and path.stat().st_size == self.remote.length
        return path if is_whole else None

    def request_headers(self) -> dict[str, str]:
        """Return the headers that ask for what is missing, or whether a finished file still stands."""
        remote = self.remote
        if self.finished:
            asked = {"If-None-Match": remote.etag, "If-Modified-Since": remote.last_modified}
            return {name: value for name, value in asked.items() if value}
        if self.size == 0 or not (remote.validator or self._begun_here):
            return {}
        if_range = {"If-Range": remote.validator} if remote.validator else {}
        return {"Range": f"bytes={self.size}-", **if_range}

    def is_current(self, headers: Mapping[str, str], length: int | None) -> bool:
        """Tell whether a finished file is what a server that was asked for it now offers, as far as it says."""
        finished, etag = self.finished, headers.get("ETag", "")
        if finished is None or length != self.remote.length or etag != self.remote.etag:
            return False
        last_modified = headers.get("Last-Modified", "")
        if etag or last_modified:
            return last_modified == self.remote.last_modified
        return time.time() - finished.stat().st_mtime < _FRESH

    def continues(self, headers: Mapping[str, str], first: int, length: int | None) -> bool:
        """Tell whether a server's part belongs right behind the one that is here."""
        etag = headers.get("ETag", "")
        is_same = not (etag and self.remote.etag) or etag == self.remote.etag
        return first == self.size and length == self.remote.length and is_same

    def begin(self, headers: Mapping[str, str], length: int | None) -> None:
        """Start over with what the server offers now."""
        self.clear()
        self._begun_here = True
        self.remote = RemoteFile(self._url, length, headers.get("ETag", ""), headers.get("Last-Modified", ""), name="")
        self._write_record()

    def open_end(self) -> BinaryIO:
        """Open the part to add to its end."""
        return (self.folder / PART_NAME).open("ab")

    def finish(self, name: str) -> Path:
        """Give the part, which is whole now, its name."""
        self.remote = RemoteFile(**{**asdict(self.remote), "name": name, "length": self.size})
        os.replace(self.folder / PART_NAME, self.folder / name)
        self._write_record()
        return self.folder / name

    def clear(self) -> None:
        """Delete the part, the record and a finished file."""
        for name in (PART_NAME, RECORD_NAME, self.remote.name):
            if name:
                (self.folder / name).unlink(missing_ok=True)
        self.remote = RemoteFile(self._url)

    def _read_record(self) -> RemoteFile | None:
        try:
            remote = RemoteFile(**json.loads((self.folder / RECORD_NAME).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        is_plain = "/" not in remote.name and "\\" not in remote.name
        return remote if remote.url == self._url and is_plain else None

    def _write_record(self) -> None:
        temporary = self.folder / f"{RECORD_NAME}.tmp"
        temporary.write_text(json.dumps(asdict(self.remote), indent=2), encoding="utf-8")
        os.replace(temporary, self.folder / RECORD_NAME)


def without_password(url: str) -> str:
    """Return an address without the user and password that may stand in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
