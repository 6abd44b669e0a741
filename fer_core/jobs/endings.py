"""How a job came to its end, in sentences for people: what happened, and what to do about it.

An exception, or what is left of a process that ended without a word, comes in; the text of `JobStatus.error` goes out.
"""

import errno
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from fer_core.errors import FerError
from fer_core.jobs.folder import DEFAULT_LOG_NAME, JOB_FILE, PROCESS_FILE, read_json, tail_log

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_FULL_DISK_WORDS = ("No space left on device", "Disk quota exceeded")  # where a library drops the number
_FULL_DEVICE_WORDS = ("RESOURCE_EXHAUSTED", "ResourceExhausted")  # TensorFlow and JAX
_LITTLE_SPACE = 1_000_000  # bytes; a status and some lines of log take a hundredth
_CLOCK_TOLERANCE = 5.0  # seconds; the time of the last start of the computer is computed from its clock


def failure_sentence(error: Exception) -> str:
    """Say what an exception that ended a job means."""
    if isinstance(error, FerError):
        return str(error)
    chain = list(_chain(error))
    text = f"{type(error).__name__}: {error}".removesuffix(": ")
    if any(isinstance(link, MemoryError) for link in chain):
        return f"The memory ran out ({text}). Close other programs or ask for less at once, then start it again."
    if any(words in f"{type(link).__name__} {link}" for link in chain for words in _FULL_DEVICE_WORDS):
        return f"The memory of the device ran out. Ask for less at once, then start it again. ({text})"
    if any(_tells_of_full_disk(link) for link in chain):
        return f"The disk is full ({text}). Free some space, then start it again."
    return text


def lost_sentence(folder: Path, *, pid: int | None, last_sign: float | None, waited: bool) -> str:
    """Say why the process of a job may be gone without a last word, with the last lines of its log.

    Args:
        folder: The job's folder.
        pid: The process.
        last_sign: When it last wrote its status (seconds since 1970), None where it never did.
        waited: Whether it waited for its turn.
    """
    when = "while it waited for its turn" if waited else "before it was finished"
    if last_sign is None:
        when = "before it reported anything"
    job = read_json(folder / JOB_FILE) or {}
    tail = tail_log(folder, num_lines=5, log_name=str(job.get("log_name", DEFAULT_LOG_NAME)))
    log = f"\nThe last lines of its log:\n{tail}" if tail else ""
    return f"The job's process ended {when}. {_cause(folder, pid, last_sign)} Start it again.{log}"


def _cause(folder: Path, pid: int | None, last_sign: float | None) -> str:
    process = read_json(folder / PROCESS_FILE) or {}
    exit_code = process.get("exit_code") if process.get("pid") == pid else None
    if _is_full(folder):
        return "The disk is full, so it could not say why; free some space first."
    if exit_code == -9:
        return "It was killed (signal 9): by a person, or by the system because the memory ran out."
    if exit_code is not None:
        return f"It crashed ({_name_of(exit_code)})."
    if last_sign is not None and psutil.boot_time() > last_sign + _CLOCK_TOLERANCE:
        return "The computer was restarted."
    return "It was killed, it ran out of memory, or the computer was restarted."


def _name_of(exit_code: int) -> str:
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"exit code {exit_code}"


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _LITTLE_SPACE
    except OSError:
        return False


def _tells_of_full_disk(error: BaseException) -> bool:
    number = error.errno if isinstance(error, OSError) else None
    return number in _FULL_DISK or any(words in str(error) for words in _FULL_DISK_WORDS)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
