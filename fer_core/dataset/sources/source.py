"""Where a dataset comes from: a folder, an archive, FER2013's table, an address, Kaggle, or a drawing program.

A source as a person writes it comes in; what kind it is and a folder with its pictures go out. Nothing of the source is
changed, and a folder with pictures is used where it is.
"""

import hashlib
import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.dataset.sources.archive import unpack_archive
from fer_core.dataset.sources.download import download
from fer_core.dataset.sources.folders import is_picture_name
from fer_core.dataset.sources.kaggle import download_kaggle
from fer_core.dataset.sources.pixel_csv import has_usage, is_pixel_csv, unpack_pixel_csv
from fer_core.errors import DatasetError
from fer_core.settings import load_settings

DRAWN = "drawn"
KAGGLE_PREFIX = "kaggle:"
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_KAGGLE_PAGE = re.compile(r"https?://(www\.)?kaggle\.com/(datasets/)?[\w-]+/[\w.-]+/?$", re.IGNORECASE)
_PACKED_SUFFIX = re.compile(r"\.(zip|csv|tar|tgz|tbz2?|txz|(tar\.)?(gz|bz2|xz|zst))$", re.IGNORECASE)
_KEPT_DOWNLOAD = 7 * 24 * 3600  # seconds that a download waits for a second try

OnProgress = Callable[[int, int], None]
OnStageProgress = Callable[[int, int, str], None]


def stage(on_progress: OnStageProgress | None, words: str) -> OnProgress | None:
    """Announce a stage of the work and return what takes its progress."""
    if on_progress is None:
        return None
    on_progress(0, 0, words)
    return lambda done, total: on_progress(done, total, words)


@dataclass(frozen=True)
class Source:
    """A source of a dataset.

    Args:
        kind: `zip`, `tar`, `csv`, `folder` (used in place), `url`, `kaggle` or `drawn`.
        text: What the person gave.
        path: Where it is on this computer; None for what is drawn or not fetched yet.
    """

    kind: str
    text: str
    path: Path | None = None

    @property
    def title(self) -> str:
        """Its name for people: the last part of path or address."""
        if self.path is not None:
            return self.path.name
        return unquote(PurePosixPath(urlsplit(self.text).path).name) or self.text

    @property
    def stem(self) -> str:
        """What a name for the dataset is made from."""
        return _PACKED_SUFFIX.sub("", self.title)

    @property
    def download_folder(self) -> Path:
        """Where its download waits, so that a second try goes on from there."""
        key = hashlib.sha256(self.text.encode()).hexdigest()[:16]
        return load_settings().downloads_folder / key


def find_source(text: str | Path) -> Source:
    """Tell what kind of source a text names, without fetching anything.

    Raises:
        DatasetError: If there is no such file or folder.
    """
    given = str(text).strip()
    if given == DRAWN:
        return Source(DRAWN, given)
    if given.startswith(KAGGLE_PREFIX) or _KAGGLE_PAGE.match(given):
        return Source("kaggle", given)
    if _ADDRESS.match(given):
        return Source("url", given)
    try:
        found = _source_at(Path(given).expanduser().absolute(), given) if given else None
    except (OSError, RuntimeError) as error:  # no right to look, a name that is too long, a home that is unknown
        raise DatasetError(f"'{given[:200]}' cannot be read ({error}). Check the path and your rights.") from error
    if found:
        return found
    raise DatasetError(
        f"There is no file or folder '{given}'. Give a zip, a folder, a tar, FER2013's CSV, an address that begins "
        f"with https://, {KAGGLE_PREFIX}owner/name, or the word {DRAWN}."
    )


def fetch_source(
    source: Source,
    *,
    sha256: str | None = None,
    on_progress: OnStageProgress | None = None,
) -> Source:
    """Download what is not on this computer, and check that the file is what it should be.

    Args:
        source: What `find_source` found.
        sha256: What the file has to be, in hexadecimal digits.
        on_progress: Called with (kilobytes done, kilobytes in all, words); the second is 0 while unknown.

    Returns:
        The source, with the path of what was downloaded.

    Raises:
        DatasetError: If it cannot be downloaded or is another file.
    """
    if source.kind in ("url", "kaggle"):
        source = replace(source, path=_downloaded(source, sha256, stage(on_progress, "Downloading (kB)")))
    if sha256 and source.kind != "url":
        if source.path is None or not source.path.is_file():
            raise DatasetError(f"'{source.text}' is no single file and has no SHA-256. Leave the sum out.")
        _check_sum(source.path, sha256)
    return source


def unpack_source(source: Source, files: Path, *, on_progress: OnStageProgress | None = None) -> Path:
    """Bring a source's pictures into class folders.

    Args:
        source: What `fetch_source` returned.
        files: Folder to create and fill.
        on_progress: Called with (done, total, words) of each stage, in units of its own.

    Returns:
        The folder with the pictures: `files`, or the source itself if it is a folder of pictures.

    Raises:
        DatasetError: If the source cannot be unpacked.
    """
    if source.kind == "folder" and source.path is not None:
        return source.path
    files.mkdir()
    if source.path is None:
        write_drawn_faces(files, on_progress=stage(on_progress, "Drawing"))
    else:
        _unpack(source.path, files, on_progress)
    return files


def forget_download(source: Source) -> None:
    """Delete what was downloaded from a source, and what has been left lying for a week."""
    shutil.rmtree(source.download_folder, ignore_errors=True)
    for folder in load_settings().downloads_folder.glob("*"):
        if time.time() - folder.stat().st_mtime > _KEPT_DOWNLOAD:
            shutil.rmtree(folder, ignore_errors=True)


def _downloaded(source: Source, sha256: str | None, on_progress: OnProgress | None) -> Path:
    in_kilobytes = on_progress and (lambda done, total: on_progress(done // 1000, total // 1000))
    if source.kind == "url":
        return download(source.text, source.download_folder, sha256=sha256, on_progress=in_kilobytes)
    return download_kaggle(source.text.removeprefix(KAGGLE_PREFIX), source.download_folder, on_progress=in_kilobytes)


def _unpack(path: Path, files: Path, on_progress: OnStageProgress | None) -> None:
    """Unpack an archive or a table of pictures; of an archive without pictures, the table in it."""
    unpacking = stage(on_progress, "Unpacking")
    if is_pixel_csv(path):
        unpack_pixel_csv(path, files, on_progress=unpacking)
        return
    unpack_archive(path, files, on_progress=unpacking)
    table = None if _has_pictures(files) else _pixel_table(files)
    if table:
        unpack_pixel_csv(table, files, on_progress=stage(on_progress, "Writing pictures"))
        _remove_tables(files)


def _source_at(path: Path, given: str) -> Source | None:
    if path.is_dir():
        table = None if _has_pictures(path) else _pixel_table(path)
        return Source("csv", given, table) if table else Source("folder", given, path)
    return Source(_file_kind(path), given, path) if path.is_file() else None


def _file_kind(path: Path) -> str:
    if is_pixel_csv(path):
        return "csv"
    return "zip" if zipfile.is_zipfile(path) else "tar"


def _has_pictures(folder: Path) -> bool:
    return any(is_picture_name(path.relative_to(folder)) for path in _files_below(folder))


def _pixel_table(folder: Path) -> Path | None:
    """The table of pictures in a folder, the one with splits if there are several; None where there is none.

    Raises:
        DatasetError: If there are several.
    """
    tables = sorted(path for path in _files_below(folder) if path.suffix.lower() == ".csv" and is_pixel_csv(path))
    whole = [table for table in tables if has_usage(table)]
    if len(whole) == 1:  # the archive of Kaggle's challenge has its train and test parts beside it
        return whole[0]
    if len(tables) > 1:
        listed = ", ".join(f"'{path.relative_to(folder).as_posix()}'" for path in tables)
        raise DatasetError(f"There are several tables of pictures: {listed}. Unpack and add the one you want.")
    return tables[0] if tables else None


def _remove_tables(files: Path) -> None:
    """Free the room of tables that were unpacked only to be read."""
    for path in list(_files_below(files)):
        if path.suffix.lower() == ".csv":
            path.unlink()


def _files_below(folder: Path) -> Iterator[Path]:
    return (Path(parent) / name for parent, _, names in os.walk(folder) for name in names)


def _check_sum(path: Path, sha256: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.strip().lower():
        raise DatasetError(
            f"'{path.name}' has the SHA-256 {found}, and {sha256} was expected. It is another file, or damaged; get it "
            "again."
        )
