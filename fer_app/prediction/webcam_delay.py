"""How long a frame takes from the camera's time to its being drawn, more than it must.

The camera's time and this computer's come in for each frame; the median delay of the last frames goes out. The way
through the network and the browser's own work are not in it.
"""

from collections import deque
from statistics import median

_LAG_WINDOW = 60.0  # seconds after which the least lag is taken anew, as two clocks never run alike
_NUM_DELAYS = 60  # frames that the median is taken over


class DelayMeter:
    """Measures the delay of one stream; the thread that reads the frames calls it, any thread may read `median_ms`.

    A frame carries the camera's time. What this computer's clock is ahead of it is constant but for the waiting, so
    the least difference seen within a minute stands for a frame that did not wait.
    """

    def __init__(self) -> None:
        self._least: deque[tuple[float, float]] = deque()  # time and lag, both rising: the least of the minute first
        self._delays: deque[float] = deque(maxlen=_NUM_DELAYS)
        self.median_ms: float | None = None

    def waiting(self, time_s: float, camera_time_s: float | None) -> float:
        """Return for how many seconds a frame has waited at `time_s`; 0 where the camera gives no time."""
        if camera_time_s is None:
            return 0.0
        lag = time_s - camera_time_s
        while self._least and self._least[-1][1] >= lag:
            self._least.pop()
        self._least.append((time_s, lag))
        while self._least[0][0] < time_s - _LAG_WINDOW:
            self._least.popleft()
        return lag - self._least[0][1]

    def note(self, delay_s: float) -> None:
        """Take in the whole delay of a frame in seconds, waiting and work."""
        self._delays.append(delay_s)
        self.median_ms = 1000 * median(self._delays)
