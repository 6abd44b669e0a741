"""The same faces with one thing changed that says nothing about the expression: mirrored, lit, with glasses, a mask.

Face crops and where their eyes and mouth are come in, changed ones of the same shape go out. A model that reads the
expression gives the same answer; how often it does not is its flip rate. Glasses and mask are drawn, the same for all.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Face = npt.NDArray[np.uint8]  # (size, size, channels) uint8, 0-255
Landmarks = npt.NDArray[np.float32]  # (5, 2) x and y in pixels: right eye, left eye, nose, right and left mouth corner
Change = Callable[[Face, Landmarks], npt.NDArray[np.generic]]
Points = npt.NDArray[np.float64]

# Shares of the side: medians of what the detector finds in 60 faces of FER2013, where it found every one.
USUAL_LANDMARKS = ((0.31, 0.39), (0.67, 0.38), (0.50, 0.60), (0.36, 0.77), (0.65, 0.76))

_DRAWN_SIDE = 384  # pixels at which outlines are drawn, so that they are smooth on a face of 48
_EYES_TO_MOUTH = 1.03  # of the distance between the eyes, in the usual landmarks
_FRAME_COLOR = (28, 26, 24)
_MASK_COLOR, _PLEAT_COLOR = (178, 205, 222), (150, 180, 200)
_USUAL_LIGHT = 128.0  # mean of a face in which the colours above are as they stand

# In a face's own measure: x along the eyes, y from the eyes to the mouth, both in distances between the eyes.
_LENS = (0.40, 0.30)  # half axes
_MASK = ((0, 0.32), (0.32, 0.42), (0.82, 0.52), (0.8, 1.1), (0.58, 1.48), (0.28, 1.72), (0, 1.78))
_STRAPS = (((0.82, 0.55), (1.3, 0.25)), ((0.78, 1.1), (1.3, 0.8)))
_PLEATS = (0.75, 1.0, 1.25)


@dataclass(frozen=True)
class Counterfactual:
    """One thing that is changed.

    Args:
        title: For people.
        change: Changes one face.
    """

    title: str
    change: Change


def change_faces(faces: npt.NDArray[np.uint8], name: str, landmarks: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Change one thing about faces.

    Args:
        faces: (n, size, size, channels) uint8, 0-255, channels 1 or 3 (RGB); left as they are.
        name: A key of `COUNTERFACTUALS`.
        landmarks: (n, 5, 2) x and y in pixels of each face: the person's right eye, left eye, nose, right and left
            corner of the mouth; see `usual_landmarks`.
    """
    if name not in COUNTERFACTUALS:
        raise ValueError(f"name is {name!r}; known: {', '.join(COUNTERFACTUALS)}")
    if landmarks.shape != (len(faces), 5, 2):
        raise ValueError(f"expected landmarks of shape ({len(faces)}, 5, 2), got {landmarks.shape}")
    changed = np.empty_like(faces)
    for number, face in enumerate(faces):
        seen = COUNTERFACTUALS[name].change(np.ascontiguousarray(face), landmarks[number])
        changed[number] = np.clip(np.rint(seen), 0, 255)
    return changed


def usual_landmarks(size: int) -> Landmarks:
    """Return (5, 2) where eyes, nose and mouth are in most face crops of a size: what to take where none are found."""
    return np.array(USUAL_LANDMARKS, np.float32) * size


def _mirror(face: Face, landmarks: Landmarks) -> npt.NDArray[np.generic]:
    return face[:, ::-1]


def _darker(face: Face, landmarks: Landmarks) -> npt.NDArray[np.generic]:
    return np.asarray(face * (2 / 3))


def _brighter(face: Face, landmarks: Landmarks) -> npt.NDArray[np.generic]:
    return np.asarray(face * (4 / 3))


def _glasses(face: Face, landmarks: Landmarks) -> npt.NDArray[np.generic]:
    turn = np.linspace(0, 2 * np.pi, 40)
    lens = np.stack([np.cos(turn) * _LENS[0], np.sin(turn) * _LENS[1]], axis=1)
    bridge = np.array([(-0.12, -0.03), (0, -0.08), (0.12, -0.03)])
    temple = np.array([(0.88, -0.06), (1.35, -0.12)])
    left = np.array((0.5, 0.0))
    lines = [lens - left, lens + left, bridge, temple, temple * (-1, 1)]
    drawn = _blank()
    for line in lines:
        _draw_line(drawn, _on_face(line, landmarks, len(face)), _width(0.075, landmarks, len(face)))
    return _painted(face, drawn, _FRAME_COLOR)


def _mask(face: Face, landmarks: Landmarks) -> npt.NDArray[np.generic]:
    half = np.array(_MASK, np.float64)
    outline = np.concatenate([half, half[::-1] * (-1, 1)])
    straps, cloth, pleats = _blank(), _blank(), _blank()
    for strap in _STRAPS:
        for side in (1, -1):
            line = _on_face(np.array(strap) * (side, 1), landmarks, len(face))
            _draw_line(straps, line, _width(0.05, landmarks, len(face)))
    cv2.fillPoly(cloth, [_rounded(_on_face(outline, landmarks, len(face)))], 255, cv2.LINE_AA)
    for height in _PLEATS:
        line = _on_face(np.array([(-0.7, height), (0, height + 0.05), (0.7, height)]), landmarks, len(face))
        _draw_line(pleats, line, _width(0.03, landmarks, len(face)))
    lit = np.clip(face.mean() / _USUAL_LIGHT, 0.3, 1.15)
    painted = face.astype(np.float64)
    for drawn, color in ((straps, _MASK_COLOR), (cloth, _MASK_COLOR), (pleats, _PLEAT_COLOR)):
        painted = _painted(painted, drawn, tuple(lit * value for value in color))
    return painted


def _on_face(points: Points, landmarks: Landmarks, size: int) -> Points:
    """Bring points from a face's own measure to pixels of the drawing."""
    right_eye, left_eye, _, right_corner, left_corner = landmarks.astype(np.float64)
    middle = (right_eye + left_eye) / 2
    across, down = left_eye - right_eye, ((right_corner + left_corner) / 2 - middle) / _EYES_TO_MOUTH
    return np.asarray((middle + points @ np.stack([across, down]) + 0.5) * _DRAWN_SIDE / size, np.float64)


def _width(share: float, landmarks: Landmarks, size: int) -> int:
    """Return a line's width in pixels of the drawing, given as a share of the distance between the eyes."""
    eyes = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    return max(1, round(share * eyes * _DRAWN_SIDE / size))


def _blank() -> npt.NDArray[np.uint8]:
    return np.zeros((_DRAWN_SIDE, _DRAWN_SIDE), np.uint8)


def _rounded(points: Points) -> npt.NDArray[np.int32]:
    return np.rint(points).astype(np.int32)


def _draw_line(drawn: npt.NDArray[np.uint8], points: Points, width: int) -> None:
    cv2.polylines(drawn, [_rounded(points)], isClosed=False, color=255, thickness=width, lineType=cv2.LINE_AA)


def _painted(
    face: npt.NDArray[np.generic], drawn: npt.NDArray[np.uint8], color: tuple[float, ...]
) -> npt.NDArray[np.float64]:
    """Lay a colour over a face where something is drawn; grey faces get the colour's light (ITU-R BT.601)."""
    size, channels = face.shape[0], face.shape[2]
    method = cv2.INTER_AREA if size <= _DRAWN_SIDE else cv2.INTER_LINEAR
    share = cv2.resize(drawn, (size, size), interpolation=method).astype(np.float64)[..., np.newaxis] / 255
    shade = np.array(color) if channels == 3 else np.array([np.dot(color, (0.299, 0.587, 0.114))])
    return np.asarray(face * (1 - share) + shade * share)


COUNTERFACTUALS: dict[str, Counterfactual] = {
    "mirror": Counterfactual("Mirrored", _mirror),
    "darker": Counterfactual("A third darker", _darker),
    "brighter": Counterfactual("A third brighter", _brighter),
    "glasses": Counterfactual("Drawn glasses", _glasses),
    "mask": Counterfactual("Drawn mask", _mask),
}
