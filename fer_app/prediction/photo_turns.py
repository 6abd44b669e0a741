"""Whose photo is read next: a few at a time, a few more waiting, and a clear word for everybody beyond that.

A picture of 100 million pixels takes 300 MB while it is read, so no more are read at a time than there are
processors, however many visitors there are.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from fer_core.errors import ImageError
from fer_core.processors import num_processors

MAX_WAITING = 16
PATIENCE = 60.0  # seconds


class BusyError(ImageError):
    """Raised when too many pictures are waiting; trying again later helps."""


class Turns:
    """Turns that threads wait for.

    Args:
        num_at_once: Turns at the same time.
        max_waiting: Threads that may wait; the next is sent away.
        patience: Seconds after which one that waits is sent away.
    """

    def __init__(self, num_at_once: int, *, max_waiting: int = MAX_WAITING, patience: float = PATIENCE) -> None:
        self._free = threading.BoundedSemaphore(num_at_once)
        self._places = threading.BoundedSemaphore(num_at_once + max_waiting)
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and keep it for the length of a `with` block.

        Raises:
            BusyError: If too many wait, or the turn does not come.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError("Too many photos are being read on this server at the moment. Try again in a minute.")
        try:
            if not self._free.acquire(timeout=self._patience):
                raise BusyError("This photo had to wait too long for its turn. Try again in a minute.")
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._places.release()


@cache
def photo_turns() -> Turns:
    """Return the turns of this server."""
    return Turns(num_processors())
