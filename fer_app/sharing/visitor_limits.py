"""What a visitor may do on the Prediction page, and the words for it.

The session that runs decides: an operator's limits are those of the computer.
"""

from dataclasses import dataclass

from fer_app.sharing.operators import is_operator
from fer_core.errors import FerError
from fer_core.images import MAX_PIXELS
from fer_core.settings import load_settings

_VISITOR_PHOTOS = 20
_VISITOR_PIXELS = 50_000_000  # 150 MB while it is read; above what phones take by default
_MAX_PHOTO_MB, _MAX_PHOTOS = 100, 200


@dataclass(frozen=True)
class Limits:
    """How much one tab may ask for.

    Args:
        photo_mb: Size of a photo's file in megabytes.
        num_photos: Photos that are read at a time.
        pixels: Pixels of a photo.
        has_batches: Whether folders and zips may be read, by a process that writes to the disk.
        has_details: Whether messages may name files, folders and secrets of the server.
    """

    photo_mb: int = _MAX_PHOTO_MB
    num_photos: int = _MAX_PHOTOS
    pixels: int = MAX_PIXELS
    has_batches: bool = True
    has_details: bool = True


def limits_here() -> Limits:
    """Return the limits of this session."""
    if is_operator():
        return Limits()
    return Limits(load_settings().max_upload_mb, _VISITOR_PHOTOS, _VISITOR_PIXELS, False, False)


def told(error: FerError, instead: str) -> str:
    """Return an error's text, or for a visitor a sentence that names nothing of the server.

    Args:
        error: What went wrong.
        instead: What a visitor is told.
    """
    return str(error) if limits_here().has_details else f"{instead} Tell whoever runs this server."
