"""Steadies what a face appears to show: an average over time, and a label that does not flicker.

Single readings with their times come in; a smooth probability of each class and a label, or None for unsure, go out.
Everything is measured in seconds, so that ten frames a second and thirty give the same curve.
"""

import math

import numpy as np
import numpy.typing as npt

# What the first reading counts for: it stands for no time span yet. Short, so that one odd first frame is soon
# outweighed; positive, so that a face shows something at once.
_FIRST_SPAN_S = 0.04
# A reading stands for the time since the one before, but not for a gap in which the face was out of sight.
_LONGEST_SPAN_S = 0.5


class SmoothedReading:
    """The running average of one face, weighted by exp(-age / time constant); it starts empty.

    The weights of what was read so far add up to less than 1 at first; dividing by their sum makes the first
    readings an average of themselves (as in the bias correction of Kingma & Ba, "Adam", 2015).
    """

    def __init__(self) -> None:
        self._sum: npt.NDArray[np.float64] | None = None
        self._weight = 0.0
        self._last_s = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read yet."""
        return self._sum is None

    def add(self, probabilities: npt.NDArray[np.floating], time_s: float, time_constant_s: float) -> None:
        """Take one reading in.

        Args:
            probabilities: (classes,), sums to 1.
            time_s: When it was read; times do not go backwards.
            time_constant_s: After this time a reading counts for 1/e; 0 keeps the newest alone.
        """
        reading = np.asarray(probabilities, np.float64)
        if self._sum is None or time_constant_s <= 0:
            self._sum, self._weight = reading * _FIRST_SPAN_S, _FIRST_SPAN_S
        else:
            span = max(0.0, time_s - self._last_s)
            kept = math.exp(-span / time_constant_s)
            # The integral of exp(-age / constant) over the span that this reading stands for, in seconds.
            gained = time_constant_s * (1.0 - math.exp(-min(span, _LONGEST_SPAN_S) / time_constant_s))
            self._sum = self._sum * kept + reading * gained
            self._weight = self._weight * kept + gained
        self._last_s = time_s

    def values(self) -> npt.NDArray[np.float64]:
        """Return the average, (classes,), sums to 1; (0,) as long as nothing was read."""
        return np.empty(0) if self._sum is None else self._sum / max(self._weight, 1e-12)


class SteadyLabel:
    """A label with hysteresis: it stays until another is clearly ahead, or it is clearly below the threshold."""

    def __init__(self) -> None:
        self._best: int | None = None
        self._is_sure = False

    def update(self, values: npt.NDArray[np.floating], *, threshold: float, hysteresis: float) -> int | None:
        """Return the class to show now, or None when unsure.

        Args:
            values: (classes,) smooth probabilities; (0,) when nothing was read.
            threshold: Probability below which a face is unsure.
            hysteresis: How far a rival must be ahead; half of it must be crossed round the threshold.
        """
        if len(values) == 0:
            return None
        rival = int(np.argmax(values))
        if self._best is None or self._best >= len(values) or values[rival] >= values[self._best] + hysteresis:
            self._best = rival
        half = hysteresis / 2
        limit = threshold - half if self._is_sure else min(threshold + half, 1.0)
        self._is_sure = bool(values[self._best] >= limit)
        return self._best if self._is_sure else None
