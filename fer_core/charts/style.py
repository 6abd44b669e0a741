"""What all figures share: transparent ground, quiet grid, margins, and the colours that stand for a role.

Backgrounds are transparent and text colours are left to whoever shows the figure, so that one figure reads well on a
light and on a dark page.
"""

import plotly.graph_objects as go

# Of curves: what the network learns from is quiet, what it is judged by stands out, the best place has a mark.
TRAIN_COLOR, VALIDATION_COLOR, BEST_COLOR = "#8A8D91", "#2A8FD0", "#D55E00"
CELL_COLORS: list[tuple[float, str]] = [(0.0, "#EFF3F8"), (0.5, "#9CC9E8"), (1.0, "#08467F")]

_TRANSPARENT = "rgba(0,0,0,0)"
_GRID_COLOR = "rgba(128,128,128,0.25)"


def plain(figure: go.Figure, *, height: int, top: int = 8, right: int = 8) -> go.Figure:
    """Give a figure what all share: transparent ground, small margins, quiet grid, axes that grow with their labels."""
    figure.update_layout(
        paper_bgcolor=_TRANSPARENT,
        plot_bgcolor=_TRANSPARENT,
        height=height,
        margin={"l": 8, "r": right, "t": top, "b": 8},
        hoverlabel={"namelength": -1},
    )
    figure.update_xaxes(automargin=True, gridcolor=_GRID_COLOR, zeroline=False, fixedrange=False)
    figure.update_yaxes(automargin=True, gridcolor=_GRID_COLOR, zeroline=False)
    return figure
