"""How a job stands: the status that its process writes, checked against the process itself.

A process that was killed cannot say so. Reading a status therefore looks for the process by its id and
creation time (ids are used again) and calls a job lost whose process is gone without a last word.
"""

import math
import time
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import psutil

from fer_core.errors import JobError
from fer_core.jobs.endings import lost_sentence
from fer_core.jobs.folder import CANCEL_FILE, JOB_FILE, PROCESS_FILE, STATUS_FILE, read_json

STATES: tuple[str, ...] = (
    "queued",  # its process waits for its turn
    "starting",
    "running",
    "stopping",
    "completed",
    "stopped",
    "failed",
    "lost",  # its process is gone without a last word
)
_LIVE_STATES = ("queued", "starting", "running", "stopping")

# Creation times are computed from the system clock, which is adjusted now and then.
_CLOCK_TOLERANCE = 2.0  # seconds
# After a large clock step the creation times disagree, but only a living process keeps writing heartbeats.
_FRESH_HEARTBEAT = 10.0  # seconds
# Longest time between the first status and the note about the started process.
_START_TIMEOUT = 30.0  # seconds
_TEXTS = ("state", "title", "message", "error")


@dataclass(frozen=True)
class JobStatus:
    """One look at a job.

    Args:
        state: One of `STATES`.
        title: What the job does, for people.
        done: Units of work done.
        total: Units of work in all, 0 while unknown.
        message: What it does right now; one that ends in `(kB)` counts kilobytes.
        error: Why it failed or was lost, a sentence for people.
        details: Further values that the job reports.
        pid: Process that does the work.
        process_created_at: When that process was created; with `pid` it identifies the process.
        started_at: When the job was started, or continued; like all times in seconds since 1970.
        working_since: When it began to work: at once, or when its turn came.
        seconds_before: Seconds that it worked before it was continued.
        heartbeat_at: When the process last wrote its status.
        finished_at: When the job ended.
        progress_from: `done` at the first report of the present stretch of work.
        progress_since: Time of that report.
        progress_at: Time of the latest report.
    """

    state: str
    title: str
    done: int = 0
    total: int = 0
    message: str = ""
    error: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    pid: int | None = None
    process_created_at: float | None = None
    started_at: float = 0.0
    working_since: float | None = None
    seconds_before: float = 0.0
    heartbeat_at: float | None = None
    finished_at: float | None = None
    progress_from: int = 0
    progress_since: float | None = None
    progress_at: float | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"state is {self.state!r}; known states: {', '.join(STATES)}")
        for item in fields(self):
            _check_kind(item.name, getattr(self, item.name), item.default)

    @property
    def is_live(self) -> bool:
        """Whether the job is still at work, or waits for its turn."""
        return self.state in _LIVE_STATES

    @property
    def seconds_elapsed(self) -> float:
        """Seconds at work so far or in all, those before it was continued included; waits until its turn count not.

        A job that still waits for its turn tells how long it has waited.
        """
        began = self.working_since or self.started_at
        end = time.time() if self.is_live else self.finished_at or self.heartbeat_at or began
        return self.seconds_before + max(0.0, end - began)

    @property
    def seconds_silent(self) -> float:
        """Seconds since a live job's process wrote its status, or since its start before it did; 0 for an ended one.

        It writes every two seconds; much more means that it was suspended, or that it cannot write.
        """
        last_sign = self.heartbeat_at or self.started_at
        return max(0.0, time.time() - last_sign) if self.is_live and last_sign else 0.0

    @property
    def units_per_second(self) -> float | None:
        """Pace of the present stretch of work, None where nothing can be said yet."""
        if not self.is_live or self.progress_since is None or self.progress_at is None:
            return None
        num_done, seconds = self.done - self.progress_from, self.progress_at - self.progress_since
        return num_done / seconds if num_done > 0 and seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the seconds to the end at the pace so far, None where nothing can be said yet."""
        pace = self.units_per_second
        if pace is None or self.progress_at is None or self.total <= 0:
            return None
        return max(0.0, (self.total - self.done) / pace - (time.time() - self.progress_at))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values that `read_status` reads."""
        return asdict(self)


def _check_kind(name: str, value: object, default: object) -> None:
    """Refuse what a status cannot hold: a file in a run's folder may have come from another computer."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if name in _TEXTS:
        is_good = isinstance(value, str)
    elif name == "details":
        is_good = isinstance(value, dict)
    elif name == "pid":
        is_good = isinstance(value, int) and is_number and value > 0
    else:
        is_good = is_number
    if not is_good and (value is not None or default is not None):
        raise ValueError(f"{name} is {value!r}")


def read_status(folder: str | Path) -> JobStatus:
    """Look at a job: one small file and, while it is live, one process.

    Args:
        folder: The job's folder.

    Returns:
        Its status; `lost` where the process is gone without having said how the job ended, with the last
        lines of the log in `error`.

    Raises:
        JobError: If the folder holds no job.
    """
    folder = Path(folder)
    status = _stored_status(folder)
    if status.is_live and not _is_running(status):
        status = _stored_status(folder)  # it may have said its last word since
        if status.is_live and not _is_running(status):
            return _lost(folder, status)
    if status.is_live and (folder / CANCEL_FILE).exists():
        return replace(status, state="stopping")
    return status


def waiting(status: JobStatus, num_ahead: int) -> JobStatus:
    """Return the status of a job that waits for its turn behind `num_ahead` others."""
    place = f"{num_ahead} {'job' if num_ahead == 1 else 'jobs'} ahead" if num_ahead else "next in line"
    details = {**status.details, "phase": "waiting", "ahead": num_ahead}
    return replace(status, state="queued", message=f"waiting: {place}", details=details)


def process_created_at(pid: int) -> float | None:
    """Return when a running process was created (seconds since 1970), None where there is none."""
    try:
        process = psutil.Process(pid)
        # A zombie has ended; only its parent has not asked how.
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def _stored_status(folder: Path) -> JobStatus:
    content = read_json(folder / STATUS_FILE)
    if content is None:
        return _status_before_the_first(folder)
    known = {item.name for item in fields(JobStatus)}
    try:
        status = JobStatus(**{name: value for name, value in content.items() if name in known})
        return _with_started_process(folder, status)
    except (TypeError, ValueError) as error:
        raise JobError(f"'{folder / STATUS_FILE}' cannot be read ({error}). Remove the job and start again.") from error


def _status_before_the_first(folder: Path) -> JobStatus:
    try:
        prepared_at = (folder / JOB_FILE).stat().st_mtime
    except OSError as error:
        raise JobError(f"There is no job in '{folder}'. It may have been removed; look at the list again.") from error
    return JobStatus(state="starting", title=folder.name, started_at=prepared_at)


def _with_started_process(folder: Path, status: JobStatus) -> JobStatus:
    """Fill in the process from the starter's note while the process itself has not written yet."""
    process = read_json(folder / PROCESS_FILE) if status.pid is None else None
    if process is None:
        return status
    return replace(status, pid=process.get("pid"), process_created_at=process.get("created_at"))


def _is_running(status: JobStatus) -> bool:
    if status.pid is None:
        return time.time() - status.started_at < _START_TIMEOUT
    created_at = process_created_at(status.pid)
    if created_at is None:
        return False
    is_same = abs(created_at - (status.process_created_at or 0.0)) <= _CLOCK_TOLERANCE
    return is_same or abs(time.time() - (status.heartbeat_at or 0.0)) < _FRESH_HEARTBEAT


def _lost(folder: Path, status: JobStatus) -> JobStatus:
    waited = status.state == "queued"
    sentence = lost_sentence(folder, pid=status.pid, last_sign=status.heartbeat_at, waited=waited)
    return replace(status, state="lost", error=sentence)
