"""Lends out things that only one thread may use at a time, such as detectors and interpreters.

A function that makes one comes in; as many are made as are in use at once, up to a bound. A thread that finds none
free waits for one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Pool(Generic[Thing]):
    """Things that threads take turns with.

    Args:
        make: Makes one; the first is made at once, so that what cannot be made is known here.
        size: How many there are at most.
    """

    def __init__(self, make: Callable[[], Thing], size: int) -> None:
        if size < 1:
            raise ValueError(f"expected a size of at least 1, received {size}")
        self._make = make
        self._room = threading.Semaphore(size)
        self._idle = [make()]  # append and pop of a list are atomic

    @contextmanager
    def lend(self) -> Iterator[Thing]:
        """Lend one for the length of a `with` block; one in whose block an error arose is not lent again."""
        with self._room:
            try:
                thing = self._idle.pop()
            except IndexError:
                thing = self._make()
            yield thing
            self._idle.append(thing)
