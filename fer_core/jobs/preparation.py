"""Making a folder ready for a job, one starter at a time.

Two tabs, or the app and the command line, may start a job in the same folder at the same moment: whoever
creates the claim file first prepares the folder, and a folder with a live job is left alone.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fer_core.errors import JobError
from fer_core.jobs.folder import (
    CANCEL_FILE,
    CLAIM_FILE,
    JOB_FILE,
    PROCESS_FILE,
    RESULT_FILE,
    STATUS_FILE,
    write_json,
)
from fer_core.jobs.status import JobStatus, read_status

# Starting takes well under a second; an older claim was left behind by a starter that died.
_CLAIM_LIFETIME = 30.0  # seconds


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


def prepare_folder(folder: Path, target: str, arguments: dict[str, Any], *, title: str, log_name: str) -> JobStatus:
    """Write what is to be done, clear the traces of an earlier job, and return the first status.

    The log is kept: a later job in the same folder appends to it.

    Raises:
        JobError: If the files cannot be written.
        ValueError: If `target` has another form than `package.module:function`.
    """
    module_name, _, function_name = target.partition(":")
    if not module_name or not function_name:
        raise ValueError(f"expected a target like 'package.module:function', received {target!r}")
    status = JobStatus(state="starting", title=title, started_at=time.time())
    job = {"title": title, "target": target, "arguments": arguments, "log_name": log_name}
    try:
        for name in (CANCEL_FILE, PROCESS_FILE, RESULT_FILE):
            (folder / name).unlink(missing_ok=True)
        write_json(folder / JOB_FILE, job)
        write_json(folder / STATUS_FILE, status.to_dict())
    except OSError as error:
        raise JobError(
            f"The job in '{folder}' cannot be written down ({error}). Check rights and free disk."
        ) from error
    return status


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
