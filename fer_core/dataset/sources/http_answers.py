"""What a web server's answer means: a sentence for each refusal, how long to wait, which bytes come and their name.

Headers and status codes come in (RFC 9110); plain values and `DownloadError` go out.
"""

import contextlib
import re
import time
from collections.abc import Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from fer_core.dataset.sources.archive_names import safe_name
from fer_core.errors import DownloadError

# Worth another try: time-out, too many requests, and faults of the server itself.
PASSING_STATUSES = (408, 425, 429, 500, 502, 503, 504)

_REFUSALS = {
    401: "it asks for a password (401). Use a link that needs none, or download it in the browser and add the file",
    403: "it does not let this computer have it (403). Share the file with everyone who has the link, or download it "
    "in the browser and add the file",
    404: "there is nothing at this address (404). Check the link; a shared file may have been moved or deleted",
    410: "the file has been taken away (410). Look for another source",
    429: "it was asked too often (429). Wait some minutes and try again; what came so far is kept",
}
_CONTENT_RANGE = re.compile(r"bytes (?:([0-9]{1,18})-[0-9]{1,18}|\*)/([0-9]{1,18}|\*)")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")  # `isdigit` takes ² too, and `int` no number of 5,000 digits
_PAGE = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.I | re.S
)


def refusal(host: str, status: int) -> DownloadError:
    """Return the error for a status that brings no file."""
    fault = "it cannot answer right now" if status >= 500 else "it refuses"
    reason = _REFUSALS.get(status, f"{fault} (status {status}). Try again later, or open the link in a browser")
    return DownloadError(f"{host} did not give the file: {reason}.")


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return what `Retry-After` asks for, in seconds; None where it is missing or makes no sense."""
    value = headers.get("Retry-After", "").strip()
    if _WHOLE_NUMBER.fullmatch(value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def full_length(headers: Mapping[str, str]) -> int | None:
    """Return the length of the whole file in bytes, None where it is not said or counts compressed bytes."""
    if "Content-Range" in headers:
        match = _CONTENT_RANGE.fullmatch(headers["Content-Range"].strip())
        return int(match.group(2)) if match and match.group(2) != "*" else None
    value = headers.get("Content-Length", "").strip()
    is_plain = headers.get("Content-Encoding", "identity").strip().lower() in ("", "identity")
    return int(value) if _WHOLE_NUMBER.fullmatch(value) and is_plain else None


def first_byte(headers: Mapping[str, str]) -> int | None:
    """Return where a part of a file begins, None where it is not said."""
    match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    return int(match.group(1)) if match and match.group(1) else None


def refuse_page(host: str, beginning: bytes) -> None:
    """Refuse a web page that comes in a file's place.

    Args:
        host: Where it comes from.
        beginning: The first bytes that came.

    Raises:
        DownloadError: If they are HTML.
    """
    if not _PAGE.match(beginning):
        return
    if host.endswith("google.com"):
        raise DownloadError(
            "Google Drive answers with a web page instead of the file: it is not shared with everyone who has the "
            "link, or its daily limit is used up. Change its sharing, or download it in the browser and add the file."
        )
    raise DownloadError(
        f"The link leads to a web page of {host}, not to a file. Use the direct link: in the browser, copy the "
        "address of the download itself."
    )


def file_name(headers: Mapping[str, str], url: str) -> str:
    """Return a safe name for the file: the server's, or the last part of the address.

    Args:
        headers: The answer's headers; `Content-Disposition` may hold a name (RFC 6266).
        url: The address that answered.
    """
    message = Message()
    message["Content-Disposition"] = headers.get("Content-Disposition", "").replace("\n", " ").replace("\r", " ")
    name = message.get_filename() or unquote(PurePosixPath(urlsplit(url).path).name)
    with contextlib.suppress(UnicodeError):  # headers are read as Latin-1, and many servers send UTF-8
        name = name.encode("latin-1").decode("utf-8")
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2].lstrip(". ")
    return safe_name(last) if last else "download"
