"""What a camera's frames go through: analysed, drawn and counted; whatever fails, the picture goes on.

PyAV frames come in on a thread of their own and go out annotated. The page, on another thread, puts `options` in
place, reads `state()` and asks for recordings. Nothing is kept but the newest picture and what was asked for.
"""

import asyncio
import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import av
import cv2
import numpy as np
import numpy.typing as npt

from fer_app.prediction.webcam_delay import DelayMeter
from fer_app.prediction.webcam_recording import Recording
from fer_app.prediction.webcam_seats import Seats
from fer_core.prediction.live import FrameCounts, LiveAnalyzer, LiveResult, LiveSettings, draw_live

_PATIENCE = 2.0  # seconds; streamlit-webrtc ends a video for good whose frame takes ten

_log = logging.getLogger(__name__)

Picture = npt.NDArray[np.uint8]  # (height, width, 3) RGB


class Draw(Protocol):
    """What draws a result on its frame, as `fer_core.prediction.live.draw_live`."""

    def __call__(self, frame: Picture, result: LiveResult, *, mirror: bool) -> Picture:
        """Return a new picture; turned left to right where `mirror` says so."""
        ...


@dataclass(frozen=True)
class WebcamOptions:
    """What the person can set while the video runs.

    Args:
        live: Settings of the analysis.
        mirrored: Show the picture as a mirror does.
    """

    live: LiveSettings = field(default_factory=LiveSettings)
    mirrored: bool = True


@dataclass(frozen=True)
class StreamState:
    """A stream as the page shows it.

    Args:
        counts: Frames and rates since the page was opened.
        delay_ms: Median delay of the last frames in milliseconds; None before the first.
        result: What the newest frame says; None where no video runs.
        error: Why the newest frame could not be analysed; "" where it was.
        is_refused: Whether all seats were taken when its frames came.
        silent_s: Seconds since the newest frame; None before the first, and once the video is over for the page.
    """

    counts: FrameCounts
    delay_ms: float | None
    result: LiveResult | None
    error: str
    is_refused: bool
    silent_s: float | None


def _encodable(picture: Picture) -> av.VideoFrame:
    """Return a picture as the encoder takes it: half-size colours, which OpenCV makes in a sixth of FFmpeg's time."""
    if picture.shape[0] % 2 or picture.shape[1] % 2:
        return av.VideoFrame.from_ndarray(picture, format="rgb24")
    return av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), format="yuv420p")


class WebcamStream:
    """One visitor's camera.

    Args:
        name: Tells the stream from others when seats are given.
        analyzer: Reads its frames; nobody else's.
        seats: Shared by all streams of the server.
        draw: Draws a result on a frame.
    """

    def __init__(self, name: str, analyzer: LiveAnalyzer, *, seats: Seats, draw: Draw = draw_live) -> None:
        self.name, self.analyzer = name, analyzer
        self.options = WebcamOptions(live=analyzer.settings)
        self.recording: Recording | None = None
        self._draw, self._seats, self._delays = draw, seats, DelayMeter()
        self._lock = threading.Lock()  # guards what state() and snapshot() read
        self._result: LiveResult | None = None
        self._picture: Picture | None = None
        self._error, self._is_refused = "", False
        self._last_frame_s: float | None = None
        self._reader: ThreadPoolExecutor | None = None
        self._late: Future[av.VideoFrame] | None = None
        self._num_skipped = 0

    async def on_frames(self, frames: list[av.VideoFrame]) -> list[av.VideoFrame]:
        """Read the newest of the frames that have come since the last call; the others are dropped.

        A frame that takes too long is not waited for: raw pictures go on until it is done. A coroutine because
        streamlit-webrtc asks for one; it runs on one thread of this stream, and `read` on another.
        """
        self._num_skipped += len(frames)
        if self._late is not None and not self._late.done():
            return [frames[-1]]
        if self._reader is None:
            self._reader = ThreadPoolExecutor(1, thread_name_prefix="webcam-reader")
        self._late = self._reader.submit(self.read, frames[-1], num_skipped=self._num_skipped - 1)
        self._num_skipped = 0
        reading = asyncio.wrap_future(self._late)
        await asyncio.wait([reading], timeout=_PATIENCE)
        return [reading.result() if reading.done() else frames[-1]]

    def read(self, frame: av.VideoFrame, *, num_skipped: int = 0) -> av.VideoFrame:
        """Return the frame with what it says drawn on it; the frame as it is where that fails.

        Args:
            frame: The frame.
            num_skipped: Frames that were passed over for it.
        """
        now = time.monotonic()
        is_refused = not self._seats.take(self.name)
        with self._lock:
            self._is_refused, self._last_frame_s = is_refused, now
        if is_refused:
            return frame
        try:
            return self._annotated(frame, now, num_skipped)
        except Exception as problem:  # an exception here would end the video for good, without a word
            self._fail(problem)
            return frame

    def _annotated(self, frame: av.VideoFrame, now: float, num_skipped: int) -> av.VideoFrame:
        options = self.options
        waited = self._delays.waiting(now, frame.time)
        self.analyzer.settings = options.live
        picture = frame.to_ndarray(format="rgb24")
        result = self.analyzer.analyse(
            picture, now, skipped=num_skipped, waited_s=waited, num_sharing=self._seats.num_taken()
        )
        shown = self._draw(picture, result, mirror=options.mirrored)
        recording = self.recording
        if recording is not None:
            recording.add(shown, result, now)
        with self._lock:
            self._result, self._picture, self._error = result, shown, result.error or ""
        annotated = _encodable(shown)
        self._delays.note(waited + time.monotonic() - now)
        return annotated

    def _fail(self, problem: Exception) -> None:
        text = f"{type(problem).__name__}: {problem}"
        if text != self._error:  # once, not with every frame
            _log.error("a webcam frame could not be shown: %s", text, exc_info=problem)
        with self._lock:
            self._error = text

    def end(self) -> None:
        """Let go of everything, as STOP does; the next frame begins another video."""
        self.release()
        with self._lock:
            self._last_frame_s = None

    def release(self) -> None:
        """Let go of what a running stream holds; called when no more frames come, by whatever thread.

        Since when none has come stays known: a connection that broke off is told by that.
        """
        reader, self._reader, self._late = self._reader, None, None
        if reader is not None:
            reader.shutdown(wait=False, cancel_futures=True)
        self._seats.give_back(self.name)
        recording = self.recording
        if recording is not None:
            recording.finish()
        with self._lock:
            self._picture = self._result = None
            self._error, self._is_refused = "", False
            self._delays = DelayMeter()

    def state(self) -> StreamState:
        """Return the stream as it stands now."""
        counts = self.analyzer.counts()
        with self._lock:
            silent = None if self._last_frame_s is None else time.monotonic() - self._last_frame_s
            return StreamState(counts, self._delays.median_ms, self._result, self._error, self._is_refused, silent)

    def snapshot(self) -> Picture | None:
        """Return the newest annotated picture; None where no video runs."""
        with self._lock:
            return self._picture
