"""The last minute of each face, as a plain table: the results of frames in, one row a track and instant out.

Its memory is bounded, whatever the frame rate, the number of faces and the length of the session. Any thread may add
or ask.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from fer_core.prediction.live.results import LiveFace, LiveResult
from fer_core.prediction.results import UNSURE

if TYPE_CHECKING:
    import pandas as pd

LENGTH_S = 60.0
STEP_S = 0.2  # between two rows of a track: smooth probabilities hardly move in less
_MOST_TRACKS = 24  # those seen last

_Row = tuple[float, str, float, tuple[float, ...]]  # time, label, confidence, probabilities


class Timeline:
    """The rolling minute of each track.

    Args:
        length_s: How far back it reaches.
        step_s: Least time between two rows of a track.
    """

    def __init__(self, length_s: float = LENGTH_S, step_s: float = STEP_S) -> None:
        if not 0 < step_s <= length_s:
            raise ValueError(f"expected 0 < step_s <= length_s, received {step_s!r} and {length_s!r}")
        self._length_s, self._step_s = length_s, step_s
        self._lock = threading.Lock()
        self._tracks: dict[int, deque[_Row]] = {}
        self._class_names: tuple[str, ...] = ()
        self._now_s = 0.0

    def add(self, result: LiveResult) -> None:
        """Take the faces of one frame in; time that goes back or another model begins a new minute."""
        with self._lock:
            if result.time_s < self._now_s or (result.class_names and result.class_names != self._class_names):
                self._tracks.clear()
            self._now_s = result.time_s
            self._class_names = result.class_names or self._class_names
            for face in result.faces:
                if face.probabilities:
                    self._add_face(face)
            self._drop_old()

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a track and instant, columns as in `to_frame`."""
        with self._lock:
            now, names = self._now_s, self._class_names
            tracks = {number: list(rows) for number, rows in self._tracks.items()}
        return [
            {"track": number, "ago_s": now - time_s, "label": label, "confidence": confidence}
            | {f"p_{name}": value for name, value in zip(names, values, strict=True)}
            for number, rows in tracks.items()
            for time_s, label, confidence, values in rows
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return the minute as a table.

        Returns:
            track, ago_s (seconds before the newest frame), label (`unsure` where none stood out), confidence and
            p_<class> for each class; the rows of a track together, the oldest first.
        """
        import pandas as pd

        with self._lock:
            names = self._class_names
        columns = ["track", "ago_s", "label", "confidence", *(f"p_{name}" for name in names)]
        types = {"track": "int64", "label": "str"} | dict.fromkeys([*columns[1:2], *columns[3:]], "float64")
        return pd.DataFrame(self.rows(), columns=columns).astype(types)

    def _add_face(self, face: LiveFace) -> None:
        most = int(self._length_s / self._step_s) + 1
        rows = self._tracks.setdefault(face.track, deque(maxlen=most))
        if not rows or self._now_s - rows[-1][0] >= self._step_s * 0.999:
            label = UNSURE if face.expression is None else face.expression
            rows.append((self._now_s, label, face.confidence, face.probabilities))

    def _drop_old(self) -> None:
        for number, rows in list(self._tracks.items()):
            while rows and self._now_s - rows[0][0] > self._length_s:
                rows.popleft()
            if not rows:
                del self._tracks[number]
        while len(self._tracks) > _MOST_TRACKS:
            del self._tracks[min(self._tracks, key=lambda number: self._tracks[number][-1][0])]
