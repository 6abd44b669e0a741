"""The files of a job folder, and the one way to write them.

A job is a folder; whoever wants to know something about it reads the files named here. Every file is
written under a temporary name and then moved into place, so a reader never sees half of one.
"""

import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

JOB_FILE = "job.json"  # what to do: title, target, arguments, log name
STATUS_FILE = "status.json"  # how far it is; written by the process that does the work
PROCESS_FILE = "process.json"  # the process that was started, noted by whoever started it
RESULT_FILE = "result.json"  # what the target returned
RESERVE_FILE = ".reserve"  # room for the last words on a full disk
CANCEL_FILE = "cancel"  # its presence asks the job to stop
CLAIM_FILE = ".starting"  # held while somebody is starting a job here
LEFTOVERS = ".*.tmp"  # what a process that was killed while it wrote leaves behind
DEFAULT_LOG_NAME = "job.log"

_TAIL_BYTES = 64 * 1024
# Windows refuses to replace or open a file while another process has it open; a moment later it does not.
_SHARING_RETRIES = 20
_SHARING_PAUSE = 0.02  # seconds


def to_json(content: dict[str, Any]) -> str:
    """Return JSON text of JSON values, paths (as text) and NumPy numbers.

    Raises:
        TypeError: If `content` holds anything else.
    """
    return json.dumps(content, indent=2, ensure_ascii=False, default=_plain_value)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file so that it is there whole or not at all.

    Args:
        path: The file to write or replace.
        content: What `to_json` takes.

    Raises:
        OSError: If the file cannot be written; the old one is then untouched.
        TypeError: If `content` holds something that JSON does not know.
    """
    text = to_json(content)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        _replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` write a file that is then there whole or not at all.

    Args:
        path: The file to write or replace.
        write: Called with a temporary path beside it, which has the same suffix.

    Raises:
        OSError: If the file cannot be written; the old one is then untouched.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.{path.name}")
    try:
        write(temporary)
        _replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the content of a JSON file, or None where it is missing, damaged or no JSON object."""
    for _ in range(_SHARING_RETRIES):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except PermissionError:
            time.sleep(_SHARING_PAUSE)
        except (OSError, ValueError, RecursionError):  # the last is one of values nested without end
            return None
        else:
            return content if isinstance(content, dict) else None
    return None


def tail_log(folder: str | Path, num_lines: int = 20, log_name: str = DEFAULT_LOG_NAME) -> str:
    """Return the last lines of a job's log, "" where there is none.

    A progress bar that redraws its line with carriage returns counts as one line, in its last state.
    """
    try:
        with (Path(folder) / log_name).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.rstrip().split("\n")]
    return "\n".join(lines[-num_lines:])


def _plain_value(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"expected JSON values or paths, received {type(value).__name__}: {value!r}")


def _replace(temporary: Path, path: Path) -> None:
    for _ in range(_SHARING_RETRIES - 1):
        try:
            os.replace(temporary, path)
        except PermissionError:
            time.sleep(_SHARING_PAUSE)
        else:
            return
    os.replace(temporary, path)
