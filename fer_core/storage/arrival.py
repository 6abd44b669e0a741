"""What is to be said and mended once a thing has arrived: is there room, and is a run's dataset here?"""

import shutil
from pathlib import Path

from fer_core.errors import FerError, StorageError
from fer_core.training import open_run
from fer_core.training.runs.moved_data import find_data_of

_SPARE = 50_000_000  # bytes; a disk that is full to the last makes everything else fail


def check_room(folder: Path, num_bytes: int) -> None:
    """Refuse what certainly does not fit.

    Raises:
        StorageError: If the disk has less free space than the files take.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # some mounted places do not say
        return
    if free < num_bytes + _SPARE:
        raise StorageError(
            f"There is not enough room: {num_bytes / 1e6:,.0f} MB are to come and {free / 1e6:,.0f} MB are free. "
            "Free some space, then pull again."
        )


def arrive(kind: str, name: str, folder: Path) -> tuple[str, ...]:
    """Return what the person should know about what has arrived.

    Args:
        kind: `datasets`, `runs` or `models`.
        name: The thing.
        folder: Its folder.
    """
    if kind != "runs" or not folder.is_dir():
        return ()
    try:
        run = open_run(name)
        asked = run.config.dataset
        dataset = find_data_of(run)
    except FerError as error:
        return (f"The run {name!r} is here and cannot go on yet: {error}",)
    if dataset.name != asked:
        return (f"The dataset {asked!r} of the run {name!r} is here as {dataset.name!r}: its fingerprint is the same.",)
    return ()
