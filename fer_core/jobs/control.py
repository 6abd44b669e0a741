"""What others do with a job from outside: ask it to stop, take its result, list and remove.

All of it goes through the job's folder; nobody needs to have started the job, or to be in the same process.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from fer_core.errors import JobError
from fer_core.jobs.folder import CANCEL_FILE, JOB_FILE, RESULT_FILE, read_json
from fer_core.jobs.status import JobStatus, read_status


def request_cancel(folder: str | Path) -> None:
    """Ask a job to stop; it ends as `stopped` soon after. One that has ended is left as it is.

    Raises:
        JobError: If the folder holds no job, or the request cannot be written.
    """
    folder = Path(folder)
    if not read_status(folder).is_live:
        return
    try:
        (folder / CANCEL_FILE).touch()
    except OSError as error:
        raise JobError(f"The job in '{folder}' cannot be asked to stop ({error}). Check rights and disk.") from error


def read_result(folder: str | Path) -> dict[str, Any] | None:
    """Return what the job's target returned, None while there is nothing."""
    return read_json(Path(folder) / RESULT_FILE)


def read_arguments(folder: str | Path) -> dict[str, Any]:
    """Return the arguments a job was started with, so that it can be started again with a change.

    Raises:
        JobError: If the folder holds no job.
    """
    job = read_json(Path(folder) / JOB_FILE)
    if job is None:
        raise JobError(f"There is no job in '{folder}'. It may have been removed; look at the list again.")
    return dict(job["arguments"])


def list_jobs(parent: str | Path) -> list[tuple[Path, JobStatus]]:
    """Return the jobs whose folders lie in `parent`, the newest first; other folders are passed over."""
    parent = Path(parent)
    if not parent.is_dir():
        return []
    jobs = []
    for folder in parent.iterdir():
        if folder.name.startswith(".") or not (folder / JOB_FILE).is_file():
            continue
        try:
            jobs.append((folder, read_status(folder)))
        except JobError:  # removed or damaged between two looks
            continue
    return sorted(jobs, key=lambda job: (job[1].started_at, job[0].name), reverse=True)


def remove_job(folder: str | Path) -> None:
    """Delete an ended job's folder with everything in it.

    Raises:
        JobError: If the folder holds no job, the job is live, or the folder cannot be deleted.
    """
    folder = Path(folder)
    status = read_status(folder)
    if status.is_live:
        raise JobError(f"'{status.title}' is still at work and cannot be removed. Stop it first.")
    # Under a hidden name it is gone from every list at once, even where deleting takes long or fails halfway.
    doomed = folder.with_name(f".removed-{folder.name}-{os.getpid()}")
    try:
        os.replace(folder, doomed)
        shutil.rmtree(doomed)
    except OSError as error:
        raise JobError(f"'{folder}' cannot be removed ({error}). Close the programs that use its files.") from error
