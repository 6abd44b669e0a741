"""Lays one picture over another, many pairs at once, and tells where they overlap.

Pairs of grey pictures and a first guess of the crop come in; a box for each pair goes out: the place of the one
picture in the other, with a scale of its own in each direction, as a re-crop has. Gauss-Newton steps as in Lucas and
Kanade (1981), on pictures freed of brightness and contrast; boxes are upright, so sampling goes by rows, then columns.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.dataset.duplicates.crop_features import FloatArray

_MAX_STEP = 0.08  # of the side; a longer step of one iteration leaves the region in which it is right
_SCALES = (0.6, 1.67)
_MAX_SHIFT = 0.35
_RIDGE = 1e-3  # keeps the system solvable where a picture is flat


@dataclass(frozen=True)
class Boxes:
    """Where the points of one picture lie in the other: x' = scale_x * x + shift_x, each (pairs,) float32.

    Coordinates run from -0.5 to 0.5 of the side, from the picture's middle.
    """

    scale_x: FloatArray
    scale_y: FloatArray
    shift_x: FloatArray
    shift_y: FloatArray

    def take(self, chosen: npt.NDArray[np.bool_] | slice) -> "Boxes":
        """Return the boxes of some of the pairs."""
        return Boxes(self.scale_x[chosen], self.scale_y[chosen], self.shift_x[chosen], self.shift_y[chosen])

    def inverse(self) -> "Boxes":
        """Return the boxes of the pairs the other way round."""
        scale_x, scale_y = np.reciprocal(self.scale_x), np.reciprocal(self.scale_y)
        return Boxes(scale_x, scale_y, -self.shift_x * scale_x, -self.shift_y * scale_y)


def laid_over(pictures: FloatArray, boxes: Boxes) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Sample pictures (pairs, side, side) at their boxes.

    Returns:
        The pictures as seen through the boxes, and which of the pixels lie inside both; both (pairs, side, side).
    """
    side = pictures.shape[1]
    rows, row_inside = _lines(pictures, boxes.scale_y, boxes.shift_y)
    columns, column_inside = _lines(rows.transpose(0, 2, 1), boxes.scale_x, boxes.shift_x)
    inside = row_inside[:, :, None] & column_inside[:, None, :]
    return columns.transpose(0, 2, 1).reshape(-1, side, side), inside


def _lines(pictures: FloatArray, scale: FloatArray, shift: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Interpolate along axis 1: (pairs, side, side), and which of the lines exist (pairs, side)."""
    side = pictures.shape[1]
    wanted = (scale[:, None] * _coordinates(side) + shift[:, None] + 0.5) * side - 0.5
    inside = (wanted >= -0.01) & (wanted <= side - 0.99)
    wanted = wanted.clip(0, side - 1.001)
    before = wanted.astype(np.int64)
    share = (wanted - before).astype(np.float32)[:, :, None]
    pairs = np.arange(len(pictures))[:, None]
    low, high = pictures[pairs, before], pictures[pairs, before + 1]
    return low + share * (high - low), inside


def _coordinates(side: int) -> FloatArray:
    return ((np.arange(side) + 0.5) / side - 0.5).astype(np.float32)


def align(fixed: FloatArray, moving: FloatArray, boxes: Boxes, *, num_steps: int) -> Boxes:
    """Improve the boxes so that each moving picture, seen through its box, resembles the fixed one.

    Args:
        fixed: (pairs, side, side) float32, any light.
        moving: The same shape.
        boxes: Where to begin.
        num_steps: Gauss-Newton steps.
    """
    down, across = np.gradient(fixed, axis=1), np.gradient(fixed, axis=2)
    for _ in range(num_steps):
        seen, inside = laid_over(moving, boxes)
        boxes = _moved(boxes, _step(fixed, seen, inside, across, down))
    return boxes


def _step(
    fixed: FloatArray, seen: FloatArray, inside: npt.NDArray[np.bool_], across: FloatArray, down: FloatArray
) -> FloatArray:
    """Solve for the small change of the fixed picture's box, (pairs, 4), that explains the difference best.

    The unknowns are shift and growth in x and y, a gain and a brightness; the last two are not returned.
    """
    num, side, _ = fixed.shape
    place = _coordinates(side)
    weight = inside.astype(np.float32)
    parts = (across, across * place, down, down * place[:, None], fixed, np.ones_like(fixed))
    factors = np.stack([part * weight for part in parts], axis=1).reshape(num, 6, -1)
    normal = factors @ factors.transpose(0, 2, 1)
    target = (factors @ (seen * weight).reshape(num, -1, 1))[..., 0]
    strength = np.trace(normal[:, :4, :4], axis1=1, axis2=2) / 4
    normal[:, np.arange(6), np.arange(6)] += np.maximum(_RIDGE * strength, _RIDGE)[:, None]
    solved = np.linalg.solve(normal, target[..., None])[..., 0]
    # seen = gain * fixed(x + step): the step appears multiplied by the gain, in pixels.
    gain = np.where(np.abs(solved[:, 4]) > 0.2, solved[:, 4], np.inf)
    return np.asarray((solved[:, :4] / gain[:, None] / side).clip(-_MAX_STEP, _MAX_STEP), np.float32)


def _moved(boxes: Boxes, step: FloatArray) -> Boxes:
    """Undo the step: what the fixed picture shows at x, the seen one shows at x - step."""
    scale_x, scale_y = boxes.scale_x / (1 + step[:, 1]), boxes.scale_y / (1 + step[:, 3])
    return Boxes(
        scale_x=scale_x.clip(*_SCALES),
        scale_y=scale_y.clip(*_SCALES),
        shift_x=(boxes.shift_x - scale_x * step[:, 0]).clip(-_MAX_SHIFT, _MAX_SHIFT),
        shift_y=(boxes.shift_y - scale_y * step[:, 2]).clip(-_MAX_SHIFT, _MAX_SHIFT),
    )
