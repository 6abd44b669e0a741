"""The expressions of the faces in a stream of frames, with a delay that stays bounded.

A frame and its time come in, one after another; for each a `LiveResult` goes out. Where the frames come from does not
matter: a browser's camera, OpenCV, a file. One analyser serves one stream; any number may share a predictor.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fer_core.errors import FerError
from fer_core.faces import Detection
from fer_core.models.info import ModelInfo
from fer_core.prediction.cuts import Box
from fer_core.prediction.live.boxes import overlap, window
from fer_core.prediction.live.counters import FrameCounter
from fer_core.prediction.live.following import SmallFrame, follow, remember
from fer_core.prediction.live.lighting import brightened
from fer_core.prediction.live.pacing import Pacer, is_overdue
from fer_core.prediction.live.results import FrameCounts, LiveFace, LiveResult
from fer_core.prediction.live.settings import LiveSettings
from fer_core.prediction.live.timeline import Timeline
from fer_core.prediction.live.tracking import Tracker
from fer_core.prediction.live.tracks import Track
from fer_core.prediction.results import Face

PASSES = (320,)  # long side in pixels of the search: 5 ms, for faces from a 16th of the frame's width
VIEWS = "one"
_SURE_SCORE = 0.8  # of the detector; what it is less sure of shows once it was found twice
_SAME_SHAPE = 0.02  # relative difference of two frames' proportions
_COVERED = 0.1  # intersection over union with a face that was found later
_STALE_S = 0.6  # without a good reading for this long, a face counts as unsure
_UNREADABLE = ("turned away", "cut off")  # quality notes of a face whose reading would say nothing

_log = logging.getLogger(__name__)


class FaceReader(Protocol):
    """What an analyser needs of a `Predictor`."""

    @property
    def info(self) -> ModelInfo:
        """What the model's package says."""

    def detect(self, image: npt.NDArray[np.uint8], *, passes: tuple[int, ...] | None = None) -> list[Detection]:
        """Find faces."""

    def read_boxes(
        self,
        image: npt.NDArray[np.uint8],
        boxes: Sequence[Box],
        *,
        landmarks: Sequence[npt.NDArray[np.float32] | None] | None = None,
        scores: Sequence[float | None] | None = None,
        views: str = "all",
    ) -> tuple[Face, ...]:
        """Read faces whose places are known."""


class LiveAnalyzer:
    """Follows and reads the faces of one stream.

    One thread hands over frames; any thread may meanwhile change `settings` and ask for `latest`, `counts` and
    `timeline`.

    Args:
        predictor: Finds and reads faces; may be shared.
        settings: May be replaced at any time.
        clock: Seconds that only go forward; what durations are measured with.
    """

    def __init__(
        self,
        predictor: FaceReader,
        settings: LiveSettings | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.settings = self._settings = LiveSettings() if settings is None else settings
        self.timeline = Timeline()
        self._predictor, self._clock = predictor, clock
        self._lock = threading.Lock()
        self._counter, self._pacer, self._tracker = FrameCounter(), Pacer(), Tracker()
        self._latest: LiveResult | None = None
        self._size: tuple[int, int] | None = None
        self._time_s = -math.inf
        self._is_urgent = False
        self._last_error = ""

    @property
    def latest(self) -> LiveResult | None:
        """The newest result; None before the first frame."""
        return self._latest

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes in the order of the probabilities."""
        return self._predictor.info.class_names

    def counts(self) -> FrameCounts:
        """Return how many frames came and what became of them."""
        return self._counter.counts(self._clock())

    def analyse(
        self,
        frame: npt.NDArray[np.uint8],
        time_s: float,
        *,
        skipped: int = 0,
        waited_s: float = 0.0,
        num_sharing: int = 1,
    ) -> LiveResult:
        """Read the faces of the next frame. Never raises: what goes wrong stands in the result's `error`.

        Args:
            frame: (height, width, 3) uint8 RGB, upright; left as it is. Its size may change.
            time_s: When it was taken, in seconds on any clock. Where time goes back, the stream begins anew.
            skipped: Frames that arrived since the last call and were passed over for this one.
            waited_s: How long the frame had waited before this call; counts as delay.
            num_sharing: How many streams this computer reads at present: where it is slow, faces are searched and read
                more rarely the more there are. In between they are followed.
        """
        arrived = self._clock() - waited_s
        with self._lock:
            self._pacer.num_sharing = max(1, num_sharing)
            try:
                result = self._analyse(frame, time_s, arrived)
            except Exception as error:  # whatever it is: the picture must go on
                result = self._failure(frame, time_s, arrived, error)
            self._counter.note(self._clock(), received=1 + skipped, failed=result.error is not None)
            if result.error is None:
                self.timeline.add(result)
            self._latest = result
        return result

    def _analyse(self, frame: npt.NDArray[np.uint8], time_s: float, arrived: float) -> LiveResult:
        settings = self._settings = self.settings  # one and the same for the whole frame
        self._begin(frame, time_s)
        frame, is_dark = brightened(frame)
        small = SmallFrame(frame)
        if self._pacer.detects(time_s, settings, is_urgent=self._is_urgent):
            here = self._detect(frame, time_s, settings)
            remember(small, here)
        else:
            here = follow(small, self._tracker.tracks, time_s)
        self._is_urgent = any(track.is_meeting for track in self._tracker.tracks)
        self._tracker.forget(time_s, settings.forget_s)
        due = [track for track in here if self._pacer.is_due(track, time_s, settings, num_faces=len(here))]
        self._read(frame, due, time_s, arrived)
        delay_ms = 1000 * (self._clock() - arrived)
        return LiveResult(
            time_s=time_s,
            size=(frame.shape[1], frame.shape[0]),
            faces=tuple(self._face(track, time_s, delay_ms) for track in self._shown(time_s)),
            class_names=self.class_names,
            delay_ms=delay_ms,
            detect_step=self._pacer.step(settings),
            is_dark=is_dark,
        )

    def _begin(self, frame: npt.NDArray[np.uint8], time_s: float) -> None:
        """Check the frame, and fit the tracks to its size and time."""
        if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            received = f"{frame.shape} {frame.dtype}" if isinstance(frame, np.ndarray) else type(frame).__name__
            raise ValueError(f"expected a frame (height, width, 3) uint8, received {received}")
        if frame.size == 0 or not math.isfinite(time_s):
            raise ValueError(f"expected pixels and a time, received {frame.shape} and {time_s!r}")
        size = (frame.shape[1], frame.shape[0])
        if time_s < self._time_s:
            self._tracker.clear()
            self._pacer.restart()
        elif self._size is not None and size != self._size:
            factors = (size[0] / self._size[0], size[1] / self._size[1])
            if abs(factors[0] / factors[1] - 1) <= _SAME_SHAPE:
                self._tracker.rescale(factors[0])
            else:
                self._tracker.clear()
            self._pacer.restart()
        self._size, self._time_s = size, time_s
        self._pacer.note_frame(time_s)

    def _detect(self, frame: npt.NDArray[np.uint8], time_s: float, settings: LiveSettings) -> list[Track]:
        begun = self._clock()
        found = self._predictor.detect(frame, passes=PASSES)
        self._pacer.detection.add(self._clock() - begun)
        return self._tracker.update(frame, found, time_s, settings.forget_s)

    def _read(self, frame: npt.NDArray[np.uint8], due: Sequence[Track], time_s: float, arrived: float) -> None:
        """Read the faces that were longest unread, as many as there is time for."""
        waiting = sorted(due, key=lambda track: track.read_s)
        limit = self._pacer.num_reads(self._clock() - arrived, self._settings)
        if limit == 0 and waiting and is_overdue(waiting[0].read_s, time_s):
            limit = 1
        chosen = waiting[:limit]
        if not chosen:
            return
        begun = self._clock()
        faces = self._predictor.read_boxes(
            frame,
            [track.box for track in chosen],
            landmarks=[track.landmarks for track in chosen],
            scores=[track.score for track in chosen],
            views=VIEWS,
        )
        self._pacer.reading.add((self._clock() - begun) / len(chosen))
        for track, face in zip(chosen, faces, strict=True):
            track.read_s, track.quality = time_s, face.quality
            if not any(note in face.quality for note in _UNREADABLE):
                track.reading.add(face.probabilities, time_s, self._settings.smoothing_s)
                track.good_s = time_s

    def _shown(self, time_s: float) -> list[Track]:
        """Return the tracks to show: found lately, certainly a face, still in the picture, and not behind another."""
        width, height = self._size or (0, 0)
        limit = self._settings.hide_s + self._pacer.wait_s(self._settings)
        newest = max((track.found_s for track in self._tracker.tracks), default=0.0)
        return [
            track
            for track in self._tracker.tracks
            if time_s - track.found_s <= limit and (track.num_found > 1 or track.score >= _SURE_SCORE)
            if window(track.expected_box(time_s), width, height) is not None
            if track.found_s == newest or not self._is_covered(track, time_s)
        ]

    def _is_covered(self, track: Track, time_s: float) -> bool:
        box = track.expected_box(time_s)
        others = [other for other in self._tracker.tracks if other.found_s > track.found_s]
        return any(overlap(box, other.expected_box(time_s)) > _COVERED for other in others)

    def _face(self, track: Track, time_s: float, delay_ms: float) -> LiveFace:
        values = track.reading.values()
        best = self._steady_label(track, values, time_s)
        confidence = 0.0 if len(values) == 0 else float(values.max() if best is None else values[best])
        return LiveFace(
            track=track.number,
            bbox=track.expected_box(time_s),
            probabilities=tuple(map(float, values)),
            expression=None if best is None else self.class_names[best],
            confidence=confidence,
            age_s=time_s - track.began_s,
            delay_ms=delay_ms + 1000 * (time_s - track.good_s) if len(values) else 0.0,
            detection_score=track.score,
            is_found=track.seen_s == time_s,
            quality=track.quality,
        )

    def _steady_label(self, track: Track, values: npt.NDArray[np.float64], time_s: float) -> int | None:
        settings = self._settings
        threshold = settings.unsure_below
        if threshold is None:
            threshold = self._predictor.info.unsure_threshold[VIEWS]
        if time_s - track.good_s > _STALE_S:
            values = values[:0]
        return track.steady.update(values, threshold=threshold, hysteresis=settings.hysteresis)

    def _failure(self, frame: object, time_s: float, arrived: float, error: Exception) -> LiveResult:
        text = str(error) if isinstance(error, FerError) else f"{type(error).__name__}: {error}"
        if text != self._last_error:  # once, not 25 times a second
            _log.error("a live frame could not be analysed: %s", text, exc_info=error)
        self._last_error = text
        shape = getattr(frame, "shape", (0, 0))
        size = (int(shape[1]), int(shape[0])) if len(shape) >= 2 else (0, 0)
        return LiveResult(time_s, size, delay_ms=1000 * (self._clock() - arrived), error=text)
