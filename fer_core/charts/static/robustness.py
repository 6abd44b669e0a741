"""How a model bears damaged faces, on paper: one small curve for each kind of damage, all on one scale.

What `fer_core.models.robustness.measure_robustness` returns comes in, one figure goes out.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fer_core.charts.static.paper import INK, NORMAL, QUIET_INK, SMALL, new_figure, tidy_axes
from fer_core.charts.style import VALIDATION_COLOR

_COLUMNS = 4
_UNIT_WIDTH = 24  # letters in a line below a curve
_WIDTH, _HEIGHT = 16.0, 4.2  # centimetres: of the page, and of a row of curves


def robustness_curves(report: Mapping[str, Any]) -> Figure:
    """Draw the share of right answers by the strength of each damage, with 95 % intervals and a line for no damage.

    Args:
        report: Has `accuracy`, `num_images` and `rows` with `kind`, `title`, `unit`, `strength`, `accuracy` and
            `accuracy_ci` (0-1).
    """
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for row in report["rows"]:
        kinds.setdefault(str(row.get("kind", row["title"])), []).append(row)
    num_rows = max(1, -(-len(kinds) // _COLUMNS))
    figure = new_figure(_WIDTH, 0.8 + _HEIGHT * num_rows)
    panels = figure.subplots(num_rows, _COLUMNS, sharey=True, squeeze=False).flat
    for axes, rows in zip(panels, kinds.values(), strict=False):
        _draw_kind(axes, rows, 100 * float(report["accuracy"]))
    for axes in list(figure.axes)[len(kinds) :]:
        axes.set_axis_off()
    words = f"undamaged {100 * report['accuracy']:.1f} % of {report['num_images']:,} faces right (dashed)"
    figure.suptitle(words, fontsize=NORMAL, color=INK, x=0.01, ha="left")
    figure.supylabel("right (% of faces)", fontsize=NORMAL, color=INK)
    return figure


def _draw_kind(axes: Axes, rows: Sequence[Mapping[str, Any]], undamaged: float) -> None:
    right = np.array([100 * float(row["accuracy"]) for row in rows])
    bounds = np.array([[100 * float(end) for end in row["accuracy_ci"]] for row in rows])
    errors = np.abs(bounds.T - right)
    places = np.arange(len(rows))
    axes.axhline(undamaged, linestyle="--", color=QUIET_INK, linewidth=0.8)
    axes.errorbar(places, right, errors, color=VALIDATION_COLOR, marker="o", markersize=3, linewidth=1.2, capsize=2)
    tidy_axes(axes, x_title=textwrap.fill(str(rows[0]["unit"]), _UNIT_WIDTH))
    axes.xaxis.label.set_fontsize(SMALL)
    axes.set_title(str(rows[0]["title"]), fontsize=NORMAL, color=INK, loc="left")
    axes.set_xticks(places, [f"{row['strength']:g}" for row in rows])
    axes.set(ylim=(0, 100), xlim=(-0.4, len(rows) - 0.6))
