"""How sure a figure is: 95 % intervals of shares and of what is computed from a confusion matrix.

Counts or predictions come in, (low, high) goes out. Pictures of one group, duplicates of each other say, are drawn
together: they are one piece of evidence, however many there are.
"""

import math

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.95
NUM_RESAMPLES = 1000
_STANDARD_NORMAL_975 = 1.959963984540054  # quantile at 97.5 %

# Confusion matrices that are made at once; more are no faster and take memory.
_RESAMPLES_AT_ONCE = 50

Interval = tuple[float, float]


def wilson_interval(num_right: int, num_images: int) -> Interval:
    """Return the 95 % score interval of a share (Wilson, JASA 1927); it stays within 0-1 however few there are.

    Args:
        num_right: How many of the pictures.
        num_images: Of how many, at least 1.
    """
    if not 0 <= num_right <= num_images or num_images < 1:
        raise ValueError(f"expected a count from 0 to a total of at least 1, got {num_right} of {num_images}")
    z, share = _STANDARD_NORMAL_975, num_right / num_images
    scale = 1 / (1 + z**2 / num_images)
    centre = scale * (share + z**2 / (2 * num_images))
    reach = scale * z * math.sqrt(share * (1 - share) / num_images + z**2 / (4 * num_images**2))
    low = centre - reach if num_right else 0.0  # exactly, whatever is rounded above
    return low, centre + reach if num_right < num_images else 1.0


def bootstrap_intervals(
    y_true: npt.NDArray[np.intp],
    y_pred: npt.NDArray[np.intp],
    num_classes: int,
    *,
    groups: npt.ArrayLike | None = None,
    seed: int = 0,
) -> dict[str, Interval]:
    """Return 95 % percentile intervals (Efron & Tibshirani 1993, chapter 13) of macro F1 and balanced accuracy.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_pred: (n,) predicted class indices.
        num_classes: Number of classes.
        groups: (n,) pictures with the same value are drawn together (cluster bootstrap); by default each for itself.
        seed: Decides the draws.

    Returns:
        `macro_f1` and `balanced_accuracy`, each (low, high).
    """
    members = np.arange(len(y_true)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    num_groups = int(members.max()) + 1
    counts = np.zeros((num_groups, num_classes**2), np.float32)
    np.add.at(counts, (members, y_true * num_classes + y_pred), 1)
    generator = np.random.default_rng(seed)
    scores = []
    for _ in range(0, NUM_RESAMPLES, _RESAMPLES_AT_ONCE):
        drawn = generator.integers(0, num_groups, (_RESAMPLES_AT_ONCE, num_groups))
        times = np.stack([np.bincount(row, minlength=num_groups) for row in drawn]).astype(np.float32)
        scores.append(_scores((times @ counts).reshape(-1, num_classes, num_classes)))
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(np.concatenate(scores), [tail, 100 - tail], axis=0)
    return {
        "macro_f1": (float(low[0]), float(high[0])),
        "balanced_accuracy": (float(low[1]), float(high[1])),
    }


def _scores(confusion: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return (r, 2) macro F1 and balanced accuracy of (r, classes, classes) confusion matrices, rows = true class."""
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    support, predicted = confusion.sum(axis=2), confusion.sum(axis=1)
    occurs, is_true = support + predicted > 0, support > 0
    f1 = 2 * hits / np.maximum(support + predicted, 1)
    recall = hits / np.maximum(support, 1)
    return np.stack([f1.sum(axis=1) / occurs.sum(axis=1), (recall * is_true).sum(axis=1) / is_true.sum(axis=1)], axis=1)
