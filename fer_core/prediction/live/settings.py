"""What can be set while a camera runs: smoothing, thresholds and how long a face may be out of sight.

Plain values, checked once. An analyser reads its settings at the start of each frame, so another instance may be put
in its place at any time, from any thread.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LiveSettings:
    """Settings of a `LiveAnalyzer`.

    Args:
        smoothing_s: Time constant of the average over a face's readings in seconds; 0 shows each reading as it is.
            A change of expression shows after about this time, at any frame rate.
        unsure_below: Probability below which a face counts as unsure, 0-1; what the model says when None.
        hysteresis: How far above its rival a label must be to take its place, and above the threshold to end being
            unsure; the same half way below to become unsure. A probability, 0-0.5.
        forget_s: A face that was not found for this long ends: when it returns, it is a new one.
        hide_s: A face that was not found for this long is kept, but no longer shown.
        detect_every_s: Faces are searched in the whole picture this often; in between they are followed. 0: in
            every frame.
        read_every_s: A face is read this often, and a new one in every frame at first. 0: in every frame.
        budget_ms: What one frame may cost. On a slow computer faces are searched and read more rarely to keep to
            it. None: no limit, so that a result does not depend on the computer (for files).
    """

    smoothing_s: float = 0.5
    unsure_below: float | None = None
    hysteresis: float = 0.06
    forget_s: float = 2.0
    hide_s: float = 0.35
    detect_every_s: float = 0.1
    read_every_s: float = 0.1
    budget_ms: float | None = 40.0

    def __post_init__(self) -> None:
        _check("smoothing_s", self.smoothing_s, 0.0, 10.0)
        if self.unsure_below is not None:
            _check("unsure_below", self.unsure_below, 0.0, 1.0)
        _check("hysteresis", self.hysteresis, 0.0, 0.5)
        _check("forget_s", self.forget_s, 0.1, 60.0)
        _check("hide_s", self.hide_s, 0.0, 60.0)
        _check("detect_every_s", self.detect_every_s, 0.0, 1.0)
        _check("read_every_s", self.read_every_s, 0.0, 1.0)
        if self.budget_ms is not None:
            _check("budget_ms", self.budget_ms, 1.0, 10_000.0)


def _check(name: str, value: float, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}, expected a number from {low:g} to {high:g}")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value!r}, expected {low:g} to {high:g}")
