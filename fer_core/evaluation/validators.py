"""What the figures ask of their input, checked in one place.

True classes and probabilities come in as any array-like; they go out as arrays of one known type, or a
`ValueError` shows what was expected and what came.
"""

import numpy as np
import numpy.typing as npt

# float16 and dynamic int8 outputs sum to one within about this much.
SUM_TOLERANCE = 0.01


def validate_probabilities(y_prob: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return `y_prob` as (n, classes) float64, once every row is a probability distribution."""
    prob = np.asarray(y_prob, dtype=np.float64)
    if prob.ndim != 2 or prob.shape[1] < 2:
        raise ValueError(f"y_prob must have shape (n, classes) with at least 2 classes, got {prob.shape}")
    if not np.isfinite(prob).all():
        raise ValueError(f"y_prob must be finite, got {int((~np.isfinite(prob)).sum())} values that are not")
    if prob.size and prob.min() < 0:
        raise ValueError(f"y_prob must not be negative, got {prob.min():.4g}")
    worst = np.abs(prob.sum(axis=1) - 1).max(initial=0.0)
    if worst > SUM_TOLERANCE:
        raise ValueError(
            f"every row of y_prob must sum to 1 within {SUM_TOLERANCE}, got one that is off by {worst:.4g}"
        )
    return prob


def validate_predictions(
    y_true: npt.ArrayLike, y_prob: npt.ArrayLike
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Return `y_true` as (n,) class indices and `y_prob` as (n, classes) float64, once they fit each other."""
    prob = validate_probabilities(y_prob)
    true = np.asarray(y_true)
    if true.shape != prob.shape[:1]:
        raise ValueError(f"y_true must have shape ({prob.shape[0]},) like the rows of y_prob, got {true.shape}")
    if not true.size:
        raise ValueError("expected at least one prediction, got none")
    if not np.issubdtype(true.dtype, np.integer):
        raise ValueError(f"y_true must hold class indices (integers), got {true.dtype}")
    if true.min() < 0 or true.max() >= prob.shape[1]:
        raise ValueError(f"y_true must lie between 0 and {prob.shape[1] - 1}, got {true.min()} to {true.max()}")
    return true.astype(np.intp), prob
