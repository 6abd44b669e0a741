"""What a job says about itself while it works.

The target receives a `JobReporter` and calls `progress` often; the reporter writes `status.json` at most
four times a second, keeps a heartbeat going in between, and passes on that somebody asked the job to stop.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fer_core.errors import Cancelled
from fer_core.jobs.folder import CANCEL_FILE, JOB_FILE, RESERVE_FILE, STATUS_FILE, to_json, write_json
from fer_core.jobs.status import JobStatus, waiting

logger = logging.getLogger(__name__)

_WRITE_INTERVAL = 0.25  # seconds
_HEARTBEAT_INTERVAL = 2.0  # seconds
_LAST_WORD_TRIES = 5  # a last status that cannot be written would make the job look lost
_RESERVE = 32 * 1024  # bytes, given back before the last status is written


class JobReporter:
    """Writes a job's status from inside the process that does the work; safe to use from several threads.

    Args:
        folder: The job's folder.
        status: The status to begin with.
        on_status: Called with the status each time the target reports and one is due, and once at the end.
    """

    def __init__(self, folder: Path, status: JobStatus, on_status: Callable[[JobStatus], None] | None = None) -> None:
        self.folder = folder
        self._status = status
        self._on_status = on_status
        self._lock = threading.Lock()
        self._written_at = 0.0  # time.monotonic()
        self._has_news = False
        self._could_write = True
        self._owned = False  # whether there was a job in the folder when the work began
        self._cancel_signalled = False  # set by a signal handler, so no lock
        self._ended = threading.Event()
        self._heartbeat = threading.Thread(target=self._beat, name=f"heartbeat {folder.name}", daemon=True)

    def start(self) -> None:
        """Write the first status and begin the heartbeat; `finish` ends it."""
        self._owned = (self.folder / JOB_FILE).exists()
        self._write()
        with contextlib.suppress(OSError):  # a reserve is a precaution
            (self.folder / RESERVE_FILE).write_bytes(os.urandom(_RESERVE))
        self._heartbeat.start()

    @property
    def status(self) -> JobStatus:
        """The status as it stands in this process."""
        return self._status

    def wait(self, num_ahead: int) -> None:
        """Say that the job waits for its turn, and how many have theirs before it."""
        self._enter(lambda status: waiting(status, num_ahead))

    def begin_work(self) -> None:
        """Say that the wait is over."""
        news = {"phase": "preparing", "ahead": 0}
        self._enter(
            lambda status: replace(
                status, state="running", message="", details={**status.details, **news}, working_since=time.time()
            )
        )

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Report how far the work is.

        Args:
            done: Units done.
            total: Units in all, 0 while unknown.
            message: What is being done; "" keeps the last one.

        Raises:
            Cancelled: If somebody asked the job to stop.
        """
        if self.cancel_requested():
            raise Cancelled("Stopped on request.")
        self._change(lambda status: _progressed(status, int(done), int(total), message))

    def update(self, **details: Any) -> None:
        """Merge values into the status's `details`; they must be JSON values.

        Raises:
            TypeError: If one of them is not.
            Cancelled: If somebody deleted the job's folder.
        """
        to_json(details)
        if self.is_orphaned():
            raise Cancelled("The job's folder was deleted.")
        self._change(lambda status: replace(status, details={**status.details, **details}))

    def cancel_requested(self) -> bool:
        """Return whether somebody asked the job to stop, or deleted its folder."""
        return self._cancel_signalled or (self.folder / CANCEL_FILE).exists() or self.is_orphaned()

    def is_orphaned(self) -> bool:
        """Return whether somebody deleted the job's folder under its hands."""
        return self._owned and not (self.folder / JOB_FILE).exists()

    def request_cancel(self) -> None:
        """Ask the job to stop from inside its own process, a signal handler included."""
        self._cancel_signalled = True

    def finish(self, state: str, error: str | None = None) -> None:
        """End the heartbeat and write the last status: `completed`, `stopped` or `failed`."""
        self._ended.set()
        self._heartbeat.join()
        with self._lock:
            self._status = replace(self._status, state=state, error=error, finished_at=time.time())
        with contextlib.suppress(OSError):
            (self.folder / RESERVE_FILE).unlink(missing_ok=True)
        if self.is_orphaned():
            self._leave_nothing()
        else:
            self._write_last()
        self._tell()

    def _write_last(self) -> None:
        for pause in range(_LAST_WORD_TRIES):
            if self._write():
                break
            time.sleep(pause)

    def _leave_nothing(self) -> None:
        """Take away what was written while somebody deleted the folder, and the folder if nothing else is in it."""
        with contextlib.suppress(OSError):
            (self.folder / STATUS_FILE).unlink(missing_ok=True)
            self.folder.rmdir()

    def _enter(self, changed: Callable[[JobStatus], JobStatus]) -> None:
        with self._lock:
            self._status = changed(self._status)
        self._write()
        self._tell()

    def _change(self, changed: Callable[[JobStatus], JobStatus]) -> None:
        with self._lock:
            self._status = changed(self._status)
            self._has_news = True
            is_due = time.monotonic() - self._written_at >= _WRITE_INTERVAL
        if is_due:
            self._write()
            self._tell()

    def _tell(self) -> None:
        if self._on_status is not None:
            self._on_status(self._status)

    def _beat(self) -> None:
        while not self._ended.wait(_WRITE_INTERVAL):
            if self._has_news or time.monotonic() - self._written_at >= _HEARTBEAT_INTERVAL:
                self._write()

    def _write(self) -> bool:
        """Write the status; a full disk or a lost network drive is logged and does not end the work."""
        with self._lock:
            self._written_at = time.monotonic()
            self._has_news = False
            if self._cancel_signalled and self._status.is_live:
                self._status = replace(self._status, state="stopping")
            self._status = replace(self._status, heartbeat_at=time.time())
            try:
                write_json(self.folder / STATUS_FILE, self._status.to_dict())
            except OSError as error:
                if self._could_write:  # said once, not every second
                    logger.warning("The status of '%s' could not be written (%s).", self.folder, error)
                self._could_write = False
            else:
                self._could_write = True
            return self._could_write


def _progressed(status: JobStatus, done: int, total: int, message: str) -> JobStatus:
    now = time.time()
    is_new_stretch = status.progress_since is None or total != status.total or done < status.done
    return replace(
        status,
        done=done,
        total=total,
        message=message or status.message,
        progress_from=done if is_new_stretch else status.progress_from,
        progress_since=now if is_new_stretch else status.progress_since,
        progress_at=now,
    )
