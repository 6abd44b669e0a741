"""Addresses: where datasets, runs and models can be kept outside this computer, as a person types them.

A text comes in, an `Address` that says which door leads there goes out. An address never holds a password: each door
takes its credentials from where its own tools keep them, and one that holds some is refused without repeating it.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from fer_core.errors import StorageError

EXAMPLES = "a folder, s3://bucket/folder, gs://bucket/folder, or rclone:REMOTE:folder"
_S3_OPTIONS = ("region", "endpoint_override", "scheme")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_RCLONE = re.compile(r"rclone:(?P<remote>[\w][\w .+@-]*):(?P<path>[^\0\r\n]*)")
_DRIVES = ("gdrive", "drive", "sftp", "ssh", "scp", "webdav", "dropbox", "onedrive", "az", "abfs", "b2")


@dataclass(frozen=True)
class Address:
    """A place that can hold datasets, runs and models.

    Args:
        kind: Which door leads there: `folder`, `s3`, `gs` or `rclone`.
        place: The folder's path, `bucket/folder`, or `remote:folder`.
        text: The address for people and logs.
        options: What else the door has to know, such as `region`.
    """

    kind: str
    place: str
    text: str
    options: dict[str, str] = field(default_factory=dict)


def parse_address(text: str) -> Address:
    """Read an address.

    Raises:
        StorageError: If it is none, names a door that there is not, or holds a password.
    """
    text = text.strip()
    if not text or "\0" in text:
        raise StorageError(f"An address is missing. Give {EXAMPLES}.")
    if text.startswith("rclone:"):
        return _rclone_address(text)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _folder_address(text)
    name = scheme[1].lower()
    if name in ("s3", "gs", "gcs"):
        return _bucket_address("s3" if name == "s3" else "gs", text)
    if name == "file":
        return _folder_address(unquote(urlsplit(text).path))
    hint = f"Set it up once with `rclone config`, then use rclone:REMOTE:folder. Known here: {EXAMPLES}."
    if name in _DRIVES:
        raise StorageError(f"{name}:// is reached through the program rclone. {hint}")
    raise StorageError(f"There is no way to {name}:// here. {hint}")


def _folder_address(text: str) -> Address:
    folder = Path(os.path.abspath(os.path.expanduser(text)))
    return Address("folder", str(folder), str(folder))


def _bucket_address(kind: str, text: str) -> Address:
    try:
        parts = urlsplit(text)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise StorageError(f"The address cannot be read. Expected {kind}://bucket/folder.") from error
    if "@" in parts.netloc or "@" in options.get("endpoint_override", ""):
        raise StorageError(
            "The address holds a user or password. Take it out: credentials come from where the tools of "
            f"{'AWS' if kind == 's3' else 'Google Cloud'} keep them, and are never written down here."
        )
    unknown = sorted(options.keys() - set(_S3_OPTIONS if kind == "s3" else ()))
    if unknown:
        raise StorageError(
            f"The address has the unknown option {unknown[0]!r}. Known for s3: {', '.join(_S3_OPTIONS)}."
        )
    folder = unquote(parts.path).strip("/")
    if not parts.netloc or ".." in folder.split("/"):
        raise StorageError(f"The address names no bucket. Expected {kind}://bucket/folder.")
    place = f"{parts.netloc}/{folder}".rstrip("/")
    return Address(kind, place, f"{kind}://{place}", options)


def _rclone_address(text: str) -> Address:
    found = _RCLONE.fullmatch(text)
    if found is None:
        raise StorageError(
            "The address cannot be read. Expected rclone:REMOTE:folder, with a name that `rclone listremotes` prints."
        )
    path = found["path"].rstrip("/")
    return Address("rclone", f"{found['remote']}:{path}", f"rclone:{found['remote']}:{path}")
