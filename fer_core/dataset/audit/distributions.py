"""Two lists of numbers compared: how far apart they are, whether that may be chance, and their histograms."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.NDArray[np.float64]

NUM_BINS = 30
SHOWN_SHARE = (0.005, 0.995)  # what lies beyond these shares of all values is counted in the outermost bins

# How far two normal distributions must be apart for Cohen's small, medium and large effect (d of 0.2, 0.5, 0.8; Cohen,
# Statistical Power Analysis, 1988), as the distance of Kolmogorov and Smirnov: 2 * Phi(d / 2) - 1.
SMALL_DISTANCE, MEDIUM_DISTANCE, LARGE_DISTANCE = 0.08, 0.20, 0.31


def ks_distance(a: Values, b: Values) -> float:
    """Return the distance of Kolmogorov and Smirnov: the largest gap between the two shares at or below a value.

    Returns:
        0 (alike) to 1 (no overlap). At least this share of either list must change to make the two alike.
    """
    if not len(a) or not len(b):
        return 0.0
    values = np.concatenate([a, b])
    below_a = np.searchsorted(np.sort(a), values, side="right") / len(a)
    below_b = np.searchsorted(np.sort(b), values, side="right") / len(b)
    return float(np.abs(below_a - below_b).max())


def chance_distance(num_a: int, num_b: int) -> float:
    """Return the distance that two samples of one distribution exceed once in a hundred times.

    Source: the asymptotic critical value 1.63 of Smirnov (1948); many ties make it larger than needed.
    """
    return 1.63 * float(np.sqrt((num_a + num_b) / (num_a * num_b))) if num_a and num_b else 1.0


def wasserstein_shift(a: Values, b: Values) -> float:
    """Return the mean distance that values of `a` must move to become `b`, in standard deviations of all values."""
    if not len(a) or not len(b):
        return 0.0
    shares = (np.arange(1000) + 0.5) / 1000
    spread = float(np.std(np.concatenate([a, b])))
    moved = float(np.abs(np.quantile(a, shares) - np.quantile(b, shares)).mean())
    return moved / spread if spread > 0 else 0.0


def severity_of_distance(distance: float, num_a: int, num_b: int) -> str:
    """Return how serious a distance is by its size, unless samples so small may differ that much by chance."""
    if distance < SMALL_DISTANCE or distance < chance_distance(num_a, num_b):
        return "fine"
    if distance < MEDIUM_DISTANCE:
        return "notice"
    return "warning" if distance < LARGE_DISTANCE else "problem"


def histograms(values: pd.Series, splits: pd.Series) -> pd.DataFrame:
    """Count values in bins that all splits share.

    Args:
        values: One number an image.
        splits: The split of each image.

    Returns:
        One row a split and bin: split, left, right (the bin's bounds), share (of the split's images, 0-1).
    """
    if values.empty:
        return pd.DataFrame(columns=["split", "left", "right", "share"])
    low, high = np.quantile(values, SHOWN_SHARE)
    edges = np.linspace(low, high if high > low else low + 1.0, NUM_BINS + 1)
    parts = []
    for split, part in values.groupby(splits, sort=True):
        counts, _ = np.histogram(part.clip(edges[0], edges[-1]), edges)
        parts.append(
            pd.DataFrame({"split": split, "left": edges[:-1], "right": edges[1:], "share": counts / len(part)})
        )
    return pd.concat(parts, ignore_index=True)
