"""Doing a job's work in this process: find the target, call it, write down how it ended.

The worker process and the command line both come through here, so a job has the same files and the same
endings wherever it runs.
"""

import importlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from fer_core.errors import Cancelled, FerError, JobError
from fer_core.jobs.folder import DEFAULT_LOG_NAME, JOB_FILE, RESULT_FILE, read_json, write_json
from fer_core.jobs.preparation import prepare_folder, starting_claim
from fer_core.jobs.reporter import JobReporter
from fer_core.jobs.status import JobStatus, process_created_at, read_status

logger = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

OnStatus = Callable[[JobStatus], None]
Result = dict[str, Any] | None


def run_here(
    folder: str | Path,
    target: str,
    arguments: dict[str, Any],
    *,
    title: str,
    log_name: str = DEFAULT_LOG_NAME,
    on_status: OnStatus | None = None,
) -> Result:
    """Run a job in this process, with the same files as one that was started.

    Ctrl-C asks the job to stop politely; a second Ctrl-C interrupts it.

    Args:
        folder: The job's folder; created where it is missing.
        target: `package.module:function`, called as `function(reporter=JobReporter, **arguments)`.
        arguments: JSON values and paths.
        title: What the job does, for people.
        log_name: Name of the log file in the folder.
        on_status: Called at most four times a second when the target reports, and once at the end.

    Returns:
        What the target returned.

    Raises:
        JobError: If a job is live in that folder.
        Exception: Whatever the target raised, `Cancelled` included.
    """
    folder = Path(folder).absolute()
    with starting_claim(folder):
        status = prepare_folder(folder, target, arguments, title=title, log_name=log_name)
        reporter = _started_reporter(folder, status, on_status)
    with _log_file(folder / log_name):
        return _execute(reporter, target, arguments, stop_signals=(signal.SIGINT,))


def run_prepared(folder: Path) -> None:
    """Run the job that somebody prepared in a folder, as the worker process does.

    Raises:
        JobError: If the folder holds no job.
        Exception: Whatever the target raised, `Cancelled` included.
    """
    job = read_json(folder / JOB_FILE)
    if job is None:
        raise JobError(f"There is no job in '{folder}'. It may have been removed.")
    reporter = _started_reporter(folder, read_status(folder), None)
    _execute(reporter, job["target"], job["arguments"], stop_signals=(signal.SIGTERM, signal.SIGINT))


def _started_reporter(folder: Path, status: JobStatus, on_status: OnStatus | None) -> JobReporter:
    pid = os.getpid()
    running = replace(status, state="running", error=None, pid=pid, process_created_at=process_created_at(pid))
    reporter = JobReporter(folder, running, on_status)
    reporter.start()
    return reporter


def _execute(
    reporter: JobReporter, target: str, arguments: dict[str, Any], *, stop_signals: tuple[signal.Signals, ...]
) -> Result:
    try:
        with _stopping_on(stop_signals, reporter):
            result = _call(reporter, target, arguments)
    except Cancelled:
        reporter.finish("stopped")
        raise
    except FerError as error:
        reporter.finish("failed", str(error))
        raise
    except Exception as error:
        logger.exception("The job '%s' failed.", reporter.status.title)
        reporter.finish("failed", f"{type(error).__name__}: {error}".removesuffix(": "))
        raise
    except (KeyboardInterrupt, SystemExit):
        reporter.finish("stopped", "The job was interrupted.")
        raise
    reporter.finish("stopped" if reporter.cancel_requested() else "completed")
    return result


def _call(reporter: JobReporter, target: str, arguments: dict[str, Any]) -> Result:
    if reporter.cancel_requested():
        raise Cancelled("Stopped on request before the work began.")
    module_name, _, function_name = target.partition(":")
    function: Callable[..., Result] = getattr(importlib.import_module(module_name), function_name)
    result = function(reporter=reporter, **arguments)
    if result is not None:
        write_json(reporter.folder / RESULT_FILE, result)
    return result


@contextmanager
def _stopping_on(signals: tuple[signal.Signals, ...], reporter: JobReporter) -> Iterator[None]:
    """Turn the first signal into a polite request; a second one does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set signal handlers
        return
    earlier = {number: signal.getsignal(number) for number in signals}

    def ask(number: int, frame: FrameType | None) -> None:
        reporter.request_cancel()
        signal.signal(number, earlier[signal.Signals(number)])

    for number in signals:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


@contextmanager
def _log_file(path: Path) -> Iterator[None]:
    """Copy what the library logs into the job's log file."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    library = logging.getLogger("fer_core")
    library.addHandler(handler)
    try:
        yield
    finally:
        library.removeHandler(handler)
        handler.close()
