"""Gives each face a number and keeps it: detections of a frame in, tracks out.

Detections and tracks are matched by where a face should be (its last place and speed) and its size; where boxes meet
or a face was out of sight, by what it looks like too, so that two people who cross do not swap their histories.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fer_core.faces import Detection
from fer_core.prediction.cuts import Box
from fer_core.prediction.live import boxes
from fer_core.prediction.live.appearance import Appearance, difference, look_at
from fer_core.prediction.live.tracks import Track

# Costs are -2 log likelihoods of independent errors, as in a Kalman filter's Mahalanobis distance (SORT, Bewley et
# al., 2016; with appearance DeepSORT, Wojke et al., 2017), with plain spreads in place of a filter's.
_PLACE_SPREAD = 0.2  # face sizes, of a face seen just now
_PLACE_GROWTH = 0.9  # face sizes a second that it was out of sight
_SIZE_SPREAD = 0.2  # of the logarithm of the size
_LOOK_SPREAD = 6.0  # colour distance of one person to themselves a little later
_FARTHEST, _FARTHEST_GROWTH = 1.0, 2.5  # face sizes, and more a second: farther away it is another face
_LARGEST_RATIO = 2.2  # of the sizes
_DIFFERENT_LOOK = 18.0  # a face that turns up this different elsewhere is another one
_SAME_PLACE = 0.4  # intersection over union
_MEETING_MARGIN = 0.15  # share of a box by which it is widened before asking whether it meets another
_MAX_TRACKS = 64
_NEVER = 1e6  # cost of a pair that cannot be


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
        costs = self._costs(found, looks, time_s)
        matches = assign(costs)
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
        expected = [boxes.widened(track.expected_box(time_s), _MEETING_MARGIN) for track in self.tracks]
        for number, track in enumerate(self.tracks):
            others = expected[:number] + expected[number + 1 :]
            track.is_meeting = any(boxes.overlap(expected[number], other) > 0 for other in others)

    def _costs(
        self, found: Sequence[Detection], looks: Sequence[Appearance | None], time_s: float
    ) -> npt.NDArray[np.float64]:
        """Return (tracks, detections): how badly each pair fits; infinite where it cannot be."""
        costs = np.full((len(self.tracks), len(found)), math.inf)
        for row, track in enumerate(self.tracks):
            for column, (detection, look) in enumerate(zip(found, looks, strict=True)):
                costs[row, column] = _cost(track, detection.bbox, look, time_s)
        return costs


def _cost(track: Track, box: Box, look: Appearance | None, time_s: float) -> float:
    gap = max(0.0, time_s - track.seen_s)
    size = (boxes.side(track.box) + boxes.side(box)) / 2
    ratio = math.log(boxes.side(box) / boxes.side(track.box))
    distance = float(np.hypot(*(boxes.centre(box) - boxes.centre(track.expected_box(time_s))))) / size
    if distance > _FARTHEST + _FARTHEST_GROWTH * gap or abs(ratio) > math.log(_LARGEST_RATIO):
        return math.inf
    unlike = difference(track.look, look)
    if unlike > _DIFFERENT_LOOK and boxes.overlap(track.expected_box(time_s), box) < _SAME_PLACE:
        return math.inf  # where it stays in place, somebody switched on the light
    spread = _PLACE_SPREAD + _PLACE_GROWTH * gap
    place = (distance / spread) ** 2 + 4 * math.log(spread / _PLACE_SPREAD)  # in two dimensions
    return place + (ratio / _SIZE_SPREAD) ** 2 + (unlike / _LOOK_SPREAD) ** 2


def assign(costs: npt.NDArray[np.float64]) -> dict[int, int]:
    """Match rows to columns one to one: as many pairs as can be, and of those matchings the cheapest.

    Args:
        costs: (rows, columns), infinite where a pair cannot be.

    Returns:
        Row -> column.
    """
    if 0 in costs.shape:
        return {}
    if costs.shape[0] > costs.shape[1]:
        return {row: column for column, row in assign(costs.T).items()}
    finite = np.where(np.isfinite(costs), costs, _NEVER)
    pairs = _cheapest(finite)
    return {row: column for row, column in pairs.items() if math.isfinite(costs[row, column])}


def _cheapest(costs: npt.NDArray[np.float64]) -> dict[int, int]:
    """The Hungarian method with shortest augmenting paths (Kuhn 1955; Jonker & Volgenant 1987); rows <= columns."""
    num_rows, num_columns = costs.shape
    of_row, of_column = np.zeros(num_rows), np.zeros(num_columns + 1)  # potentials; the last column is the start
    partner = np.full(num_columns + 1, -1)  # the row of each column
    for row in range(num_rows):
        at, partner[num_columns] = num_columns, row
        shortest, came_from = np.full(num_columns, math.inf), np.full(num_columns, num_columns)
        done = np.zeros(num_columns + 1, bool)
        while partner[at] >= 0:
            done[at] = True
            current = partner[at]
            length = costs[current] - of_row[current] - of_column[:-1]
            better = ~done[:-1] & (length < shortest)
            shortest[better], came_from[better] = length[better], at
            nearest = int(np.where(done[:-1], math.inf, shortest).argmin())
            step = shortest[nearest]
            of_row[partner[done]] += step
            of_column[done] -= step
            shortest[~done[:-1]] -= step
            at = nearest
        while at != num_columns:  # hand the columns on along the path
            before = int(came_from[at])
            partner[at] = partner[before]
            at = before
    return {int(row): column for column, row in enumerate(partner[:-1]) if row >= 0}
