"""Which labels are probably wrong: confident learning from given labels and predicted probabilities.

The probabilities must be out-of-sample: a network agrees with whatever label it was trained on. Method and words
follow Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (JAIR 2021).
"""

import importlib.util
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.validators import validate_predictions

CLEANLAB = "cleanlab"
BUILT_IN = "built-in"


@dataclass(frozen=True)
class LabelQuality:
    """What confident learning says about n labels.

    Args:
        is_suspicious: (n,) whether the label is probably wrong.
        suggested: (n,) class index that the label should probably be; the given one where nothing speaks against it.
        score: (n,) 0-1, how much the probabilities speak against the given label: 0.5 is a tie between it and the
            most probable other class.
        joint: (classes, classes) estimated shares of all images by given label (row) and true label (column), sum 1.
    """

    is_suspicious: npt.NDArray[np.bool_]
    suggested: npt.NDArray[np.intp]
    score: npt.NDArray[np.float64]
    joint: npt.NDArray[np.float64]

    @property
    def noise_share(self) -> float:
        """Estimated share of wrong labels, 0-1."""
        return float(1 - self.joint.trace())


def judge_labels(given: npt.ArrayLike, y_prob: npt.ArrayLike, method: str = BUILT_IN) -> LabelQuality:
    """Judge every label by what a network that never saw it says about the image.

    An image counts as confidently of a class if that class is at least as probable as it is on average among the
    images labelled with it, so that a class on which the network is timid is not measured by another's yardstick.
    From these counts follows how many labels of each class should be another one; that many images, those with the
    largest margin, are suspicious ("prune by noise rate", section 3.2), unless the network agrees with the label.

    Args:
        given: (n,) class indices of the given labels, n at least 1.
        y_prob: (n, classes) out-of-sample probabilities.
        method: One of `available_methods()`; cleanlab only decides which labels are suspicious.

    Raises:
        ValueError: If the arrays do not fit each other, or the method is unknown or not installed.
    """
    if method not in available_methods():
        raise ValueError(f"method is {method!r}; available: {', '.join(available_methods())}")
    labels, prob = validate_predictions(given, y_prob)
    confident = _confident_classes(labels, prob)
    joint = _joint(labels, confident, prob.shape[1])
    is_suspicious = _cleanlab_issues(labels, prob) if method == CLEANLAB else _pruned(labels, prob, joint)
    suggested = np.where(is_suspicious, prob.argmax(axis=1), labels)
    return LabelQuality(is_suspicious, suggested, _scores(labels, prob), joint)


def available_methods() -> tuple[str, ...]:
    """Return the methods of `judge_labels` that are installed, the built-in one first."""
    return (BUILT_IN, CLEANLAB) if importlib.util.find_spec(CLEANLAB) else (BUILT_IN,)


def class_thresholds(given: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return (classes,) the mean probability of each class among the images labelled with it; infinite for no image."""
    counts = np.bincount(given, minlength=y_prob.shape[1])
    sums = np.bincount(given, weights=y_prob[np.arange(len(given)), given], minlength=y_prob.shape[1])
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)


def _confident_classes(given: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return (n,) the most probable of the classes that reach their threshold, -1 where none does."""
    reaches = y_prob >= class_thresholds(given, y_prob)
    return np.where(reaches.any(axis=1), np.where(reaches, y_prob, -1.0).argmax(axis=1), -1)


def _joint(given: npt.NDArray[np.intp], confident: npt.NDArray[np.intp], num_classes: int) -> npt.NDArray[np.float64]:
    """Estimate the joint distribution: confident counts, each row scaled to the number of its labels (section 3.1)."""
    counted = confident >= 0
    pairs = np.bincount(given[counted] * num_classes + confident[counted], minlength=num_classes**2)
    counts = pairs.reshape(num_classes, num_classes).astype(np.float64)
    empty = counts.sum(axis=1) == 0  # without a confident image a class is taken at its word
    counts[empty, empty] = 1
    num_given = np.bincount(given, minlength=num_classes)
    joint: npt.NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True) * (num_given / len(given))[:, None]
    return joint


def _pruned(
    given: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64], joint: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Mark, for each pair of classes, the estimated number of images with the largest margin between the two."""
    is_suspicious = np.zeros(len(given), np.bool_)
    for label, other in np.argwhere(joint * ~np.eye(len(joint), dtype=np.bool_) > 0):
        rows = np.flatnonzero(given == label)
        margin = y_prob[rows, other] - y_prob[rows, label]
        most = np.argsort(-margin, kind="stable")[: round(len(given) * joint[label, other])]
        is_suspicious[rows[most]] = True
    return np.asarray(is_suspicious & (y_prob.argmax(axis=1) != given), np.bool_)


def _scores(given: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return (n,) the normalised margin: how far the best other class lies above the given one, brought to 0-1."""
    rows = np.arange(len(given))
    others = y_prob.copy()
    others[rows, given] = -1.0
    score: npt.NDArray[np.float64] = (others.max(axis=1) - y_prob[rows, given] + 1) / 2
    return score


def _cleanlab_issues(given: npt.NDArray[np.intp], y_prob: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    from cleanlab.filter import find_label_issues

    return np.asarray(find_label_issues(given, y_prob / y_prob.sum(axis=1, keepdims=True), n_jobs=1), np.bool_)
