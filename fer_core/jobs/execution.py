"""Doing a job's work in this process: find the target, call it, write down how it ended.

The worker process and the command line both come through here, so a job has the same files and the same
endings wherever it runs.
"""

import importlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from fer_core.errors import Cancelled, FerError, JobError
from fer_core.jobs.endings import failure_sentence
from fer_core.jobs.folder import DEFAULT_LOG_NAME, RESULT_FILE, write_json
from fer_core.jobs.preparation import JobPlan, prepare_folder, read_plan, starting_claim
from fer_core.jobs.queue import Turn
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
    queue: str | Path | None = None,
    on_status: OnStatus | None = None,
) -> Result:
    """Run a job in this process, with the same files as one that was started.

    Ctrl-C or a terminate signal asks the job to stop politely; a second one interrupts it.

    Args:
        folder: The job's folder; created where it is missing.
        target: `package.module:function`, called as `function(reporter=JobReporter, **arguments)`.
        arguments: JSON values and paths.
        title: What the job does, for people.
        log_name: Name of the log file in the folder.
        queue: Folder of a queue in which the job first waits for its turn; see `start_job`.
        on_status: Called at most four times a second when the target reports, when the wait begins, and at the end.

    Returns:
        What the target returned.

    Raises:
        JobError: If a job is live in that folder.
        Exception: Whatever the target raised, `Cancelled` included.
    """
    queue = None if queue is None else Path(queue).absolute()
    plan = JobPlan(target, arguments, title, log_name, queue)
    folder = Path(folder).absolute()
    with starting_claim(folder):
        status, ticket = prepare_folder(folder, plan)
        reporter = _started_reporter(folder, status, ticket, on_status)
    with _log_file(folder / log_name):
        return _execute(reporter, plan, ticket, stop_signals=(signal.SIGINT, signal.SIGTERM))


def run_prepared(folder: Path) -> None:
    """Run the job that somebody prepared in a folder, as the worker process does.

    Raises:
        JobError: If the folder holds no job.
        Exception: Whatever the target raised, `Cancelled` included.
    """
    plan, ticket = read_plan(folder)
    reporter = _started_reporter(folder, read_status(folder), ticket, None)
    _execute(reporter, plan, ticket, stop_signals=(signal.SIGTERM, signal.SIGINT))


def _started_reporter(folder: Path, status: JobStatus, ticket: Path | None, on_status: OnStatus | None) -> JobReporter:
    pid = os.getpid()
    status = replace(status, error=None, pid=pid, process_created_at=process_created_at(pid))
    if ticket is None:
        status = replace(status, state="running", working_since=time.time())
    reporter = JobReporter(folder, status, on_status)
    reporter.start()
    return reporter


def _execute(
    reporter: JobReporter, plan: JobPlan, ticket: Path | None, *, stop_signals: tuple[signal.Signals, ...]
) -> Result:
    turn = None if ticket is None else Turn(ticket)
    try:
        with _stopping_on(stop_signals, reporter):
            if turn is not None:
                turn.wait(reporter)
            result = _call(reporter, plan)
    except Exception as error:
        _finish_failed(reporter, error)
        raise
    except (KeyboardInterrupt, SystemExit):
        reporter.finish("stopped", "The job was interrupted.")
        raise
    else:
        reporter.finish("stopped" if reporter.cancel_requested() else "completed")
        return result
    finally:
        if turn is not None:
            turn.give_back()


def _finish_failed(reporter: JobReporter, error: Exception) -> None:
    if reporter.is_orphaned():
        reporter.finish("stopped")
        raise JobError(f"The folder '{reporter.folder}' was deleted, so the job in it ended.") from error
    if isinstance(error, Cancelled):
        reporter.finish("stopped")
        return
    if not isinstance(error, FerError):
        logger.exception("The job '%s' failed.", reporter.status.title)
    reporter.finish("failed", failure_sentence(error))


def _call(reporter: JobReporter, plan: JobPlan) -> Result:
    function = _find(plan.target, reporter)
    result = function(reporter=reporter, **plan.arguments)
    if result is not None:
        write_json(reporter.folder / RESULT_FILE, result)
    return result


def _find(target: str, reporter: JobReporter) -> Callable[..., Result]:
    """Import the target; a stop is looked for on both sides, because loading a large library takes its time."""
    module_name, _, function_name = target.partition(":")
    found: Callable[..., Result] | None = None
    if not reporter.cancel_requested():
        found = getattr(importlib.import_module(module_name), function_name)
    if found is None or reporter.cancel_requested():
        raise Cancelled("Stopped on request before the work began.")
    return found


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


class _LogFile(logging.FileHandler):
    """A log file that says nothing about its own troubles: on a full disk, lines are lost and the work goes on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the base class's name)
        """Pass over a line that could not be written."""

    def close(self) -> None:
        """Close the file; what could not be written by now never will be."""
        with suppress(OSError):
            super().close()


@contextmanager
def _log_file(path: Path) -> Iterator[None]:
    """Copy what the library logs into the job's log file."""
    handler = _LogFile(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    library = logging.getLogger("fer_core")
    library.addHandler(handler)
    try:
        yield
    finally:
        library.removeHandler(handler)
        handler.close()
