"""Says which detection is which track: how badly each pair fits, and the matching that fits best.

Tracks, detections and what each looks like come in; pairs go out. The costs are computed for all pairs together, for a
crowd of twenty makes four hundred of them.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fer_core.prediction.cuts import Box
from fer_core.prediction.live import boxes
from fer_core.prediction.live.appearance import Appearance, differences
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
_NEVER = 1e6  # cost of a pair that cannot be


def matching_costs(
    tracks: Sequence[Track], found: Sequence[Box], looks: Sequence[Appearance | None], time_s: float
) -> npt.NDArray[np.float64]:
    """Return (tracks, detections): how badly each pair fits; infinite where it cannot be.

    Args:
        tracks: What is followed.
        found: The boxes of the detections.
        looks: What each looks like.
        time_s: The frame's time.
    """
    if not tracks or not found:
        return np.empty((len(tracks), len(found)))
    expected, here = np.array([track.expected_box(time_s) for track in tracks]), np.array(found)
    gaps = np.array([[max(0.0, time_s - track.seen_s)] for track in tracks])
    sides, new_sides = boxes.sides(expected)[:, None], boxes.sides(here)[None, :]
    ratios = np.log(new_sides / sides)
    apart = boxes.centres(expected)[:, None] - boxes.centres(here)[None, :]
    distances = np.hypot(apart[..., 0], apart[..., 1]) / ((sides + new_sides) / 2)
    unlike = differences([track.look for track in tracks], looks)
    spread = _PLACE_SPREAD + _PLACE_GROWTH * gaps
    costs = (distances / spread) ** 2 + 4 * np.log(spread / _PLACE_SPREAD)  # in two dimensions
    costs = costs + (ratios / _SIZE_SPREAD) ** 2 + (unlike / _LOOK_SPREAD) ** 2
    is_far = (distances > _FARTHEST + _FARTHEST_GROWTH * gaps) | (np.abs(ratios) > math.log(_LARGEST_RATIO))
    # Where a face that looks different stays in place, somebody switched on the light.
    is_other = (unlike > _DIFFERENT_LOOK) & (boxes.overlaps(expected, here) < _SAME_PLACE)
    return np.where(is_far | is_other, math.inf, costs)


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
