"""How well a classifier does: one report from true classes and predicted probabilities.

The report is a plain dictionary of Python numbers, ready for JSON, a table or a figure; every class bears its
name. The formulas and conventions are those of scikit-learn, so that figures compare with published ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.validators import validate_predictions


def classification_report(y_true: npt.ArrayLike, y_prob: npt.ArrayLike, class_names: Sequence[str]) -> dict[str, Any]:
    """Compare the most probable class of each picture with the true one.

    A ratio without a denominator (the precision of a class never predicted, the recall of one without support)
    is 0, and macro F1 is the mean over the classes that occur in `y_true` or in the predictions: what
    scikit-learn reports with `zero_division=0`.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) probabilities; of equal ones the first class counts as predicted.
        class_names: One name for each column of `y_prob`.

    Returns:
        `num_images`, `accuracy`, `macro_f1`, `per_class` (a list of `class_name`, `precision`, `recall`, `f1`,
        `support`), `confusion` (counts, rows = true class, columns = predicted class) and `class_names`.

    Raises:
        ValueError: If the arrays do not fit each other or the class names.
    """
    true, prob = validate_predictions(y_true, y_prob)
    if len(class_names) != prob.shape[1]:
        raise ValueError(f"expected {prob.shape[1]} class names, one for each column of y_prob, got {len(class_names)}")
    confusion = _confusion(true, prob.argmax(axis=1), len(class_names))
    per_class = [_class_row(str(name), index, confusion) for index, name in enumerate(class_names)]
    occurs = confusion.sum(axis=0) + confusion.sum(axis=1) > 0
    return {
        "num_images": int(confusion.sum()),
        "accuracy": float(confusion.trace() / confusion.sum()),
        "macro_f1": float(np.mean([row["f1"] for row, there in zip(per_class, occurs, strict=True) if there])),
        "per_class": per_class,
        "confusion": confusion.tolist(),
        "class_names": [str(name) for name in class_names],
    }


def _confusion(y_true: npt.NDArray[np.intp], y_pred: npt.NDArray[np.intp], num_classes: int) -> npt.NDArray[np.intp]:
    """Count the pairs: (classes, classes), rows = true class."""
    pairs = np.bincount(y_true * num_classes + y_pred, minlength=num_classes**2)
    return pairs.reshape(num_classes, num_classes)


def _class_row(class_name: str, index: int, confusion: npt.NDArray[np.intp]) -> dict[str, Any]:
    hits, predicted, support = confusion[index, index], confusion[:, index].sum(), confusion[index].sum()
    return {
        "class_name": class_name,
        "precision": _ratio(hits, predicted),
        "recall": _ratio(hits, support),
        "f1": _ratio(2 * hits, predicted + support),
        "support": int(support),
    }


def _ratio(numerator: np.intp, denominator: np.intp) -> float:
    return float(numerator / denominator) if denominator else 0.0
