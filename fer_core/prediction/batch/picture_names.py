"""Which files of a folder or zip count as pictures: by their names, because opening each would take long."""

from pathlib import Path, PurePosixPath

from fer_core.dataset.sources.folders import PICTURE_SUFFIXES, is_picture_name

# What datasets are not made of, but phones and browsers store. Without a decoder for one, its files are listed as
# files that could not be read, with what to install.
_PHOTO_SUFFIXES = frozenset({".heic", ".heif", ".hif", ".avif", ".jfif"})
SUFFIXES = PICTURE_SUFFIXES | _PHOTO_SUFFIXES


def names_picture(path: PurePosixPath | Path) -> bool:
    """Tell whether a path inside a folder names a picture; hidden files and shadow files of macOS do not count."""
    suffix = path.suffix.lower()
    return is_picture_name(path.with_suffix(".jpg") if suffix in _PHOTO_SUFFIXES else path)
