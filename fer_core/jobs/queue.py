"""Waiting for a turn: one job of a queue works at a time, in the order in which they were started.

A queue is a folder. A ticket, taken when a job is started, decides the order; a lock that the operating system frees
when its holder dies decides who works. So two never work at once, and a killed job keeps nobody waiting.
"""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from fer_core.errors import Cancelled, JobError
from fer_core.jobs.folder import JOB_FILE, read_json, write_json
from fer_core.jobs.reporter import JobReporter
from fer_core.jobs.status import JobStatus, read_status
from fer_core.locks import lockable

_WORKING_LOCK = "working.lock"  # held by the job whose turn it is
_ENTERING_LOCK = "entering.lock"  # held for the moment in which a job takes its ticket
_ENTERING_SECONDS = 10.0
_LOOK_INTERVAL = 0.3  # seconds
# A waiting job that is suspended would let nobody pass; it keeps its ticket and is first again once it wakes up.
_SILENT_SECONDS = 30.0


@contextmanager
def entering(queue: Path, folder: Path) -> Iterator[Path]:
    """Take a ticket for the job in `folder`; until the block is left, nobody else can take one.

    Args:
        queue: The queue's folder; created where it is missing.
        folder: The job's folder; its `job.json` has to name the ticket when the block is left.

    Yields:
        The ticket, a file whose name is a number: the smaller, the earlier.

    Raises:
        JobError: If the queue's folder cannot be written.
    """
    try:
        queue.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(lockable(queue / _ENTERING_LOCK), timeout=_ENTERING_SECONDS):
            _clear_ended(queue)
            ticket = queue / f"{max(map(_number, _tickets(queue)), default=0) + 1:09d}.json"
            write_json(ticket, {"job": str(folder)})
            yield ticket
    except filelock.Timeout as error:
        raise JobError(f"The queue in '{queue}' has been busy for {_ENTERING_SECONDS:.0f} s. Try again.") from error
    except OSError as error:
        raise JobError(f"The queue in '{queue}' cannot be written ({error}). Check rights and free disk.") from error


def num_ahead(ticket: Path) -> int:
    """Return how many jobs have their turn before the one with this ticket."""
    return sum(_is_in_the_way(path) for path in _tickets(ticket.parent) if _number(path) < _number(ticket))


class Turn:
    """A job's turn to work: waited for, kept until the job has said how it ended, and given back.

    Args:
        ticket: The job's ticket.
    """

    def __init__(self, ticket: Path) -> None:
        self._ticket = ticket
        # Two threads of one process wait for each other as two processes do: each turn has a lock of its own.
        self._lock = filelock.FileLock(lockable(ticket.parent / _WORKING_LOCK), blocking=False, thread_local=False)

    def wait(self, reporter: JobReporter) -> None:
        """Wait until the turn comes; the job is `queued`, and those before it are `ahead` in its details.

        Raises:
            Cancelled: If the job is asked to stop while it waits.
            JobError: If the queue's folder cannot be used.
        """
        told: int | None = None
        while not reporter.cancel_requested():
            ahead = num_ahead(self._ticket)
            if ahead == 0 and self._take():
                reporter.begin_work()
                return
            if ahead != told:
                reporter.wait(ahead)
                told = ahead
            time.sleep(_LOOK_INTERVAL)
        raise Cancelled("Stopped on request before its turn came.")

    def give_back(self) -> None:
        """Let the next one work, and leave the queue."""
        self._lock.release()
        with contextlib.suppress(OSError):
            self._ticket.unlink(missing_ok=True)

    def _take(self) -> bool:
        try:
            self._lock.acquire()
        except filelock.Timeout:
            return False
        except OSError as error:
            raise JobError(f"'{self._lock.lock_file}' cannot be locked ({error}). Check rights and disk.") from error
        return True


def _clear_ended(queue: Path) -> None:
    for ticket in _tickets(queue):
        if not _is_live(_status_of(ticket)):
            ticket.unlink(missing_ok=True)


def _is_in_the_way(ticket: Path) -> bool:
    status = _status_of(ticket)
    is_asleep = status is not None and status.state == "queued" and status.seconds_silent > _SILENT_SECONDS
    return _is_live(status) and not is_asleep


def _is_live(status: JobStatus | None) -> bool:
    return status is not None and status.is_live


def _status_of(ticket: Path) -> JobStatus | None:
    """The status of the job that waits or works with a ticket; None for a ticket that nobody holds any more."""
    folder = Path(str((read_json(ticket) or {}).get("job", "")))
    job = read_json(folder / JOB_FILE) or {}
    # Names only: two processes may know the queue's folder by different paths.
    if Path(str(job.get("ticket"))).parts[-2:] != ticket.parts[-2:]:  # removed, or started again with another ticket
        return None
    try:
        return read_status(folder)
    except JobError:
        return None


def _tickets(queue: Path) -> list[Path]:
    return [path for path in queue.glob("*.json") if path.stem.isdecimal()]


def _number(ticket: Path) -> int:
    return int(ticket.stem)
