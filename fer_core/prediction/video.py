"""Faces of a camera or a video file, without a browser: frames from OpenCV in, a table with time and frame out.

Faces are followed from frame to frame and their readings steadied, as on the page. The table grows while the camera
runs, so that whenever it is stopped, everything up to then is there.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.errors import SettingsError
from fer_core.prediction.live import LiveAnalyzer, LiveResult, LiveSettings
from fer_core.prediction.predictor import Predictor
from fer_core.prediction.results import picture_name
from fer_core.prediction.tables import TableFile, checked_table_path, face_columns, open_table, unwritable

# A file waits for us: every frame is searched and read, and the result does not depend on the computer.
_FILE_SETTINGS = LiveSettings(budget_ms=None, detect_every_s=0.0, read_every_s=0.0)
_GROWING = (".csv", ".jsonl")  # formats that can be read while they grow

Pixels = npt.NDArray[np.uint8]
OnFrame = Callable[[Pixels, LiveResult], object]


class Frame(NamedTuple):
    """One picture of a video: number from 0, seconds since the first one, (height, width, 3) uint8 RGB."""

    number: int
    time_s: float
    pixels: Pixels


@dataclass(frozen=True)
class VideoSummary:
    """What came of a video.

    Args:
        num_frames: Frames that were read.
        num_faces: Rows of the table.
        num_failed: Frames whose analysis failed.
        seconds: Time of the last frame.
    """

    num_frames: int
    num_faces: int
    num_failed: int
    seconds: float


class Video:
    """An open camera or video file; iterate over its frames, and close it.

    Args:
        source: The number of a camera, 0 for the first, or the path of a video file.

    Raises:
        SettingsError: If it cannot be opened.
    """

    def __init__(self, source: str) -> None:
        self.is_camera = source.isdecimal()
        self.name = f"camera {source}" if self.is_camera else picture_name(source)
        if not self.is_camera and not os.path.isfile(source):
            raise SettingsError(f"There is no video {source!r}. Give a camera's number, such as 0, or a video file.")
        with _quiet():
            self._capture = cv2.VideoCapture(int(source) if self.is_camera else source)
        if not self._capture.isOpened():
            self._capture.release()
            raise SettingsError(_closed_sentence(self))
        if self.is_camera:
            self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # else frames wait, and are old when they come

    @property
    def num_frames(self) -> int:
        """How many frames a file says it has; 0 for a camera, or where it is not known."""
        return 0 if self.is_camera else max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames; a camera's until it is closed or unplugged."""
        frames_a_second = self._capture.get(cv2.CAP_PROP_FPS) or 25.0
        began, number, time_s = time.monotonic(), 0, 0.0
        while True:
            with _quiet():
                is_there, bgr = self._capture.read()
            if not is_there:
                return
            if self.is_camera:
                time_s = time.monotonic() - began
            elif number:
                stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                time_s = stamp if stamp > time_s else time_s + 1 / frames_a_second
            yield Frame(number, time_s, _rgb(bgr))
            number += 1

    def close(self) -> None:
        """Give the camera or file back."""
        self._capture.release()


def write_video_predictions(
    predictor: Predictor,
    source: str,
    out: str | Path,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    on_frame: OnFrame | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> VideoSummary:
    """Read the faces of a camera or video file into a table, one row a face and frame.

    Args:
        predictor: Finds and reads faces.
        source: As for `Video`.
        out: A `.csv` or `.jsonl` file, which grows with every frame, or a `.parquet` file, which is written at the
            end. Columns: image (the video), frame (from 0), time_s, then those of `Prediction.to_frame`, where face
            is the number of a person who is followed.
        on_progress: Called with (frames done, frames in all); the latter is 0 for a camera.
        on_frame: Called with every frame and its result.
        should_stop: Asked after every frame; what was read by then is kept, as after any exception.

    Raises:
        SettingsError: If the video or the table cannot be opened, or no frame comes.
    """
    path = checked_table_path(out)
    columns = {"image": str, "frame": int, "time_s": float, **face_columns(predictor.class_names)}
    with closing(Video(source)) as video:
        frames = iter(video)
        first = next(frames, None)
        if first is None:
            raise SettingsError(_closed_sentence(video))
        follower = _Follower(predictor, video, on_frame)
        with _table(path, columns) as table:
            for frame in _with(first, frames):
                table.write(follower.rows(frame))
                if on_progress:
                    on_progress(frame.number + 1, video.num_frames)
                if should_stop():
                    break
    return follower.summary()


class _Follower:
    """Turns frames into rows and counts what it did."""

    def __init__(self, predictor: Predictor, video: Video, on_frame: OnFrame | None) -> None:
        self._analyzer = LiveAnalyzer(predictor, None if video.is_camera else _FILE_SETTINGS)
        self._name, self._on_frame = video.name, on_frame
        self._num_faces = self._num_failed = self._num_frames = 0
        self._seconds = 0.0

    def rows(self, frame: Frame) -> list[dict[str, Any]]:
        result = self._analyzer.analyse(frame.pixels, frame.time_s)
        if self._on_frame:
            self._on_frame(frame.pixels, result)
        place = {"image": self._name, "frame": frame.number, "time_s": frame.time_s}
        rows = [row | place for row, face in zip(result.rows(), result.faces, strict=True) if face.probabilities]
        self._num_frames, self._seconds = frame.number + 1, frame.time_s
        self._num_faces += len(rows)
        self._num_failed += result.error is not None
        return rows

    def summary(self) -> VideoSummary:
        return VideoSummary(self._num_frames, self._num_faces, self._num_failed, self._seconds)


def _with(first: Frame, others: Iterator[Frame]) -> Iterator[Frame]:
    yield first
    yield from others


@contextmanager
def _table(path: Path, columns: dict[str, type]) -> Iterator[TableFile]:
    """A table that is whole, as far as it came, however the work ends."""
    is_growing = path.suffix.lower() in _GROWING
    partial = path if is_growing else path.with_name(f".{os.getpid()}.{path.name}")
    try:
        try:
            with closing(open_table(partial, columns)) as table:
                yield table
        finally:
            if not is_growing and partial.exists():
                os.replace(partial, path)
    except OSError as error:
        raise unwritable(path, error) from error


def _rgb(bgr: npt.NDArray[np.uint8]) -> Pixels:
    code = cv2.COLOR_GRAY2RGB if bgr.ndim == 2 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(bgr, code), np.uint8)


def _closed_sentence(video: Video) -> str:
    if video.is_camera:
        return (
            f"The {video.name} gives no picture. Check that it is plugged in, that this user may use it and that no "
            "other program does; 1, 2, … are further cameras."
        )
    return f"{video.name!r} holds no frame that OpenCV can read. Save it as MP4 (H.264) and try again."


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep OpenCV's own warnings off the terminal: what they mean is said in a sentence."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
