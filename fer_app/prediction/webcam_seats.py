"""How many cameras the server serves at once: a stream takes a seat with its first frame and keeps it by going on.

A seat whose stream has been silent for a few seconds is free again, however the stream ended: by STOP, by a closed
tab or by a browser that was killed.
"""

import threading
import time
from collections.abc import Callable

SILENCE = 5.0  # seconds without a frame after which a seat is free


class Seats:
    """A bounded number of seats, shared by all sessions; threads may use it at once.

    Args:
        limit: Number of seats, at least one.
        clock: Gives the time in seconds.
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        if limit < 1:
            raise ValueError(f"expected at least one seat, received {limit}")
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._last_sign: dict[str, float] = {}  # holder -> when it was last heard of

    def take(self, holder: str) -> bool:
        """Take a seat, or keep the one that the holder has; False where all are taken by others."""
        with self._lock:
            self._free_silent()
            if holder not in self._last_sign and len(self._last_sign) >= self.limit:
                return False
            self._last_sign[holder] = self._clock()
            return True

    def num_taken(self) -> int:
        """Return how many seats are taken now."""
        with self._lock:
            self._free_silent()
            return len(self._last_sign)

    def give_back(self, holder: str) -> None:
        """Free a seat at once; a holder without one changes nothing."""
        with self._lock:
            self._last_sign.pop(holder, None)

    def is_full_for(self, holder: str) -> bool:
        """Tell whether the holder would be refused now."""
        with self._lock:
            self._free_silent()
            return holder not in self._last_sign and len(self._last_sign) >= self.limit

    def _free_silent(self) -> None:
        oldest = self._clock() - SILENCE
        self._last_sign = {holder: sign for holder, sign in self._last_sign.items() if sign > oldest}
