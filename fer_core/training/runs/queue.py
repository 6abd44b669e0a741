"""The queue of trainings: those on the same devices take turns, and one at a time is started.

All devices of this computer are one set; `CUDA_VISIBLE_DEVICES` names another, whose trainings wait for each
other only.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from fer_core.errors import TrainingError
from fer_core.locks import lockable
from fer_core.settings import load_settings

_STARTING_LOCK = "starting.lock"
_STARTING_SECONDS = 20.0


def training_queue() -> Path:
    """Return the folder of the queue that trainings of this process wait in."""
    settings = load_settings()
    return settings.queues_folder / _device_set(settings.visible_devices)


@contextmanager
def one_starter() -> Iterator[None]:
    """Be the only one who starts a training: two tabs or users may do so at the same moment.

    Raises:
        TrainingError: If others do not get done, or the lock cannot be written.
    """
    folder = load_settings().queues_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(lockable(folder / _STARTING_LOCK), timeout=_STARTING_SECONDS)
        lock.acquire()
    except filelock.Timeout as error:
        raise TrainingError("Another training is being started right now. Wait a moment and try again.") from error
    except OSError as error:
        raise TrainingError(f"'{folder}' cannot be written ({error}). Check rights and free disk.") from error
    try:
        yield
    finally:
        lock.release()


def _device_set(visible: str | None) -> str:
    """A folder name for a list of devices, the same in whatever order they are listed."""
    if visible is None:
        return "all-devices"
    devices = sorted({device.strip() for device in visible.split(",")} - {"", "-1"})
    return re.sub(r"[^\w.-]", "_", "gpu-" + "-".join(devices)) if devices else "processor"
