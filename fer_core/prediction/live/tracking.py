"""Gives each face a number and keeps it: detections of a frame in, tracks out.

Detections and tracks are matched by where a face should be (its last place and speed) and its size; where boxes meet
or a face was out of sight, by what it looks like too, so that two people who cross do not swap their histories.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fer_core.faces import Detection
from fer_core.prediction.live import boxes
from fer_core.prediction.live.appearance import Appearance, look_at
from fer_core.prediction.live.matching import assign, matching_costs
from fer_core.prediction.live.tracks import Track

_MEETING_MARGIN = 0.15  # share of a box by which it is widened before asking whether it meets another
_MAX_TRACKS = 64


class Tracker:
    """The faces in view and those just lost."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._next_number = 1

    def update(
        self, frame: npt.NDArray[np.uint8], found: Sequence[Detection], time_s: float, forget_s: float
    ) -> list[Track]:
        """Take in the detections of a frame.

        Args:
            frame: (height, width, 3) uint8 RGB.
            found: Every face in it.
            time_s: The frame's time.
            forget_s: A track that was not found for this long ends.

        Returns:
            The tracks found in this frame.
        """
        self.forget(time_s, forget_s)
        looks = [look_at(frame, detection.bbox) for detection in found]
        places = [detection.bbox for detection in found]
        matches = assign(matching_costs(self.tracks, places, looks, time_s))
        self._note_meetings(time_s)
        for number, detection in matches.items():
            self.tracks[number].find(found[detection], looks[detection], time_s)
        here = [self.tracks[number] for number in matches]
        new = [number for number in range(len(found)) if number not in matches.values()]
        return here + [self._begin(found[number], looks[number], time_s) for number in new]

    def forget(self, time_s: float, forget_s: float) -> None:
        """End what was not found for too long."""
        self.tracks = [track for track in self.tracks if time_s - track.found_s <= forget_s]

    def rescale(self, factor: float) -> None:
        """The frames became larger by a factor."""
        for track in self.tracks:
            track.scale(factor)

    def clear(self) -> None:
        """End every track; numbers go on."""
        self.tracks = []

    def _begin(self, found: Detection, look: Appearance | None, time_s: float) -> Track:
        track = Track(self._next_number, found.bbox, found.landmarks, found.score, time_s, time_s, time_s, look=look)
        self._next_number += 1
        self.tracks.append(track)
        self.tracks = self.tracks[-_MAX_TRACKS:]
        return track

    def _note_meetings(self, time_s: float) -> None:
        """Mark the tracks whose boxes meet another's, hidden ones included."""
        if len(self.tracks) < 2:
            for track in self.tracks:
                track.is_meeting = False
            return
        expected = np.array([boxes.widened(track.expected_box(time_s), _MEETING_MARGIN) for track in self.tracks])
        meets = boxes.overlaps(expected, expected) > 0
        np.fill_diagonal(meets, False)
        for track, num_met in zip(self.tracks, meets.sum(axis=1), strict=True):
            track.is_meeting = bool(num_met)
