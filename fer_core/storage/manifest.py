"""The manifest of a thing at an address: every file with its hash, and in which objects its bytes lie.

A manifest is JSON, packed with gzip. What comes from outside is checked before anything is done with it: names that
would leave their folder, hide or collide are refused, and so is what promises more than it holds.
"""

import gzip
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from fer_core.errors import StorageError

FORMAT_VERSION = 1
KINDS: tuple[str, ...] = ("datasets", "runs", "models")
MAX_PACKED_BYTES = 64 * 2**20
_MAX_BYTES = 512 * 2**20  # unpacked; a million files take about half of it
_MAX_PATH_BYTES = 1024
_NAME = re.compile(r"\w[\w.-]{0,63}")  # as datasets and runs are named
_OBJECT = re.compile(r"[0-9a-f]{64}\.(zip|part)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BAD_IN_PATHS = re.compile(r"[\\\x00-\x1f\x7f]|^[A-Za-z]:")


@dataclass(frozen=True)
class StoredFile:
    """One file of a thing.

    Args:
        path: Relative to the thing's folder, with `/`.
        size: In bytes.
        sha256: Of its content, 64 hexadecimal digits.
        modified_ns: When it was changed, in nanoseconds since 1970; a dataset's index compares by it.
        pieces: The objects that hold its bytes one after the other; of a file in a bundle, the bundle alone.
        member: Its name in the bundle, "" where it is in none.
    """

    path: str
    size: int
    sha256: str
    modified_ns: int
    pieces: tuple[str, ...]
    member: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a thing consists of.

    Args:
        kind: One of `KINDS`.
        name: The thing's name.
        files: Its files, sorted by path.
        objects: Size in bytes of every object that they lie in, by name.
        facts: What a list says about it, such as a dataset's fingerprint; plain values.
        pushed_at: When it was pushed, ISO 8601 in UTC.
    """

    kind: str
    name: str
    files: tuple[StoredFile, ...]
    objects: dict[str, int]
    facts: dict[str, Any] = field(default_factory=dict)
    pushed_at: str = ""

    @property
    def by_path(self) -> dict[str, StoredFile]:
        """The files by their paths."""
        return {file.path: file for file in self.files}

    @property
    def num_bytes(self) -> int:
        """What the files take, in bytes."""
        return sum(file.size for file in self.files)

    def pack(self) -> bytes:
        """Return the manifest as it is stored."""
        content = {"format_version": FORMAT_VERSION, **asdict(self)}
        return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def unpack_manifest(packed: bytes, kind: str, name: str) -> Manifest:
    """Read a manifest that came from an address.

    Raises:
        StorageError: If it is damaged, belongs to something else, was made by a newer version, or names files that a
            thing cannot have.
    """
    try:
        content = json.loads(_unzipped(packed))
        version = content["format_version"]
        if version != FORMAT_VERSION:
            raise StorageError(
                f"{kind}/{name} was pushed in format {version}, and this program reads {FORMAT_VERSION}. Use the "
                "version that pushed it."
            )
        files = tuple(StoredFile(**{**entry, "pieces": tuple(entry["pieces"])}) for entry in content["files"])
        manifest = Manifest(
            str(content["kind"]), str(content["name"]), files, dict(content["objects"]), _plain(content["facts"]),
            str(content["pushed_at"])[:40],
        )  # fmt: skip
        _check(manifest, kind, name)
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StorageError(
            f"The manifest of {kind}/{name} is damaged ({type(error).__name__}: {str(error)[:100]}). Push it again "
            "from a computer that has it."
        ) from error
    return manifest


def check_path(path: str, owner: str) -> None:
    """Refuse a path that a thing cannot have, whichever system it is for.

    Raises:
        StorageError: If it leaves its folder, is hidden, or cannot be written on every system it may come from.
    """
    parts = path.split("/") if isinstance(path, str) else [""]
    is_bad = any(part in ("", ".", "..") or part.startswith(".") for part in parts) or _BAD_IN_PATHS.search(path)
    if is_bad or len(path.encode("utf-8", "replace")) > _MAX_PATH_BYTES:
        raise StorageError(
            f"{owner} names the file {path[:120]!r}, which is none of a thing's own: it would leave its folder, or "
            "hide. Nothing was written; do not trust that place."
        )


def is_thing_name(name: str) -> bool:
    """Return whether a dataset, run or model can have this name."""
    return _NAME.fullmatch(name) is not None


def same_on_some_systems(paths: Iterable[str]) -> dict[str, str]:
    """Return pairs of paths that are one file where letters' case or Unicode's composition do not count."""
    seen: dict[str, str] = {}
    pairs = {}
    for path in paths:
        key = unicodedata.normalize("NFC", path).casefold()
        if key in seen:
            pairs[path] = seen[key]
        seen.setdefault(key, path)
    return pairs


def _unzipped(packed: bytes) -> bytes:
    """Unpack no more than is believable: a few kilobytes can be made to unpack to gigabytes."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    content = unpacker.decompress(packed, _MAX_BYTES)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("it is cut short, or too large")
    return content


def _check(manifest: Manifest, kind: str, name: str) -> None:
    owner = f"The manifest of {kind}/{name}"
    if (manifest.kind, manifest.name) != (kind, name):
        raise ValueError(f"it is that of {manifest.kind[:20]}/{manifest.name[:64]}")
    if not all(_OBJECT.fullmatch(key) and _is_size(size) for key, size in manifest.objects.items()):
        raise ValueError("an object has no proper name or size")
    paths = set()
    for file in manifest.files:
        check_path(file.path, owner)
        _check_file(file, manifest.objects)
        paths.add(file.path)
    folders = {path.rsplit("/", depth)[0] for path in paths for depth in range(1, path.count("/") + 1)}
    if len(paths) < len(manifest.files) or paths & folders:
        raise ValueError("two files have one name")


def _check_file(file: StoredFile, objects: dict[str, int]) -> None:
    if not (_is_size(file.size) and isinstance(file.modified_ns, int) and _SHA256.fullmatch(file.sha256)):
        raise ValueError(f"{file.path!r} has no proper size, time or hash")
    held = sum(objects[piece] for piece in file.pieces)  # a KeyError is one of a manifest's faults too
    is_bundled = len(file.pieces) == 1 and file.pieces[0].endswith(".zip") and file.member != ""
    if not (is_bundled and file.size <= held) and not (file.member == "" and held == file.size):
        raise ValueError(f"{file.path!r} is larger or smaller than what holds it")


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """What a list may show: short texts and numbers."""
    return {
        str(key)[:40]: value[:100] if isinstance(value, str) else value
        for key, value in list(facts.items())[:20]
        if isinstance(value, str | int | float)
    }
