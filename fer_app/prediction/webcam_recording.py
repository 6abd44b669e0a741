"""What a person records of live video on demand: a table of results and an annotated clip, in memory until downloaded.

Annotated frames and their results come in; CSV text and a WebM file go out. Both are bounded, and nothing touches the
disk.
"""

import io
import threading
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from fer_core.labels import LABEL_NOTICE
from fer_core.prediction.live.results import LiveResult, live_frame

MAX_CLIP_SECONDS = 60.0
MAX_CLIP_BYTES = 32 * 1024**2
MAX_ROWS = 100_000  # of the table; an hour of one face at 25 frames a second
_BIT_RATE = 2_000_000  # a second: letters of the overlay stay readable at 640 x 480
_MILLISECONDS = Fraction(1, 1000)


class Clip:
    """A WebM video (VP8) that grows in memory.

    Args:
        max_seconds: Frames later than this after the first are left out.
        max_bytes: As are frames once it has grown to this.
    """

    def __init__(self, max_seconds: float = MAX_CLIP_SECONDS, max_bytes: int = MAX_CLIP_BYTES) -> None:
        self._max_seconds, self._max_bytes = max_seconds, max_bytes
        self._file = io.BytesIO()
        self._container: Any = None
        self._stream: Any = None
        self._began_at = 0.0
        self._last_pts, self._num_bytes = -1, 0
        self.seconds = 0.0
        self.is_full = False

    def add(self, image: npt.NDArray[np.uint8], time_s: float) -> None:
        """Add a frame, (height, width, 3) uint8 RGB; one of another size is fitted to the first one's."""
        if self._container is None:
            self._begin(image.shape[1] // 2 * 2, image.shape[0] // 2 * 2, time_s)
        elapsed = time_s - self._began_at
        self.is_full = self.is_full or elapsed > self._max_seconds or self._num_bytes > self._max_bytes
        pts = round(1000 * elapsed)
        if self.is_full or pts <= self._last_pts:
            return
        size = (self._stream.width, self._stream.height)
        fitted = image if image.shape[1::-1] == size else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(fitted), format="rgb24")
        frame.pts, frame.time_base = pts, _MILLISECONDS
        packets = self._stream.encode(frame)
        self._num_bytes += sum(packet.size for packet in packets)  # the file itself is written in large pieces
        self._container.mux(packets)
        self._last_pts, self.seconds = pts, elapsed

    def finish(self) -> bytes:
        """End the video and return its bytes; without frames there are none."""
        if self._container is not None:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._container = None
            self.is_full = True
        return self._file.getvalue()

    def _begin(self, width: int, height: int, time_s: float) -> None:
        self._container = av.open(self._file, "w", format="webm")
        self._container.metadata["comment"] = LABEL_NOTICE
        self._stream = self._container.add_stream("libvpx", rate=30)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.bit_rate = _BIT_RATE
        self._stream.codec_context.time_base = _MILLISECONDS
        # As libvpx advises for live video: its default quality takes longer than a frame lasts.
        self._stream.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        self._began_at = time_s


class Recording:
    """A table and a clip that grow together; the stream adds to it, the page ends it, each on a thread of its own.

    Args:
        with_clip: Record the annotated video as well as the table.
        clip: The clip to fill; one with the usual bounds when None.
    """

    def __init__(self, *, with_clip: bool, clip: Clip | None = None) -> None:
        self._lock = threading.Lock()
        self._rows: list[dict[str, Any]] = []
        self._class_names: Sequence[str] = ()
        self._clip = (clip or Clip()) if with_clip else None
        self._began_at: float | None = None
        # Of its files; a download whose name changed with every run of the page would lose clicks.
        self.name = f"webcam-{datetime.now():%Y-%m-%d-%H%M%S}"
        self.seconds = 0.0
        self.is_over = False
        self.clip_bytes = b""

    def add(self, image: npt.NDArray[np.uint8], result: LiveResult, time_s: float) -> None:
        """Add an annotated frame and what it says; once the recording is over, nothing."""
        with self._lock:
            if self.is_over:
                return
            self._began_at = time_s if self._began_at is None else self._began_at
            self.seconds = time_s - self._began_at
            self._class_names = result.class_names or self._class_names
            self._rows += [{**row, "time_s": self.seconds} for row in result.rows()][: MAX_ROWS - len(self._rows)]
            if self._clip is not None:
                self._clip.add(image, time_s)

    def finish(self) -> None:
        """End the recording; the clip can be had from then on."""
        with self._lock:
            if not self.is_over and self._clip is not None:
                self.clip_bytes = self._clip.finish()
            self.is_over = True

    @property
    def num_rows(self) -> int:
        """Rows of the table so far: one a face and frame."""
        return len(self._rows)

    @property
    def clip_seconds(self) -> float:
        """Length of the clip so far."""
        return self._clip.seconds if self._clip is not None else 0.0

    @property
    def clip_is_full(self) -> bool:
        """Whether the clip has reached its bounds; the table may go on."""
        return self._clip is not None and self._clip.is_full

    def csv(self) -> bytes:
        """Return the table; times are seconds since the recording began."""
        with self._lock:
            table = live_frame(self._rows, self._class_names)
        return table.to_csv(index=False, float_format="%.4f").encode()
