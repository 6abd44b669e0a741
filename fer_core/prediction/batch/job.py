"""A batch as a job: started on a page, it outlives the tab, can be cancelled, and leaves files to download.

`start_job(folder, BATCH_TARGET, {...}, title=...)` runs `batch_job` in a process of its own; the result names the
table, the list of files that could not be read, and a zip of annotated copies.
"""

import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from fer_core.errors import SettingsError
from fer_core.jobs import JobReporter
from fer_core.jobs.folder import write_whole
from fer_core.prediction.batch.files import errors_file, write_predictions
from fer_core.prediction.batch.pictures import PictureList, list_pictures
from fer_core.prediction.batch.reading import BatchSettings
from fer_core.prediction.predictor import load_predictor
from fer_core.prediction.tables import TABLE_SUFFIXES

BATCH_TARGET = "fer_core.prediction.batch.job:batch_job"
UPLOADS_FOLDER = "uploads"  # below the job's folder
_COPIES_FOLDER, _COPIES_ZIP = "annotated", "annotated.zip"


def batch_job(
    *,
    reporter: JobReporter,
    paths: Sequence[str] = (),
    model: str | None = None,
    settings: dict[str, str] | None = None,
    suffix: str = ".csv",
    with_copies: bool = False,
) -> dict[str, Any]:
    """Predict pictures, folders and zips into the job's folder; the target of `BATCH_TARGET`.

    What a page was given to upload it stores in `<job folder>/uploads`: pictures and zips there are read as well, are
    named in the table without that folder, and are deleted when the job ends, however it ends.

    Args:
        reporter: Reports pictures done and in all.
        paths: Pictures, folders of any depth and zips on this computer.
        model: A model's name or a package folder; the one that comes along when None.
        settings: `faces` and `views` as in `BatchSettings`.
        suffix: Format of the table: `.csv`, `.parquet` or `.jsonl`.
        with_copies: Whether to pack copies with boxes and labels into a zip.

    Returns:
        `table`, `errors` and `annotated` (paths, the last two None where there are none), and the counts of
        `BatchSummary`: num_pictures, num_faces, num_unsure, num_errors, num_taken_up.

    Raises:
        SettingsError: If there is nothing to read, or the disk is full.
        Cancelled: If somebody asked the job to stop.
    """
    folder = reporter.folder
    uploads, copies = folder / UPLOADS_FOLDER, folder / _COPIES_FOLDER
    if suffix not in TABLE_SUFFIXES:
        raise ValueError(f"suffix is {suffix!r}; known: {', '.join(TABLE_SUFFIXES)}")
    out = folder / f"expressions{suffix}"
    try:
        chosen = BatchSettings(**(settings or {}), annotated=copies if with_copies else None)
        reporter.progress(0, 0, "Loading the model")
        predictor = load_predictor(model)
        told = partial(reporter.progress, message="Reading the pictures")
        summary = write_predictions(predictor, _given(paths, uploads), out, settings=chosen, on_progress=told)
        packed = _packed(copies, folder / _COPIES_ZIP, reporter) if with_copies else None
    finally:
        shutil.rmtree(uploads, ignore_errors=True)
        shutil.rmtree(copies, ignore_errors=True)
    errors = errors_file(out)
    return {"table": out, "errors": errors if errors.exists() else None, "annotated": packed, **asdict(summary)}


def _given(paths: Sequence[str], uploads: Path) -> PictureList:
    """What is to be read; every uploaded file counts on its own, so that zips among them are looked into."""
    uploaded = sorted(path for path in uploads.rglob("*") if path.is_file()) if uploads.is_dir() else []
    lists = [list_pictures(paths), list_pictures(uploaded, below=uploads)]
    pictures = [picture for listed in lists for picture in listed.pictures]
    errors = [error for listed in lists for error in listed.errors]
    if not pictures and not errors:
        raise SettingsError("There is no picture to read. Give pictures, folders or zips.")
    return PictureList(pictures, errors)


def _packed(copies: Path, target: Path, reporter: JobReporter) -> Path | None:
    """Pack the copies, JPEGs that hardly get smaller; None where there are none."""
    files = sorted(path for path in copies.rglob("*") if path.is_file())
    if not files:
        return None

    def write(unfinished: Path) -> None:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as opened:
            for number, file in enumerate(files):
                reporter.progress(number, len(files), "Packing the copies")
                opened.write(file, file.relative_to(copies).as_posix())

    write_whole(target, write)
    return target
