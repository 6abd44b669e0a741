"""The map of a dataset: a table of places comes in, a point for each picture, coloured by its group, goes out."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from fer_core.charts.style import plain

_SMALL, _LARGE = 5, 8  # pixels across a point: of thousands, of a few
_FEW = 1500
_BUTTONS, _ACTIVE_BUTTON = "#8A8D91", "#2A8FD0"


def picture_map_figure(drawn: pd.DataFrame, colors: Mapping[str, str]) -> go.Figure:
    """Show where pictures lie on a map; a click on a name in the legend hides or shows its points.

    Args:
        drawn: One row a picture: `image_id`, `x`, `y`, `group` (what decides the colour), `label` and `path`.
        colors: Group -> hex colour, in the order of the legend; the last group is drawn on top. Rows of other groups
            are left out.
    """
    figure = go.Figure()
    size = _LARGE if len(drawn) <= _FEW else _SMALL
    for group, color in colors.items():
        rows = drawn[drawn["group"] == group]
        if rows.empty:
            continue
        points = go.Scattergl(
            x=rows["x"], y=rows["y"], mode="markers", name=f"{group} ({len(rows):,})",
            marker={"size": size, "color": color, "opacity": 0.75},
            customdata=rows[["image_id", "label", "path"]].to_numpy(dtype=object),
            hovertemplate="%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
            selected={"marker": {"opacity": 1.0}}, unselected={"marker": {"opacity": 0.15}},
        )  # fmt: skip
        figure.add_trace(points)
    legend = {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "itemsizing": "constant"}
    modebar = {"bgcolor": "rgba(0,0,0,0)", "color": _BUTTONS, "activecolor": _ACTIVE_BUTTON}
    figure.update_layout(legend=legend, dragmode="lasso", modebar=modebar)
    plain(figure, height=560, top=60)
    # The axes have no unit: only who is near whom means something.
    figure.update_xaxes(showticklabels=False, showgrid=False)
    figure.update_yaxes(showticklabels=False, showgrid=False)
    return figure
