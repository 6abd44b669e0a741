"""The two jobs of the Storage page: looking at an address, and pushing or pulling; one of each at a time."""

from pathlib import Path
from typing import Any

from fer_app.job_view import begin_job
from fer_core.errors import JobError
from fer_core.jobs import read_arguments, read_result, read_status
from fer_core.settings import load_settings

LOOK, PUSH, PULL = "storage-look", "storage-push", "storage-pull"  # keys of the buttons
_LIST_TARGET = "fer_core.storage.transfers:list_job"
_TRANSFER_TARGET = "fer_core.storage.transfers:transfer_job"


def looking_folder() -> Path:
    """Return the folder of the job that looks at an address."""
    return load_settings().jobs_folder / "storage-look"


def moving_folder() -> Path:
    """Return the folder of the job that pushes or pulls."""
    return load_settings().jobs_folder / "storage-transfer"


def start_looking(address: str) -> bool:
    """Start looking at an address, or say why that cannot be started."""
    return begin_job(looking_folder(), _LIST_TARGET, {"address": address}, title=f"Looking at {address}", keys=[LOOK])


def start_moving(direction: str, address: str, names: list[str], *, dry_run: bool, delete: bool) -> bool:
    """Start a push or pull, or say why it cannot be started."""
    arguments = {"direction": direction, "address": address, "names": names, "dry_run": dry_run, "delete": delete}
    verb = "Pushing to" if direction == "push" else "Pulling from"
    title = f"{verb} {address}{' (trial)' if dry_run else ''}"
    return begin_job(moving_folder(), _TRANSFER_TARGET, arguments, title=title, keys=[PUSH, PULL])


def is_live(folder: Path) -> bool:
    """Tell whether a job is at work."""
    try:
        return read_status(folder).is_live
    except JobError:
        return False


def last_address() -> str:
    """Return the address that was used last, "" where none was."""
    for folder in (moving_folder(), looking_folder()):
        try:
            return str(read_arguments(folder)["address"])
        except (JobError, KeyError):
            continue
    return ""


def rows_at(address: str) -> list[dict[str, Any]] | None:
    """Return what the last look found at an address, None where nobody has looked at that one."""
    try:
        is_same = read_arguments(looking_folder()).get("address") == address
        is_done = read_status(looking_folder()).state == "completed"
    except JobError:
        return None
    return (read_result(looking_folder()) or {}).get("rows") if is_same and is_done else None
