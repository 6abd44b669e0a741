"""What a person looks like in 60 numbers: enough to tell two people apart when their boxes meet, at 0.05 ms a face.

A frame and a box come in; coarse colours of head, hair and shoulders go out. This recognises nobody: the numbers are
kept as long as the track, say nothing about identity and are useless a minute later.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.prediction.cuts import Box
from fer_core.prediction.live.boxes import window

Appearance = npt.NDArray[np.float32]  # (60,) CIE L*a*b* of 4 x 5 cells, in steps that are about equally visible

_CELLS = (4, 5)  # columns and rows
_ABOVE, _BELOW, _BESIDE = 0.35, 0.75, 0.2  # of the box's height or width: hair, shoulders and clothes, ears
_LIGHT_WEIGHT = 0.5  # lightness also changes with the lamp; colour mostly does not


def look_at(frame: npt.NDArray[np.uint8], box: Box) -> Appearance | None:
    """Describe what is in and around a box.

    Args:
        frame: (height, width, 3) uint8 RGB.
        box: x1, y1, x2, y2 in pixels.

    Returns:
        The description, or None when too little of the box lies inside the frame.
    """
    x1, y1, x2, y2 = box
    width, height = x2 - x1, y2 - y1
    around = (x1 - _BESIDE * width, y1 - _ABOVE * height, x2 + _BESIDE * width, y2 + _BELOW * height)
    inside = window(around, frame.shape[1], frame.shape[0])
    if inside is None:
        return None
    cells = cv2.resize(frame[inside], _CELLS, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(cells.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 0] *= _LIGHT_WEIGHT
    return np.asarray(lab, np.float32).ravel()


def differences(ours: Sequence[Appearance | None], theirs: Sequence[Appearance | None]) -> npt.NDArray[np.float64]:
    """Return (ours, theirs): how differently each pair looks, the mean distance of their cells' colours.

    Where one is unknown, it is 0.
    """
    (a, knows_a), (b, knows_b) = _stacked(ours), _stacked(theirs)
    apart = (a[:, None] - b[None, :]).reshape(len(a), len(b), -1, 3)
    return np.where(knows_a[:, None] & knows_b[None, :], np.sqrt((apart**2).sum(axis=-1)).mean(axis=-1), 0.0)


def _stacked(looks: Sequence[Appearance | None]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return (n, 60) descriptions, zeros where unknown, and which are known."""
    unknown = np.zeros(3 * _CELLS[0] * _CELLS[1], np.float32)
    stack = np.array([unknown if look is None else look for look in looks], np.float64)
    return stack.reshape(-1, len(unknown)), np.array([look is not None for look in looks], bool)


def blended(old: Appearance | None, new: Appearance | None, share: float) -> Appearance | None:
    """Return a description that moved towards the newest one by a share, 0-1."""
    if old is None or new is None:
        return new if old is None else old
    return np.asarray(old + share * (new - old), np.float32)
