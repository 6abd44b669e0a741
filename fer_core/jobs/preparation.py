"""Making a folder ready for a job, one starter at a time.

Two tabs, or the app and the command line, may start a job in the same folder at the same moment: whoever
creates the claim file first prepares the folder, and a folder with a live job is left alone.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fer_core.errors import JobError
from fer_core.jobs.folder import (
    CANCEL_FILE,
    CLAIM_FILE,
    DEFAULT_LOG_NAME,
    JOB_FILE,
    LEFTOVERS,
    PROCESS_FILE,
    RESULT_FILE,
    STATUS_FILE,
    read_json,
    write_json,
)
from fer_core.jobs.queue import entering, num_ahead
from fer_core.jobs.status import JobStatus, read_status, waiting

# Starting takes well under a second; an older claim was left behind by a starter that died.
_CLAIM_LIFETIME = 30.0  # seconds


@dataclass(frozen=True)
class JobPlan:
    """What a job is to do.

    Args:
        target: `package.module:function`, called as `function(reporter=JobReporter, **arguments)`.
        arguments: JSON values and paths.
        title: What the job does, for people.
        log_name: Name of the log file in the job's folder.
        queue: Folder of the queue in which it waits for its turn; None where it need not.
        continues: Whether it goes on with what an ended job in its folder began.
    """

    target: str
    arguments: dict[str, Any]
    title: str
    log_name: str = DEFAULT_LOG_NAME
    queue: Path | None = None
    continues: bool = False

    def __post_init__(self) -> None:
        module_name, _, function_name = self.target.partition(":")
        if not module_name or not function_name:
            raise ValueError(f"expected a target like 'package.module:function', received {self.target!r}")


@contextmanager
def starting_claim(folder: Path) -> Iterator[None]:
    """Hold the right to start a job in a folder, which is created where it is missing.

    Raises:
        JobError: If the folder cannot be created, somebody else is starting a job there, or one is live.
    """
    claim = folder / CLAIM_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _drop_stale(claim)
        os.close(os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError as error:
        if folder.is_dir():
            raise JobError(f"A job is being started in '{folder}' right now. Wait a moment and look again.") from error
        raise JobError(f"'{folder}' is a file; a job needs a folder. Choose another place.") from error
    except OSError as error:
        raise JobError(f"The folder '{folder}' cannot be written ({error}). Check its rights and the disk.") from error
    try:
        _refuse_live(folder)
        yield
    finally:
        claim.unlink(missing_ok=True)


def read_plan(folder: Path) -> tuple[JobPlan, Path | None]:
    """Read what the job in a folder is to do, and its ticket where it waits for a turn.

    Raises:
        JobError: If the folder holds no job.
    """
    job = read_json(folder / JOB_FILE)
    if job is None:
        raise JobError(f"There is no job in '{folder}'. It may have been removed; look at the list again.")
    ticket = job.get("ticket")
    plan = JobPlan(job["target"], job["arguments"], job["title"], job.get("log_name", DEFAULT_LOG_NAME))
    return plan, Path(ticket) if ticket else None


def continuing_plan(folder: Path, arguments: dict[str, Any], queue: str | Path | None) -> JobPlan:
    """Return the plan of going on with the job in a folder, with some arguments changed.

    Raises:
        JobError: If the folder holds no job.
    """
    plan, _ = read_plan(folder)
    place = None if queue is None else Path(queue).absolute()
    return replace(plan, arguments={**plan.arguments, **arguments}, queue=place, continues=True)


def prepare_folder(folder: Path, plan: JobPlan) -> tuple[JobStatus, Path | None]:
    """Write what is to be done, clear the traces of an earlier job, and return the first status and the ticket.

    The log is kept: a later job in the same folder appends to it. A job that continues also keeps the details
    of the earlier one's status and the seconds it took.

    Raises:
        JobError: If the files cannot be written.
    """
    status = JobStatus("starting", plan.title, started_at=time.time())
    if plan.continues:
        earlier = read_status(folder)
        status = replace(status, details=earlier.details, seconds_before=earlier.seconds_elapsed)
    if plan.queue is None:
        _write_files(folder, plan, status, None)
        return status, None
    with entering(plan.queue, folder) as ticket:
        ahead = num_ahead(ticket)
        status = waiting(status, ahead) if ahead else status
        _write_files(folder, plan, status, ticket)
        return status, ticket


def _write_files(folder: Path, plan: JobPlan, status: JobStatus, ticket: Path | None) -> None:
    job: dict[str, Any] = {
        "title": plan.title,
        "target": plan.target,
        "arguments": plan.arguments,
        "log_name": plan.log_name,
        "ticket": ticket,
    }
    try:
        for path in [folder / CANCEL_FILE, folder / PROCESS_FILE, folder / RESULT_FILE, *folder.glob(LEFTOVERS)]:
            if path.is_dir():  # half a model package
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        write_json(folder / JOB_FILE, job)
        write_json(folder / STATUS_FILE, status.to_dict())
        if plan.continues:
            with (folder / plan.log_name).open("a", encoding="utf-8") as log:
                log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} resumed: {plan.title}\n")
    except OSError as error:
        raise JobError(
            f"The job in '{folder}' cannot be written down ({error}). Check rights and free disk."
        ) from error


def _refuse_live(folder: Path) -> None:
    if not (folder / JOB_FILE).is_file():
        return
    status = read_status(folder)
    if status.is_live:
        raise JobError(f"'{status.title}' is still at work in '{folder}'. Wait until it ends, or stop it first.")


def _drop_stale(claim: Path) -> None:
    try:
        age = time.time() - claim.stat().st_mtime
    except FileNotFoundError:
        return
    if age > _CLAIM_LIFETIME:
        claim.unlink(missing_ok=True)
