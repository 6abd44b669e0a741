"""Where an imported package came from, and whether its Keras network may be opened.

A `.keras` file can name code to be run, so one that came from elsewhere is opened only after the person has confirmed
that its origin is trusted. The note lies in the package's folder; a package without one was made on this computer.
"""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fer_core.errors import ModelError
from fer_core.jobs.folder import read_json, write_json

ORIGIN_FILE = "imported.json"


@dataclass(frozen=True)
class Origin:
    """What is known of an imported package.

    Args:
        archive: Name of the file it came in.
        sha256: Of that file.
        imported_at: ISO 8601 time.
        trusted_at: When somebody confirmed that its `model.keras` may be opened; None while nobody has.
    """

    archive: str
    sha256: str
    imported_at: str
    trusted_at: str | None = None


def now() -> str:
    """Return the time as a note holds it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_origin(origin: Origin, folder: Path) -> None:
    """Note in a package's folder that it was imported."""
    write_json(folder / ORIGIN_FILE, asdict(origin))


def read_origin(folder: Path) -> Origin | None:
    """Return where a package came from, None if it was made on this computer; a damaged note trusts nothing."""
    path = folder / ORIGIN_FILE
    if not path.exists():
        return None
    noted = read_json(path) or {}
    archive, sha256, imported_at = (str(noted.get(key, "unknown")) for key in ("archive", "sha256", "imported_at"))
    trusted_at = noted.get("trusted_at")
    return Origin(archive, sha256, imported_at, trusted_at if isinstance(trusted_at, str) else None)


def is_keras_trusted(folder: Path) -> bool:
    """Tell whether a package's `model.keras` may be opened."""
    origin = read_origin(folder)
    return origin is None or origin.trusted_at is not None


def confirm_trust(folder: Path) -> None:
    """Note that the person trusts where an imported package came from; one made here needs no note.

    Raises:
        ModelError: If the note cannot be written.
    """
    origin = read_origin(folder)
    if origin is None or origin.trusted_at is not None:
        return
    try:
        write_origin(replace(origin, trusted_at=now()), folder)
    except OSError as error:
        raise ModelError(f"'{folder}' cannot be written to ({error.strerror}). Allow writing there.") from error


def refuse_untrusted(folder: Path) -> None:
    """Refuse to hand out the Keras network of a package that nobody has vouched for.

    Raises:
        ModelError: If the package was imported and its origin is not confirmed.
    """
    if is_keras_trusted(folder):
        return
    raise ModelError(
        f"The model in '{folder.name}' was imported, and its model.keras may hold code that runs when it is opened, so "
        "it stays closed. Predictions do not need it. If you trust whoever made it, confirm that on the Models page or "
        f"with: python -m fer_core models trust {folder.name}"
    )
