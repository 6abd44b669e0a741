"""Whether two forms of one network say the same: LiteRT against Keras, int8 against float32, before against after.

Probabilities for the same faces come in, the differences that matter go out; `check_agreement` holds them to what is
promised of the file that ships.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError

MIN_SAME_LABELS = 0.99
MAX_ACCURACY_CHANGE = 0.003  # 0.3 points
MAX_FLOAT32_DIFFERENCE = 1e-3  # in probability


@dataclass(frozen=True)
class Agreement:
    """How two forms of a network agree on n faces.

    Args:
        num_images: Number of faces.
        same_labels: Share of the faces with the same most probable class, 0-1.
        max_difference: Largest difference of a probability.
        mean_difference: Mean absolute difference of a probability.
        accuracy_change: Accuracy of the second minus that of the first; None where no labels are known.
    """

    num_images: int
    same_labels: float
    max_difference: float
    mean_difference: float
    accuracy_change: float | None = None


def compare_probabilities(
    first: npt.ArrayLike, second: npt.ArrayLike, y_true: npt.ArrayLike | None = None
) -> Agreement:
    """Compare what two forms of a network say about the same faces.

    Args:
        first: (n, classes) probabilities, n at least 1.
        second: (n, classes) probabilities, in the same order of faces and classes.
        y_true: (n,) true class indices where they are known.
    """
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.shape != other.shape or one.ndim != 2 or not len(one):
        raise ValueError(f"expected two arrays of one shape (n, classes), got {one.shape} and {other.shape}")
    difference = np.abs(one - other)
    change = None
    if y_true is not None:
        true = np.asarray(y_true)
        change = float((other.argmax(axis=1) == true).mean() - (one.argmax(axis=1) == true).mean())
    return Agreement(
        num_images=len(one),
        same_labels=float((one.argmax(axis=1) == other.argmax(axis=1)).mean()),
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        accuracy_change=change,
    )


def check_agreement(agreement: Agreement) -> None:
    """Hold a converted network to the promise.

    Raises:
        ModelError: If fewer than 99 % of the labels are the same, or accuracy changes by more than 0.3 points.
    """
    change = agreement.accuracy_change or 0.0
    # NaN fails every comparison, and so fails here.
    if agreement.same_labels >= MIN_SAME_LABELS and abs(change) <= MAX_ACCURACY_CHANGE:
        return
    raise ModelError(
        f"The converted network agrees with the original on {100 * agreement.same_labels:.1f} % of "
        f"{agreement.num_images:,} faces, and its accuracy changes by {100 * change:+.2f} points; expected at least "
        f"{100 * MIN_SAME_LABELS:.0f} % and at most {100 * MAX_ACCURACY_CHANGE:.1f} points. Export it with float16 "
        "weights, or train longer."
    )
