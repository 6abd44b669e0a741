"""Predicts whole folders: one table of faces for any number of pictures, in bounded memory.

Paths of pictures and folders come in; a table with one row a face goes out, and beside it a table of the files that
could not be read, with the reason. A broken file never stops the others.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core.dataset.sources.folders import PICTURE_SUFFIXES, is_picture_name
from fer_core.errors import ImageError, SettingsError
from fer_core.prediction.predictor import Predictor
from fer_core.prediction.results import picture_name, results_frame

ERROR_COLUMNS = ("image", "error")

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class BatchResult:
    """What came of a batch.

    Args:
        frame: One row a face, columns as in `Prediction.to_frame`.
        errors: One row a file that could not be read: image, error.
        num_pictures: Pictures that were read, with or without a face.
    """

    frame: pd.DataFrame
    errors: pd.DataFrame
    num_pictures: int


def predict_files(
    predictor: Predictor,
    paths: Sequence[str | Path],
    *,
    faces: str = "detect",
    views: str = "all",
    out: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> BatchResult:
    """Predict pictures and the pictures in folders, to any depth.

    Args:
        predictor: Reads each picture.
        paths: Pictures, whatever their name, and folders, in which files named like pictures count. The image column
            holds a path as it is given, a folder's joined with what is inside. A file given twice counts once.
        faces: `detect` or `whole`, as for `Predictor.predict`.
        views: `all` or `one`, as for `Predictor.predict`.
        out: A `.csv` file to write the faces to; files that could not be read go to `<out>.errors.csv` beside it.
        on_progress: Called with (files done, files in all); it may raise `Cancelled`, and then nothing is written.

    Raises:
        SettingsError: If `out` cannot be written; known before the first picture is read.
    """
    target = None if out is None else _checked_target(Path(out))
    files, errors = list_pictures(paths)
    rows: list[dict[str, Any]] = []
    num_pictures = 0
    for number, file in enumerate(files, start=1):
        try:
            # One picture at a time: the network reads faces one by one as fast as many together.
            rows += predictor.predict(file, faces=faces, views=views).rows()
            num_pictures += 1
        except ImageError as error:
            errors.append((file, str(error)))
        if on_progress:
            on_progress(number, len(files))
    unread = [(picture_name(path), reason) for path, reason in errors]
    result = BatchResult(
        results_frame(rows, predictor.class_names), pd.DataFrame(unread, columns=list(ERROR_COLUMNS)), num_pictures
    )
    if target:
        _write(result, target)
    return result


def list_pictures(paths: Iterable[str | Path]) -> tuple[list[str], list[tuple[str, str]]]:
    """List the pictures to read, folders walked in the order of names.

    Returns:
        Each picture once, as its path was given; and (path, reason) for folders that hold none or cannot be listed.
    """
    files: dict[str, str] = {}  # absolute path -> path as given
    errors: list[tuple[str, str]] = []
    for path in map(str, paths):
        num_errors = len(errors)
        found = list(_pictures_below(path, errors)) if os.path.isdir(path) else [path]
        if not found and len(errors) == num_errors:
            errors.append((path, f"The folder holds no picture; expected {', '.join(sorted(PICTURE_SUFFIXES))}."))
        for file in found:
            files.setdefault(os.path.abspath(file), file)
    return list(files.values()), errors


def _pictures_below(folder: str, errors: list[tuple[str, str]]) -> Iterator[str]:
    def note(error: OSError) -> None:
        errors.append((str(error.filename), f"The folder cannot be listed ({error.strerror})."))

    for parent, folders, names in os.walk(folder, onerror=note):
        folders.sort()
        inside = Path(os.path.relpath(parent, folder))
        yield from (os.path.join(parent, name) for name in sorted(names) if is_picture_name(inside / name))


def errors_file(out: Path) -> Path:
    """Return where the files that could not be read are listed."""
    return out.with_name(f"{out.name}.errors.csv")


def _checked_target(out: Path) -> Path:
    if out.suffix.lower() != ".csv":
        raise SettingsError(f"The output is {str(out)!r}; expected a name that ends in .csv. Choose another name.")
    if out.is_dir():
        raise SettingsError(f"The output {str(out)!r} is a folder; expected a file's name. Choose another name.")
    if not out.parent.is_dir():
        raise SettingsError(f"The output's folder {str(out.parent)!r} does not exist. Create it or choose another one.")
    if not os.access(out.parent, os.W_OK):
        raise SettingsError(f"The output's folder {str(out.parent)!r} cannot be written to. Choose another one.")
    return out


def _write(result: BatchResult, out: Path) -> None:
    _write_csv(result.frame, out)
    if len(result.errors):
        _write_csv(result.errors, errors_file(out))
    else:
        errors_file(out).unlink(missing_ok=True)  # of an earlier batch


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        table.to_csv(partial, index=False, float_format="%.6f", encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be written ({error.strerror}). Choose another place.") from error
    finally:
        partial.unlink(missing_ok=True)
