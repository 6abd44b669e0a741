"""Decides how much work a frame gets, so that the delay stays bounded however slow the computer is.

Measured durations come in; whether to search the whole frame and how many faces to read go out. Detection is paced by
time, so that its step in frames follows from the frame rate.
"""

import math
import statistics
from collections import deque

from fer_core.prediction.live.settings import LiveSettings
from fer_core.prediction.live.tracks import Track

_LARGEST_SHARE = 0.2  # of the time that detection, and likewise reading, may take on a slow computer
_LONGEST_WAIT_S = 1.0  # between two detections: a newcomer shows after this time at the latest
_LONGEST_UNREAD_S = 0.25  # after this time a face is read, whatever it costs
_NEW_S = 0.3  # a face is new for this long: its label should stand soon
_REMEMBERED = 7  # durations


class TypicalDuration:
    """The median of the last few durations in seconds: one hiccup, or a slow first call, changes nothing.

    Args:
        first: What to assume before anything was measured.
    """

    def __init__(self, first: float) -> None:
        self.value = first
        self._last: deque[float] = deque([first, first], maxlen=_REMEMBERED)

    def add(self, value: float) -> None:
        """Take one duration in."""
        self._last.append(value)
        self.value = statistics.median(self._last)


class Pacer:
    """Keeps the account of what detection and reading cost; `num_sharing` streams divide the time among them."""

    def __init__(self) -> None:
        self.num_sharing = 1
        self.detection = TypicalDuration(0.006)
        self.reading = TypicalDuration(0.002)  # of one face
        self._frame = TypicalDuration(0.04)  # time between two frames
        self._last_frame_s = self._last_detection_s = -math.inf

    def note_frame(self, time_s: float) -> None:
        """Note that a frame came."""
        span = time_s - self._last_frame_s
        if 0 < span < 1:
            self._frame.add(span)
        self._last_frame_s = time_s

    def wait_s(self, settings: LiveSettings, *, is_urgent: bool = False) -> float:
        """Return the time between two detections; half of it where faces meet and the computer is quick enough."""
        wanted = settings.detect_every_s * (0.5 if is_urgent else 1.0)
        if settings.budget_ms is None:
            return wanted
        return self._affordable(wanted, self.detection.value)

    def step(self, settings: LiveSettings) -> int:
        """Return n: faces are searched in every n-th frame."""
        return max(1, round(self.wait_s(settings) / max(self._frame.value, 1e-3)))

    def detects(self, time_s: float, settings: LiveSettings, *, is_urgent: bool) -> bool:
        """Say whether this frame is searched."""
        wait = self.wait_s(settings, is_urgent=is_urgent)
        # Half a frame early rather than half a frame late, else 0.1 s at 25 frames a second become 0.12 s.
        due = time_s - self._last_detection_s >= wait - min(self._frame.value / 2, wait / 4)
        if due:
            self._last_detection_s = time_s
        return due

    def is_due(self, track: Track, time_s: float, settings: LiveSettings, *, num_faces: int = 1) -> bool:
        """Say whether a face, one of some, is to be read in this frame.

        That is best done where it was just found: between two detections a reading waits half as long again.
        """
        if time_s - track.began_s < _NEW_S:
            return True
        wait = settings.read_every_s
        if settings.budget_ms is not None:
            wait = self._affordable(wait, self.reading.value * num_faces)
        wait *= 1.0 if track.found_s == time_s else 1.5
        return time_s - track.read_s >= wait - min(self._frame.value / 2, wait / 4)

    def _affordable(self, wanted_s: float, cost_s: float) -> float:
        """Return the time from one piece of work to the next: as wanted, or longer where it would take too much."""
        return max(wanted_s, min(cost_s * self.num_sharing / _LARGEST_SHARE, _LONGEST_WAIT_S))

    def num_reads(self, spent_s: float, settings: LiveSettings) -> int | None:
        """Return how many faces there is time to read in this frame; None for all."""
        if settings.budget_ms is None:
            return None
        left = settings.budget_ms / 1000 - spent_s
        return max(0, int(left / max(self.reading.value, 1e-5)))

    def restart(self) -> None:
        """Search the next frame."""
        self._last_detection_s = self._last_frame_s = -math.inf


def is_overdue(read_s: float, time_s: float) -> bool:
    """Say whether a face has gone unread for too long."""
    return time_s - read_s > _LONGEST_UNREAD_S
