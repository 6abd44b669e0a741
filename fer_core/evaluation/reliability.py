"""Whether confidence can be taken at its word: a reliability table, and the one number that sums it up.

True classes and calibrated probabilities come in, plain rows and numbers go out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.validators import validate_predictions

NUM_BINS = 15  # of equal width, as in Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017)


def reliability_table(y_true: npt.ArrayLike, y_prob: npt.ArrayLike, num_bins: int = NUM_BINS) -> list[dict[str, Any]]:
    """Sort pictures into bins of confidence and say how often those of each bin are right.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) calibrated probabilities.
        num_bins: Bins of equal width over 0-1; a confidence on a border belongs to the lower one.

    Returns:
        One row a bin: `low`, `high`, `num_images`, and the mean `confidence` and `accuracy`, None without a picture.
    """
    true, prob = validate_predictions(y_true, y_prob)
    confidence, right = np.minimum(prob.max(axis=1), 1.0), prob.argmax(axis=1) == true
    bins = np.clip(np.ceil(confidence * num_bins).astype(np.intp) - 1, 0, num_bins - 1)
    rows = []
    for number in range(num_bins):
        inside = bins == number
        rows.append(
            {
                "low": number / num_bins,
                "high": (number + 1) / num_bins,
                "num_images": int(inside.sum()),
                "confidence": float(confidence[inside].mean()) if inside.any() else None,
                "accuracy": float(right[inside].mean()) if inside.any() else None,
            }
        )
    return rows


def expected_calibration_error(table: Sequence[Mapping[str, Any]]) -> float:
    """Return by how much confidence and accuracy differ in the mean picture's bin (Naeini et al., AAAI 2015), 0-1.

    Args:
        table: What `reliability_table` returns.
    """
    filled = [row for row in table if row["num_images"]]
    total = sum(row["num_images"] for row in filled)
    return float(sum(row["num_images"] * abs(row["accuracy"] - row["confidence"]) for row in filled) / total)
