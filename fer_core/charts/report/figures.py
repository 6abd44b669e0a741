"""Which figures belong beside a measurement, and what they are called.

A report as it lies in a file comes in, figures with a sentence each go out; one that lacks what a figure needs goes
without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from fer_core.charts.static.class_figures import class_bars
from fer_core.charts.static.evaluation import confusion_matrix, reliability_diagram, risk_coverage_curve
from fer_core.charts.static.group_figures import group_intervals
from fer_core.charts.static.robustness import robustness_curves


@dataclass(frozen=True)
class FigureKind:
    """A figure that a measurement may have.

    Args:
        name: Part of its file's name.
        sentence: What it shows, for those who see it and those who do not.
        needs: Keys of the report without which it is not drawn.
        draw: Draws it from the report.
        is_wide: Whether it takes the whole width of the page.
    """

    name: str
    sentence: str
    needs: tuple[str, ...]
    draw: Callable[[Mapping[str, Any]], Figure]
    is_wide: bool = False


_OF_EVALUATION = (
    FigureKind("confusion", "Confusion: share of each true class, with the number of images.",
               ("class_names", "confusion"), confusion_matrix),
    FigureKind("classes", "Precision and recall of each class.", ("per_class",), class_bars),
    FigureKind("reliability", "Calibration: how often images of each confidence are right.",
               ("reliability",), reliability_diagram),
    FigureKind("risk-coverage", "Errors among the answers, if only the surest are given.",
               ("risk_coverage",), risk_coverage_curve),
    FigureKind("groups", "Right answers for each group of people that the user's metadata tells of.",
               ("groups", "accuracy"), group_intervals, is_wide=True),
)  # fmt: skip
_OF_ROBUSTNESS = (
    FigureKind("robustness", "Right answers on damaged faces, by the strength of the damage.",
               ("rows", "accuracy"), robustness_curves, is_wide=True),
)  # fmt: skip
FIGURES: dict[str, tuple[FigureKind, ...]] = {"evaluation": _OF_EVALUATION, "robustness": _OF_ROBUSTNESS}


def figures_of(report: Mapping[str, Any] | None) -> list[FigureKind]:
    """Return the figures that can be drawn of a report, in the order in which they are shown."""
    if report is None:
        return []
    kinds = FIGURES.get(str(report.get("kind", "evaluation")), ())
    return [kind for kind in kinds if all(report.get(key) for key in kind.needs)]
