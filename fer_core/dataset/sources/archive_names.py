"""Names inside archives, made safe and the same on every system.

The name of an entry comes in, a relative path goes out that Linux, macOS and Windows can all write. A name that
points outside the archive's own folder is refused; one that is only awkward is changed.
"""

import hashlib
import re
import unicodedata

from fer_core.errors import ArchiveError

MAX_DEPTH = 16  # folders; a dataset needs two below its top
MAX_PART_BYTES = 200  # of UTF-8; most file systems take 255

_DRIVE = re.compile(r"[A-Za-z]:")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
# "Naming Files, Paths, and Namespaces", learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)


def safe_path(name: str, archive_name: str) -> str:
    """Return the relative path, with `/`, under which an entry can be written on every system.

    Args:
        name: The entry's name as it stands in the archive.
        archive_name: The archive's file name, for messages.

    Raises:
        ArchiveError: If the name points outside the archive's own folder, or nests too deeply.
    """
    raw = name.replace("\\", "/")
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    if raw.startswith("/") or ".." in parts or _DRIVE.match(raw) or "\0" in raw:
        raise ArchiveError(
            f"'{archive_name}' contains the entry {_shown(name)}, which points outside the archive's own folder. "
            "Nothing was unpacked; do not trust this file."
        )
    if len(parts) > MAX_DEPTH:
        raise ArchiveError(
            f"'{archive_name}' contains the entry {_shown(name)}, {len(parts)} levels deep; at most {MAX_DEPTH} are "
            "unpacked. Pack the class folders themselves."
        )
    return "/".join(safe_name(part) for part in parts)


def safe_name(part: str) -> str:
    """Return one folder or file name: composed Unicode (macOS packs it decomposed), nothing that Windows reserves."""
    part = unicodedata.normalize("NFC", part.encode("utf-8", "replace").decode("utf-8"))
    part = _FORBIDDEN.sub("_", part).rstrip(". ") or "_"
    if _RESERVED.fullmatch(part):
        stem, point, suffix = part.partition(".")
        part = f"{stem}_{point}{suffix}"
    return part if len(part.encode()) <= MAX_PART_BYTES else _shortened(part)


def _shortened(part: str) -> str:
    """Cut a name down; what is cut off lives on in a hash, so that different names stay different."""
    stem, point, suffix = part.rpartition(".")
    if not stem or len(suffix) > 8:
        stem, point, suffix = part, "", ""
    mark = "-" + hashlib.blake2b(part.encode(), digest_size=6).hexdigest()
    room = MAX_PART_BYTES - len((mark + point + suffix).encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + mark + point + suffix


def _shown(name: str) -> str:
    return repr(name if len(name) <= 120 else name[:117] + "…")
