"""How far each label of a model can be trusted: of the faces that it calls a class, the share that are of it.

A classification report comes in when a package is made, and its figures are stored with the package's metrics; a
package's description comes in later, and what is known of each class goes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fer_core.models.info import ModelInfo

_SHARE, _COUNT = "precision of ", "called "  # names of the figures, followed by the class


@dataclass(frozen=True)
class ClassPrecision:
    """How often a model is right when it says one class.

    Args:
        share: Of the faces that it calls so, those that are, 0-1.
        num_called: How many it called so.
        measured_on: Which faces they were, such as "FER2013 test".
    """

    share: float
    num_called: int
    measured_on: str


def precision_figures(report: Mapping[str, Any]) -> dict[str, float]:
    """Return what a package's metrics say of each class that was called at least once.

    Args:
        report: What `classification_report` returns.
    """
    return {
        name: figure
        for class_name, found in precision_in(report, "").items()
        for name, figure in ((_SHARE + class_name, found.share), (_COUNT + class_name, found.num_called))
    }


def precision_in(report: Mapping[str, Any], measured_on: str) -> dict[str, ClassPrecision]:
    """Return what a classification report says of each class that was called at least once."""
    called = [sum(row[number] for row in report["confusion"]) for number in range(len(report["class_names"]))]
    return {
        row["class_name"]: ClassPrecision(row["precision"], count, measured_on)
        for row, count in zip(report["per_class"], called, strict=True)
        if count
    }


def class_precision(info: ModelInfo, views: str) -> dict[str, ClassPrecision]:
    """Return what a package knows of its classes, measured on the part that its metrics name last: a test, if any.

    Args:
        info: The package's description.
        views: A name of `VIEWS`.
    """
    for split, figures in reversed(list(info.metrics.items())):
        if split.endswith("one view") != (views == "one"):
            continue
        known = {
            name: ClassPrecision(figures[_SHARE + name], int(figures[_COUNT + name]), split.partition(",")[0])
            for name in info.class_names
            if figures.get(_COUNT + name) and _SHARE + name in figures
        }
        if known:
            return known
    return {}
