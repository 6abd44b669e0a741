"""How right a model is on each group of people: figures by group come in, points with their intervals go out."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from fer_core.charts.style import BEST_COLOR, TRAIN_COLOR, VALIDATION_COLOR, plain


def groups_figure(rows: Sequence[Mapping[str, Any]], accuracy: float) -> go.Figure:
    """Show the accuracy of each group with its 95 % interval, against that of all faces.

    Args:
        rows: Rows of `group_table` of one column; those without figures are left out.
        accuracy: Of all faces, 0-1.
    """
    measured = [row for row in rows if row["accuracy"] is not None]
    names = [f"{row['group']} ({row['num_images']:,})" for row in measured]
    right = [100 * row["accuracy"] for row in measured]
    points = go.Scatter(
        x=right, y=names, mode="markers", marker={"size": 10, "color": VALIDATION_COLOR}, cliponaxis=False,
        error_x={
            "type": "data", "symmetric": False, "color": TRAIN_COLOR, "thickness": 1.5,
            "array": [100 * row["accuracy_ci"][1] - x for row, x in zip(measured, right, strict=True)],
            "arrayminus": [x - 100 * row["accuracy_ci"][0] for row, x in zip(measured, right, strict=True)],
        },
        hovertemplate="%{y}: %{x:.1f} % right<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(points)
    figure.add_vline(
        x=100 * accuracy, line={"color": BEST_COLOR, "dash": "dash", "width": 2},
        annotation={"text": f"all faces {100 * accuracy:.1f} %", "yanchor": "bottom"}, annotation_position="top",
    )  # fmt: skip
    figure.update_xaxes(title_text="right (% of the group's faces; bars: 95 % interval)", range=[0, 102])
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_layout(showlegend=False)
    return plain(figure, height=110 + 34 * max(1, len(measured)), top=30)
