"""A dataset's health report from beginning to end: duplicates, a sample of faces, every check, all of it kept.

A dataset's name comes in, the report in its audit folder goes out. It stands a floor above datasets and detectors,
because it hands the detector to the checks.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.dataset.audit import AuditReport, audit_index, load_audit, save_audit
from fer_core.dataset.audit.face_checks import FACE_COLUMNS, look_for_faces, sample_pictures
from fer_core.dataset.audit.stored import FACES_NAME
from fer_core.dataset.duplicates.pairs import find_duplicates_job, load_duplicates
from fer_core.errors import DatasetError
from fer_core.faces import FaceDetector
from fer_core.images import read_image
from fer_core.jobs import JobStatus, remove_job, run_here
from fer_core.jobs.folder import write_whole
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

AUDIT_TARGET = "fer_core.health:audit_job"

# A picture is searched at this size only: faces that fill a frame are found best, and it takes a third of the time.
_DETECTOR_PASSES = (320,)


def audit_job_folder(dataset: Dataset) -> Path:
    """Return the folder of the job that makes this dataset's report; there is one at a time."""
    return load_settings().jobs_folder / f"audit-{dataset.name}"


def audit_job(*, reporter: "JobReporter", dataset: str, sampled_faces: int = 0) -> dict[str, int]:
    """Job: make the health report of a dataset's corrected view and keep it.

    Duplicates and faces that were found before are used again, as long as the pixels are the same.

    Args:
        reporter: Told about the progress.
        dataset: Name of the dataset.
        sampled_faces: In how many pictures to look for faces; 0 keeps what an earlier look found.

    Returns:
        Number of checks that ended with each severity.

    Raises:
        DatasetError: If there is no such dataset, or the report cannot be stored.
    """
    opened = open_dataset(dataset)
    view = opened.view()
    pairs = load_duplicates(opened)
    if pairs is None:
        find_duplicates_job(reporter=reporter, dataset=dataset)
        pairs = load_duplicates(opened)
    if sampled_faces:
        _find_faces(opened, view, sampled_faces, reporter)
    report = audit_index(
        view,
        duplicates=pairs,
        faces=read_faces(opened),
        on_progress=lambda done, total: reporter.progress(done, total, "Comparing splits and classes"),
    )
    save_audit(opened, report)
    summary: dict[str, int] = report.to_dict()["summary"]
    return summary


def fresh_report(
    dataset: Dataset, *, sampled_faces: int = 0, on_status: Callable[[JobStatus], None] | None = None
) -> AuditReport:
    """Return the report that was kept if it still holds; make it in this process where it does not.

    Args:
        dataset: The dataset.
        sampled_faces: In how many pictures to look for faces; more than 0 makes the report anew.
        on_status: Called with the job's status a few times a second.

    Raises:
        DatasetError: If the report cannot be stored.
        JobError: If it is being made elsewhere at this moment.
    """
    report = load_audit(dataset)
    if report is not None and sampled_faces <= 0 and report.fingerprint == dataset.view().fingerprint:
        return report
    folder, arguments = audit_job_folder(dataset), {"dataset": dataset.name, "sampled_faces": sampled_faces}
    run_here(folder, AUDIT_TARGET, arguments, title=f"Checking {dataset.name}", on_status=on_status)
    remove_job(folder)
    report = load_audit(dataset)
    if report is None:
        raise DatasetError(f"The health report of {dataset.name!r} was removed meanwhile. Ask for it again.")
    return report


def read_faces(dataset: Dataset) -> pd.DataFrame | None:
    """Return what the last look for faces found, None where there was none."""
    try:
        faces = pd.read_parquet(dataset.audit_folder / FACES_NAME)
    except (OSError, ValueError):
        return None
    return faces if list(faces.columns) == FACE_COLUMNS else None


def _find_faces(dataset: Dataset, view: DatasetIndex, num_pictures: int, reporter: "JobReporter") -> None:
    def read_picture(image_id: int) -> npt.NDArray[np.uint8]:
        return read_image(dataset.file_of(image_id))

    faces = look_for_faces(
        view,
        sample_pictures(view, num_pictures),
        detect=FaceDetector(passes=_DETECTOR_PASSES).detect,
        read_picture=read_picture,
        on_progress=lambda done, total: reporter.progress(done, total, "Looking for faces"),
    )
    try:
        write_whole(dataset.audit_folder / FACES_NAME, lambda path: faces.to_parquet(path, index=False))
    except OSError as error:
        raise DatasetError(f"What was found cannot be stored ({error.strerror}). Free some disk space.") from error
