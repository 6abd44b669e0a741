"""Turns the links that people copy from a browser into links that lead to the file itself.

A Dropbox or Google Drive share link, or the page of a file on GitHub, comes in; the address of its bytes goes out.
Every other address is left as it is.
"""

import re
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

_DROPBOX_HOSTS = ("dropbox.com", "www.dropbox.com")
_DRIVE_HOSTS = ("drive.google.com", "docs.google.com")
_DRIVE_PATH = re.compile(r"/file/(?:u/\d+/)?d/([\w-]+)")
_DRIVE_DOWNLOAD = "https://drive.usercontent.google.com/download"
_GITHUB_PATH = re.compile(r"/([^/]+)/([^/]+)/(?:blob|raw)/(.+)")


def direct_link(url: str) -> str:
    """Return the address of the file that a share link shows; any other address unchanged."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:  # such as https://[ without an end; whoever fetches it will say so
        return url
    if host in _DROPBOX_HOSTS:
        return _dropbox(parts)
    if host in _DRIVE_HOSTS:
        return _google_drive(parts) or url
    if host in ("github.com", "www.github.com"):
        return _github(parts) or url
    return url


def _dropbox(parts: SplitResult) -> str:
    """`dl=1` asks for the file, `dl=0` for its page; `rlkey` is the key of the share and stays."""
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("dl", "raw")]
    return urlunsplit(("https", "www.dropbox.com", parts.path, urlencode([*query, ("dl", "1")]), ""))


def _google_drive(parts: SplitResult) -> str | None:
    """Ask for the bytes, past the page that says that a large file was not searched for viruses (`confirm`)."""
    in_path = _DRIVE_PATH.search(parts.path)
    query = parse_qs(parts.query)
    file_id = in_path.group(1) if in_path else next(iter(query.get("id", [])), None)
    if not file_id or (not in_path and parts.path not in ("/open", "/uc")):
        return None
    fields = {"id": file_id, "export": "download", "confirm": "t"}
    if "resourcekey" in query:  # files shared before September 2021 need it
        fields["resourcekey"] = query["resourcekey"][0]
    return f"{_DRIVE_DOWNLOAD}?{urlencode(fields)}"


def _github(parts: SplitResult) -> str | None:
    """`blob` is the page of a file; `raw` under the same address redirects to its bytes, Git LFS included."""
    match = _GITHUB_PATH.fullmatch(parts.path)
    if match is None:
        return None
    owner, repository, rest = match.groups()
    return urlunsplit(("https", "github.com", f"/{owner}/{repository}/raw/{rest}", parts.query, ""))
