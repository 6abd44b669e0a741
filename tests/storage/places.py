"""What lies in a folder, for comparing."""

import hashlib
from pathlib import Path


def contents(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder that is not hidden, by relative path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in relative.parts):
            found[relative.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
