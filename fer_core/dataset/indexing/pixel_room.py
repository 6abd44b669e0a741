"""Keeps the memory of threads that decode large pictures within bounds.

A thread asks for room for so many pixels and waits until others have given theirs back.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PixelRoom:
    """Room for a number of pixels that threads share.

    Args:
        capacity: Pixels; who needs more gets the whole room, once it is empty.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._free = capacity
        self._given_back = threading.Condition()

    @contextmanager
    def take(self, num_pixels: int) -> Iterator[None]:
        """Hold room for a picture; waits until there is enough."""
        share = min(num_pixels, self._capacity)
        with self._given_back:
            self._given_back.wait_for(lambda: self._free >= share)
            self._free -= share
        try:
            yield
        finally:
            with self._given_back:
                self._free += share
                self._given_back.notify_all()
