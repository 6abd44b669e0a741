"""Starting a job as a process of its own.

The process is detached: it outlives the page that started it, the browser tab and the server. It is told
nothing but its folder, and everything it says goes into that folder.
"""

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from fer_core.errors import JobError
from fer_core.jobs.folder import DEFAULT_LOG_NAME, PROCESS_FILE, STATUS_FILE, read_json, write_json
from fer_core.jobs.preparation import JobPlan, continuing_plan, prepare_folder, starting_claim
from fer_core.jobs.status import process_created_at

logger = logging.getLogger(__name__)

_PROJECT_FOLDER = Path(__file__).resolve().parents[2]
_INSTALLED_FOLDERS = ("site-packages", "dist-packages")


def start_job(
    folder: str | Path,
    target: str,
    arguments: dict[str, Any],
    *,
    title: str,
    log_name: str = DEFAULT_LOG_NAME,
    queue: str | Path | None = None,
) -> None:
    """Start a job in a process of its own and return at once.

    Args:
        folder: The job's folder; created where it is missing. An ended job's files there are replaced.
        target: `package.module:function`, called as `function(reporter=JobReporter, **arguments)`; what it
            returns (JSON values or None) becomes the job's result.
        arguments: JSON values and paths.
        title: What the job does, for people.
        log_name: Name of the log file in the folder; standard output and standard error are appended to it.
        queue: Folder of a queue: its jobs work one at a time, in the order of their start. The process starts at
            once but stays small, a few dozen MB, until its turn comes.

    Raises:
        JobError: If a job is live in that folder, or the process cannot be started.
        ValueError: If `target` has another form.
    """
    queue = None if queue is None else Path(queue).absolute()
    _start(Path(folder).absolute(), JobPlan(target, arguments, title, log_name, queue))


def continue_job(folder: str | Path, arguments: dict[str, Any], *, queue: str | Path | None = None) -> None:
    """Go on with an ended job in a process of its own: the same target, with some arguments changed.

    Log, details and the seconds at work so far are kept; the target finds in the folder what it left there.

    Args:
        folder: The job's folder.
        arguments: JSON values and paths, in place of those it was started with.
        queue: See `start_job`.

    Raises:
        JobError: If the folder holds no job, the job is live, or the process cannot be started.
    """
    folder = Path(folder).absolute()
    _start(folder, continuing_plan(folder, arguments, queue))


def _start(folder: Path, plan: JobPlan) -> None:
    with starting_claim(folder):
        status, _ = prepare_folder(folder, plan)
        try:
            process = _spawn(folder, folder / plan.log_name)
        except OSError as error:
            sentence = (
                f"The process for '{plan.title}' cannot be started ({error}). Free memory and disk, then try again."
            )
            with contextlib.suppress(OSError):
                write_json(folder / STATUS_FILE, {**status.to_dict(), "state": "failed", "error": sentence})
            raise JobError(sentence) from error
        # Until the process writes its own status, this note says whom to look for.
        created_at = process_created_at(process.pid) or time.time()
        try:
            write_json(folder / PROCESS_FILE, {"pid": process.pid, "created_at": created_at})
        except OSError as error:
            logger.warning("The process of '%s' could not be noted (%s).", folder, error)
    threading.Thread(target=_note_end, args=(process, folder), name=f"wait for {folder.name}", daemon=True).start()


def _note_end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Ask how the process ended, without which it stays as a zombie on Unix, and note down where that was no good."""
    exit_code = process.wait()
    note = read_json(folder / PROCESS_FILE)
    if exit_code and note is not None and note.get("pid") == process.pid:
        with contextlib.suppress(OSError):
            write_json(folder / PROCESS_FILE, {**note, "exit_code": exit_code})


def _spawn(folder: Path, log_path: Path) -> subprocess.Popen[bytes]:
    # -P keeps the working folder, where the person may have a `random.py`, out of the import path.
    command = [sys.executable, "-P", "-m", "fer_core.jobs.worker", os.fspath(folder)]
    with log_path.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(),
            start_new_session=sys.platform != "win32",
            creationflags=_creation_flags(),
        )


def _environment() -> dict[str, str]:
    """The parent's environment, with the project importable where it is not installed."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if _PROJECT_FOLDER.name not in _INSTALLED_FOLDERS:
        paths = [os.fspath(_PROJECT_FOLDER), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return environment


def _creation_flags() -> int:
    if sys.platform == "win32":
        # A console of its own that is never shown, out of reach of the parent's Ctrl-C.
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0
