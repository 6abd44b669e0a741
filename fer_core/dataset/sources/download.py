"""Fetches a file over HTTP and goes on where a broken connection left it, in the same call or in a later one.

An address comes in, a file in a folder of its own goes out: whole, of the right length, and with the right SHA-256 if
one was given.
"""

import errno
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import filelock
import requests

from fer_core.dataset.sources.http_fetch import HttpFetch, OnProgress, Patience
from fer_core.dataset.sources.partial_download import PART_NAME, PartialDownload
from fer_core.dataset.sources.share_links import direct_link
from fer_core.errors import DownloadError
from fer_core.locks import lockable

_SHA256 = re.compile(r"[0-9a-f]{64}")


def download(
    url: str,
    folder: Path,
    *,
    sha256: str | None = None,
    on_progress: OnProgress | None = None,
    patience: Patience | None = None,
) -> Path:
    """Fetch a file; what is in the folder already is gone on with, and a finished file that still stands is kept.

    Args:
        url: An http or https address; a share link becomes its direct form.
        folder: Folder for this download alone, created where it is missing.
        sha256: What the file has to be, 64 hexadecimal digits.
        on_progress: Called with (bytes done, bytes in all); the latter is 0 while unknown. It may raise to stop.
        patience: When to give up.

    Returns:
        The file, below `folder`.

    Raises:
        DownloadError: If it cannot be fetched, or is not what it should be.
    """
    expected = _checked_sha256(sha256)
    direct = direct_link(url)
    host = _checked_host(direct)
    try:
        with _sole_use(folder, host), requests.Session() as session:
            partial = PartialDownload(folder, direct)
            fetch = HttpFetch(session, direct, partial, patience or Patience(), on_progress)
            return _verified(fetch.until_whole(), expected, partial)
    except OSError as error:
        raise DownloadError(_disk_sentence(folder, error)) from error


def _checked_sha256(sha256: str | None) -> str | None:
    expected = (sha256 or "").strip().lower()
    if expected and not _SHA256.fullmatch(expected):
        raise DownloadError(f"{sha256!r} is no SHA-256: expected 64 digits from 0 to 9 and a to f. Copy it again.")
    return expected or None


def _checked_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), parts.hostname
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host:
        raise DownloadError(f"'{url}' is no web address. Expected one that begins with https:// or http://.")
    return host


def _verified(file: Path, expected: str | None, partial: PartialDownload) -> Path:
    if expected is None:
        return file
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != expected:
        partial.clear()
        raise DownloadError(
            f"'{file.name}' has the SHA-256 {found}, and {expected} was expected. It was deleted: it is another file "
            "or was damaged on its way. Check the sum, or try again."
        )
    return file


@contextmanager
def _sole_use(folder: Path, host: str) -> Iterator[None]:
    """Hold a download's folder, which two processes must not write into at once."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(lockable(folder / ".lock"), blocking=False):
            yield
    except filelock.Timeout as error:
        raise DownloadError(f"This file of {host} is being downloaded already. Wait until that ends.") from error


def _disk_sentence(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        (folder / PART_NAME).unlink(missing_ok=True)
        return "The disk is full; the download was deleted. Free some space, then try again."
    return f"The download cannot be stored ({error}). Check the rights of the folder '{folder}'."
