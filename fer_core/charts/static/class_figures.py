"""How good a model is on each class, on paper: precision and recall side by side, with the number of pictures.

What `fer_core.models.evaluate_model` returns comes in, one figure goes out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from fer_core.charts.static.paper import NORMAL, SMALL, new_figure, tidy_axes
from fer_core.charts.style import TRAIN_COLOR, VALIDATION_COLOR

_BAR = 0.38  # of the room of a class


def class_bars(report: Mapping[str, Any]) -> Figure:
    """Draw precision and recall of each class, the classes from top to bottom in the model's order.

    Args:
        report: Has `per_class`, rows of `class_name`, `precision`, `recall` (0-1) and `support`.
    """
    rows = list(report["per_class"])
    places = np.arange(len(rows))
    figure = new_figure(8.5, 2.2 + 0.75 * len(rows))
    axes = figure.subplots()
    bars = (("recall", -0.5, VALIDATION_COLOR, ""), ("precision", 0.5, TRAIN_COLOR, "//"))
    for name, side, color, hatch in bars:  # the hatching tells them apart in a grey print
        shares = [100 * float(row[name]) for row in rows]
        axes.barh(places + side * _BAR, shares, _BAR, color=color, hatch=hatch, edgecolor="white", label=name)
    axes.set_yticks(places, [f"{row['class_name']} ({row['support']:,})" for row in rows], fontsize=NORMAL)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    tidy_axes(axes, x_title="% (number of images beside the class)")
    axes.tick_params(axis="y", labelsize=NORMAL)
    axes.legend(fontsize=SMALL, frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
    return figure
