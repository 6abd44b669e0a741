"""How good a model is for groups of people, on paper: the share of right answers of each group with its interval.

What `fer_core.evaluation.groups.group_report` returns comes in, one figure goes out. A group too small to be measured
has its row and no point.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from fer_core.charts.static.paper import NORMAL, QUIET_INK, SMALL, new_figure, tidy_axes
from fer_core.charts.style import VALIDATION_COLOR

_MAX_ROWS = 40  # of one page; single columns come first, and the table holds the rest


def group_intervals(report: Mapping[str, Any]) -> Figure:
    """Draw the share of right answers of each group, with 95 % intervals; a line marks all images.

    Args:
        report: Has `accuracy` (0-1) and `groups`, whose `rows` have `column`, `group`, `num_images`, `accuracy` and
            `accuracy_ci` (0-1, None where the group is too small).
    """
    rows = list(report["groups"]["rows"])[:_MAX_ROWS]
    figure = new_figure(16, 2.0 + 0.5 * len(rows))
    axes = figure.subplots()
    for place, row in enumerate(rows):
        if row["accuracy"] is None:
            axes.text(1, place, "too few faces", va="center", fontsize=SMALL, color=QUIET_INK)
            continue
        right, bounds = 100 * float(row["accuracy"]), 100 * np.array(row["accuracy_ci"], np.float64)
        errors = np.abs(bounds - right)[:, np.newaxis]
        axes.errorbar(right, place, xerr=errors, color=VALIDATION_COLOR, marker="o", markersize=4, capsize=2)
    axes.axvline(100 * float(report["accuracy"]), linestyle="--", color=QUIET_INK, linewidth=0.8)
    names = [f"{row['column']}: {row['group']} ({row['num_images']:,})" for row in rows]
    axes.set(xlim=(0, 100), ylim=(len(rows) - 0.5, -0.5))
    tidy_axes(axes, x_title="right (% of faces); dashed: all images")
    axes.set_yticks(range(len(rows)), names, fontsize=NORMAL)
    return figure
