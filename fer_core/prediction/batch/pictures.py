"""Which pictures a batch reads: files, folders to any depth and zips become one list.

Paths as a person gives them come in; a list with each picture once goes out, and beside it what could not be looked
into, with the reason.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fer_core.errors import ArchiveError
from fer_core.prediction.batch.picture_names import SUFFIXES, names_picture
from fer_core.prediction.batch.zips import looks_like_zip, picture_entries
from fer_core.prediction.results import picture_name

Stamp = tuple[int, int]


class Picture(NamedTuple):
    """One picture to read.

    Args:
        name: What it is called in tables: the path as given, a folder's or zip's joined with what is inside.
        path: The file that holds it.
        inside: Its place below the folder that all given paths share, for copies of it.
        entry: Number of the entry in a zip, None for a file of its own.
        stamp: Checksum and size of the entry; None for a file, whose size and time are looked at when it is read.
    """

    name: str
    path: str
    inside: str
    entry: int | None = None
    stamp: Stamp | None = None

    def current_stamp(self) -> Stamp | None:
        """Return what tells whether the picture has changed: size and time (ns) of a file; None without a file."""
        if self.stamp is not None:
            return self.stamp
        try:
            facts = os.stat(self.path)
        except OSError:
            return None
        return facts.st_size, facts.st_mtime_ns


@dataclass(frozen=True)
class PictureList:
    """What a batch reads.

    Args:
        pictures: Each picture once, folders in the order of names.
        errors: Name and reason of what could not be looked into.
    """

    pictures: Sequence[Picture]
    errors: Sequence[tuple[str, str]]


def list_pictures(
    paths: Iterable[str | Path], *, below: str | Path | None = None, skip: str | Path | None = None
) -> PictureList:
    """List the pictures to read.

    Args:
        paths: Pictures, whatever their name; folders and zips, in which files named like pictures count.
        below: A folder that names in tables leave out; None for the paths as given.
        skip: A folder that is not looked into: where the batch itself writes pictures.

    Returns:
        The pictures. A file given twice counts once, under its first name.
    """
    given = [os.fspath(path) for path in paths]
    top = _common_folder(given)
    skipped = None if skip is None else os.path.abspath(skip)
    pictures: dict[tuple[str, str], Picture] = {}  # by absolute path and the name of the entry
    errors: list[tuple[str, str]] = []
    for path in given:
        shown = path if below is None else os.path.relpath(path, below)
        for picture in _pictures_of(path, shown, top, errors, skipped):
            pictures.setdefault((os.path.abspath(picture.path), picture.inside), picture)
    return PictureList(list(pictures.values()), errors)


def _pictures_of(
    path: str, shown: str, top: str, errors: list[tuple[str, str]], skipped: str | None
) -> Iterator[Picture]:
    """The pictures of one given path; what is wrong with it is added to the errors."""
    num_errors, found = len(errors), 0
    if os.path.isdir(path):
        for file in _files_below(path, errors, skipped):
            found += 1
            name = os.path.join(shown, os.path.relpath(file, path))
            yield Picture(picture_name(name), file, _inside(file, top))
    elif looks_like_zip(path):
        for picture in _pictures_in_zip(path, shown, top, errors):
            found += 1
            yield picture
    else:
        yield Picture(picture_name(shown), path, _inside(path, top))
        return
    if not found and len(errors) == num_errors:
        kind = "folder" if os.path.isdir(path) else "zip"
        known = ", ".join(sorted(SUFFIXES))
        errors.append((picture_name(shown), f"The {kind} holds no picture; expected {known}."))


def _files_below(folder: str, errors: list[tuple[str, str]], skipped: str | None) -> Iterator[str]:
    def note(error: OSError) -> None:
        errors.append((picture_name(str(error.filename)), f"The folder cannot be listed ({error.strerror})."))

    for parent, folders, names in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if os.path.abspath(os.path.join(parent, name)) != skipped)
        inside = Path(os.path.relpath(parent, folder))
        yield from (os.path.join(parent, name) for name in sorted(names) if names_picture(inside / name))


def _pictures_in_zip(path: str, shown: str, top: str, errors: list[tuple[str, str]]) -> Iterator[Picture]:
    place = _inside(path, top)
    try:
        entries, refused = picture_entries(path)
    except ArchiveError as error:
        errors.append((picture_name(shown), str(error)))
        return
    errors += [(picture_name(os.path.join(shown, name)), reason) for name, reason in refused]
    for entry in entries:
        inside = entry.name if place == os.curdir else os.path.join(place, entry.name)
        yield Picture(picture_name(os.path.join(shown, entry.name)), path, inside, entry.number, entry.stamp)


def _common_folder(given: Sequence[str]) -> str:
    """The deepest folder, or the zip, that holds everything given; a drive's root where there is none."""
    tops = [os.path.abspath(path) for path in given]
    tops = [top if os.path.isdir(top) or looks_like_zip(top) else os.path.dirname(top) for top in tops]
    try:
        return os.path.commonpath(tops)
    except ValueError:  # nothing given, or different drives
        return ""


def _inside(path: str, top: str) -> str:
    path = os.path.abspath(path)
    return os.path.relpath(path, top) if top else os.path.splitdrive(path)[1].lstrip(os.sep)
