"""Counts frames, and how many come and are done each second; any thread may ask."""

import threading
from collections import deque

from fer_core.prediction.live.results import FrameCounts

_WINDOW_S = 3.0  # of the rates
_MOST_MARKS = 64  # instants that a rate is computed from


class FrameCounter:
    """Counts frames received, processed and failed. Its memory does not grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received = self._processed = self._failed = 0
        self._marks: deque[tuple[float, int, int]] = deque([(0.0, 0, 0)], maxlen=_MOST_MARKS)

    def note(self, now_s: float, *, received: int = 1, failed: bool = False) -> None:
        """Count one frame that was analysed, and those that had been passed over before it.

        Args:
            now_s: Time on any clock that only goes forward.
            received: Frames that arrived since the last call, this one included.
            failed: Whether the analysis ended in an error.
        """
        with self._lock:
            if self._received == 0:
                self._marks[0] = (now_s, received, 1)
            self._received += max(1, received)
            self._failed += failed
            self._processed += not failed
            if now_s - self._marks[-1][0] >= _WINDOW_S / (_MOST_MARKS - 4):
                self._marks.append((now_s, self._received, self._processed))

    def counts(self, now_s: float) -> FrameCounts:
        """Return the counts, and the rates over the last three seconds."""
        with self._lock:
            first = next((mark for mark in self._marks if now_s - mark[0] <= _WINDOW_S), None)
            span = 0.0 if first is None else now_s - first[0]
            rates = (0.0, 0.0)
            if first is not None and span > 0.2:
                rates = ((self._received - first[1]) / span, (self._processed - first[2]) / span)
            return FrameCounts(self._received, self._processed, self._failed, *rates)
