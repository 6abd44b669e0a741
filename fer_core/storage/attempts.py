"""Trying again after a broken connection, a few times and with longer pauses."""

import time
from collections.abc import Callable
from typing import TypeVar

from fer_core.errors import StorageError

_PAUSES = (0.5, 2.0, 5.0)  # seconds; the doors' own libraries try a few times too

Result = TypeVar("Result")


def insist(attempt: Callable[[], Result], pauses: tuple[float, ...] = _PAUSES) -> Result:
    """Do something that may fail because a connection broke; what cannot pass fails at once.

    Args:
        attempt: Called until it succeeds.
        pauses: Seconds to wait before each further attempt.

    Raises:
        StorageError: The last one, where all attempts failed.
    """
    for pause in pauses:
        try:
            return attempt()
        except StorageError as error:
            if not error.may_pass:
                raise
            time.sleep(pause)
    return attempt()
