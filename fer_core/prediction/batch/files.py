"""Predicts folders and zips of pictures: one table of faces for any number of them, in bounded memory.

Paths come in; a table with one row a face goes out, and beside it a table of the files that could not be read, with
the reason. A broken file never stops the others, and a batch that was interrupted goes on where it was.
"""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core.jobs.folder import write_whole
from fer_core.models.views import check_views
from fer_core.prediction.batch.annotated import check_copies
from fer_core.prediction.batch.journal import Journal, open_journal
from fer_core.prediction.batch.pictures import PictureList, list_pictures
from fer_core.prediction.batch.reading import BatchSettings, Outcome, read_in_order
from fer_core.prediction.predictor import FACE_MODES, Predictor
from fer_core.prediction.results import results_frame
from fer_core.prediction.tables import checked_table_path, face_columns, open_table, unwritable

ERROR_COLUMNS = ("image", "error")

OnProgress = Callable[[int, int], None]
Paths = Sequence[str | Path] | PictureList


@dataclass(frozen=True)
class BatchResult:
    """What came of a batch that is kept in memory.

    Args:
        frame: One row a face, columns as in `Prediction.to_frame`.
        errors: One row a file that could not be read: image, error.
        num_pictures: Pictures that were read, with or without a face.
    """

    frame: pd.DataFrame
    errors: pd.DataFrame
    num_pictures: int


@dataclass(frozen=True)
class BatchSummary:
    """What came of a batch that was written to files.

    Args:
        num_pictures: Pictures that were read, with or without a face.
        num_faces: Rows of the table.
        num_unsure: Those of them whose label is not sure.
        num_errors: Rows of the table of files that could not be read.
        num_taken_up: Pictures that an interrupted batch had read already.
    """

    num_pictures: int
    num_faces: int
    num_unsure: int
    num_errors: int
    num_taken_up: int


def predict_files(
    predictor: Predictor,
    paths: Paths,
    *,
    settings: BatchSettings | None = None,
    on_progress: OnProgress | None = None,
) -> BatchResult:
    """Predict pictures, folders of any depth and zips, and return the table.

    Args:
        predictor: Reads each picture.
        paths: Pictures, whatever their name; folders and zips, in which files named like pictures count; or what
            `list_pictures` made of them. The image column holds a path as it is given, a folder's or zip's joined
            with what is inside. A file given twice counts once.
        settings: How they are read; faces are looked for and read with all views by default.
        on_progress: Called with (pictures done, pictures in all); it may raise `Cancelled`.
    """
    settings = _checked(settings)
    listed = _listed(paths, settings)
    rows: list[dict[str, Any]] = []
    errors = list(listed.errors)
    num_pictures = 0
    for done, outcome in enumerate(read_in_order(predictor, listed.pictures, settings), start=1):
        if outcome.rows is None:
            errors.append((outcome.name, outcome.error))
        else:
            rows += outcome.rows
            num_pictures += 1
        if on_progress:
            on_progress(done, len(listed.pictures))
    frame = results_frame(rows, predictor.class_names)
    return BatchResult(frame, pd.DataFrame(errors, columns=list(ERROR_COLUMNS)), num_pictures)


def write_predictions(
    predictor: Predictor,
    paths: Paths,
    out: str | Path,
    *,
    settings: BatchSettings | None = None,
    on_progress: OnProgress | None = None,
) -> BatchSummary:
    """Predict pictures, folders of any depth and zips into a file.

    What is done is kept in `<out>.unfinished` until the table is whole; after an interruption, even by a power cut,
    the same call goes on there. Pictures that have changed since, or could not be read, are read again.

    Args:
        predictor: Reads each picture.
        paths: As for `predict_files`.
        out: A `.csv`, `.parquet` or `.jsonl` file; it appears whole, in the order of the pictures. Files that could not
            be read go to `<out>.errors.csv`.
        settings: How they are read; faces are looked for and read with all views by default.
        on_progress: Called with (pictures done, pictures in all); it may raise `Cancelled`.

    Raises:
        SettingsError: If `out` cannot be written, which is mostly known before the first picture is read.
    """
    settings = _checked(settings)
    target = checked_table_path(out)
    listed = _listed(paths, settings)
    if settings.annotated is not None:
        check_copies(listed.pictures, settings.annotated)
    with open_journal(target, _work(predictor, settings)) as journal:
        num_taken_up = _read_the_rest(predictor, listed, settings, journal, on_progress)
        summary = _write_tables(listed, journal, target, face_columns(predictor.class_names), num_taken_up)
        journal.discard()
    return summary


def errors_file(out: Path) -> Path:
    """Return where the files that could not be read are listed."""
    return out.with_name(f"{out.name}.errors.csv")


def _checked(settings: BatchSettings | None) -> BatchSettings:
    settings = settings or BatchSettings()
    if settings.faces not in FACE_MODES:
        raise ValueError(f"faces is {settings.faces!r}; known: {', '.join(FACE_MODES)}")
    check_views(settings.views)
    return settings


def _listed(paths: Paths, settings: BatchSettings) -> PictureList:
    return paths if isinstance(paths, PictureList) else list_pictures(paths, skip=settings.annotated)


def _work(predictor: Predictor, settings: BatchSettings) -> dict[str, Any]:
    """What the rows depend on: a batch goes on with a journal only if all of it is the same."""
    info = predictor.info
    model = {
        "name": info.name,
        "class_names": list(info.class_names),
        "digests": dict(info.digests),
        "temperature": info.temperature[settings.views],
        "unsure_threshold": info.unsure_threshold[settings.views],
    }
    copies = None if settings.annotated is None else os.path.abspath(settings.annotated)
    return {"model": model, "faces": settings.faces, "views": settings.views, "annotated": copies}


def _read_the_rest(
    predictor: Predictor, listed: PictureList, settings: BatchSettings, journal: Journal, on_progress: OnProgress | None
) -> int:
    """Read what the journal lacks into it; returns how many pictures it had already."""
    missing = [picture for picture in listed.pictures if not _is_done(picture.name, picture.current_stamp(), journal)]
    num_taken_up = len(listed.pictures) - len(missing)
    if on_progress and num_taken_up:
        on_progress(num_taken_up, len(listed.pictures))
    for done, outcome in enumerate(read_in_order(predictor, missing, settings), start=num_taken_up + 1):
        journal.add(outcome.name, _content(outcome))
        if on_progress:
            on_progress(done, len(listed.pictures))
    return num_taken_up


def _content(outcome: Outcome) -> dict[str, Any]:
    return {"stamp": outcome.stamp, "rows": outcome.rows, "error": outcome.error}


def _is_done(name: str, stamp: tuple[int, int] | None, journal: Journal) -> bool:
    kept = journal.find(name)
    return kept is not None and kept["rows"] is not None and stamp is not None and kept["stamp"] == list(stamp)


def _write_tables(
    listed: PictureList, journal: Journal, out: Path, columns: dict[str, type], num_taken_up: int
) -> BatchSummary:
    errors = list(listed.errors)
    counts = {"num_pictures": 0, "num_faces": 0, "num_unsure": 0}

    def write(partial: Path) -> None:
        with closing(open_table(partial, columns)) as table:
            for kept in _kept(listed, journal):
                if kept["rows"] is None:
                    errors.append((kept["image"], kept["error"]))
                    continue
                table.write(kept["rows"])
                counts["num_pictures"] += 1
                counts["num_faces"] += len(kept["rows"])
                counts["num_unsure"] += sum(bool(row["unsure"]) for row in kept["rows"])

    try:
        write_whole(out, write)
        _write_errors(errors, errors_file(out))
    except OSError as error:
        raise unwritable(out, error) from error
    return BatchSummary(**counts, num_errors=len(errors), num_taken_up=num_taken_up)


def _kept(listed: PictureList, journal: Journal) -> Iterator[dict[str, Any]]:
    for picture in listed.pictures:
        kept = journal.find(picture.name)
        if kept is not None:
            yield kept


def _write_errors(errors: Sequence[tuple[str, str]], path: Path) -> None:
    if not errors:
        path.unlink(missing_ok=True)  # of an earlier batch
        return

    def write(partial: Path) -> None:
        with partial.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([ERROR_COLUMNS, *errors])

    write_whole(path, write)
