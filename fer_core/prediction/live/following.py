"""Follows faces between two detections: looks for each face's last pixels near where it should be, at 0.1 ms a face.

A small grey frame and the tracks come in; their boxes are moved. Faces whose boxes meet are left to their speed, for
their pixels are partly the other's.
"""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.prediction.cuts import Box
from fer_core.prediction.live import boxes
from fer_core.prediction.live.tracks import Track

_SMALL_SIDE = 160  # long side in pixels of the frame that is searched
_REACH = 0.6  # of the box on each side of where the face should be
_LEAST_LIKENESS = 0.6  # normalized correlation (Lewis, "Fast Normalized Cross-Correlation", 1995)
_LEAST_CONTRAST = 4.0  # standard deviation of the patch in grey values: correlation of flat pixels means nothing
_LEAST_PIXELS = 5  # of the side of a face in the small frame


class SmallFrame:
    """A frame as the follower sees it: grey and small.

    Args:
        frame: (height, width, 3) uint8 RGB.
    """

    def __init__(self, frame: npt.NDArray[np.uint8]) -> None:
        height, width = frame.shape[:2]
        self.factor = min(1.0, _SMALL_SIDE / max(height, width))
        size = (max(1, round(width * self.factor)), max(1, round(height * self.factor)))
        step = max(1, max(height, width) // (2 * _SMALL_SIDE))
        green = np.ascontiguousarray(frame[::step, ::step, 1])  # nearly the lightness, at a tenth of its price
        self.grey = np.asarray(cv2.resize(green, size, interpolation=cv2.INTER_AREA), np.uint8)

    def patch(self, box: Box) -> npt.NDArray[np.uint8] | None:
        """Return the small pixels of a box given in the frame's own; None where they show too little."""
        inside = self._window(box)
        if inside is None:
            return None
        pixels = self.grey[inside]
        is_distinct = min(pixels.shape) >= _LEAST_PIXELS and float(pixels.std()) >= _LEAST_CONTRAST
        return pixels.copy() if is_distinct else None

    def search(self, patch: npt.NDArray[np.uint8], box: Box) -> tuple[npt.NDArray[np.float64], float]:
        """Look for a patch around a box.

        Returns:
            How far (x, y) the patch lies from the box's corner, in pixels of the frame, and its likeness, -1 to 1.
        """
        inside = self._window(boxes.widened(box, _REACH))
        if inside is None:
            return np.zeros(2), 0.0
        ground = self.grey[inside]
        if ground.shape[0] < patch.shape[0] or ground.shape[1] < patch.shape[1]:
            return np.zeros(2), 0.0
        likeness = cv2.matchTemplate(ground, patch, cv2.TM_CCOEFF_NORMED)
        _, best, _, (left, top) = cv2.minMaxLoc(likeness)
        corner = np.array([inside[1].start + left, inside[0].start + top]) / self.factor
        return corner - np.array(box[:2]), float(best) if np.isfinite(best) else 0.0

    def _window(self, box: Box) -> tuple[slice, slice] | None:
        return boxes.window(boxes.scaled(box, self.factor), self.grey.shape[1], self.grey.shape[0])


def remember(frame: SmallFrame, tracks: Iterable[Track]) -> None:
    """Note what each face looks like now; one that reaches over the frame's edge cannot be followed."""
    height, width = (length / frame.factor for length in frame.grey.shape)
    for track in tracks:
        x1, y1, x2, y2 = track.box
        track.patch = frame.patch(track.box) if x1 >= 0 and y1 >= 0 and x2 <= width and y2 <= height else None


def follow(frame: SmallFrame, tracks: Iterable[Track], time_s: float) -> list[Track]:
    """Move each track to where its face is now.

    Returns:
        The tracks whose face was seen.
    """
    seen = []
    for track in tracks:
        if track.patch is None or track.is_meeting:
            continue
        expected = track.expected_box(time_s)
        shift, likeness = frame.search(track.patch, expected)
        if likeness < _LEAST_LIKENESS:
            continue
        # A step of the small frame is several pixels: a shift within one step is no news.
        shift = np.where(np.abs(shift) <= 1.0 / frame.factor, 0.0, shift)
        track.follow(boxes.moved(expected, shift), time_s)
        seen.append(track)
    return seen
