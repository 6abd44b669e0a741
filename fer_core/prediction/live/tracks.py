"""One face through time: where it is, where it is going, what it looks like and what it appears to show."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fer_core.faces import Detection
from fer_core.prediction.cuts import Box
from fer_core.prediction.live import boxes
from fer_core.prediction.live.appearance import Appearance, blended
from fer_core.prediction.live.smoothing import SmoothedReading, SteadyLabel

_SPEED_S = 0.25  # time constant of the speed
_LONGEST_COASTING_S = 0.8  # a face out of sight is taken to move on for this long
_APPEARANCE_S = 1.5  # time constant of the look: slower than a turn of the head, faster than a lamp
_FASTEST = 6.0  # face sizes a second; what is faster is a mistake of the detector


@dataclass(eq=False)
class Track:
    """A face that is followed.

    Args:
        number: From 1, never used again.
        box: Where it was last seen, x1, y1, x2, y2 in pixels.
        landmarks: (5, 2) float32 in pixels, moved along with the box; or None.
        score: The detector's certainty when it was last found.
        began_s: Time of its first detection.
        seen_s: Time at which `box` was true: found, or followed.
        found_s: Time of its last detection.
    """

    number: int
    box: Box
    landmarks: npt.NDArray[np.float32] | None
    score: float
    began_s: float
    seen_s: float
    found_s: float
    num_found: int = 1
    speed: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))  # pixels a second
    look: Appearance | None = None
    is_meeting: bool = False
    reading: SmoothedReading = field(default_factory=SmoothedReading)
    steady: SteadyLabel = field(default_factory=SteadyLabel)
    read_s: float = -math.inf  # time of the newest reading
    good_s: float = -math.inf  # time of the newest one that says something
    quality: tuple[str, ...] = ()
    patch: npt.NDArray[np.uint8] | None = None  # what the follower looks for
    _measured: tuple[float, npt.NDArray[np.float64]] | None = None  # time and place that the speed was taken from

    def expected_box(self, time_s: float) -> Box:
        """Return where it should be now: it moves on as it did, for a while."""
        return boxes.moved(self.box, self.speed * min(max(0.0, time_s - self.seen_s), _LONGEST_COASTING_S))

    def find(self, found: Detection, look: Appearance | None, time_s: float) -> None:
        """Take in a detection of this face."""
        self._measure_speed(boxes.centre(found.bbox), time_s)
        gap = time_s - self.found_s
        self.box, self.landmarks, self.score = found.bbox, found.landmarks, found.score
        self.seen_s = self.found_s = time_s
        self.num_found += 1
        if not self.is_meeting:  # else it would take on the look of the other
            self.look = blended(self.look, look, 1 - math.exp(-min(gap, 0.5) / _APPEARANCE_S))

    def follow(self, box: Box, time_s: float) -> None:
        """Move to where the face was followed to between two detections."""
        shift = boxes.centre(box) - boxes.centre(self.box)
        self.box, self.seen_s = box, time_s
        if self.landmarks is not None:
            self.landmarks = self.landmarks + shift.astype(np.float32)

    def scale(self, factor: float) -> None:
        """The frame became larger by a factor."""
        self.box, self.speed = boxes.scaled(self.box, factor), self.speed * factor
        self.landmarks = None if self.landmarks is None else self.landmarks * np.float32(factor)
        self.patch = None
        if self._measured is not None:
            self._measured = (self._measured[0], self._measured[1] * factor)

    def _measure_speed(self, place: npt.NDArray[np.float64], time_s: float) -> None:
        before = (self.found_s, boxes.centre(self.box)) if self._measured is None else self._measured
        span = time_s - before[0]
        self._measured = (time_s, place)
        if span <= 0:
            return
        measured = (place - before[1]) / span
        limit = _FASTEST * boxes.side(self.box)
        length = float(np.hypot(*measured))
        measured = measured * min(1.0, limit / length) if length > 0 else measured
        self.speed = self.speed + (1 - math.exp(-span / _SPEED_S)) * (measured - self.speed)
