"""What a model says: a classification report or one face's probabilities come in, confusion matrix and bars go out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from fer_core.charts.style import BEST_COLOR, CELL_COLORS, plain
from fer_core.labels import class_colors


def confusion_figure(
    report: Mapping[str, Any], normalize: str | None = None, *, marked: tuple[str | None, str | None] = (None, None)
) -> go.Figure:
    """Show the confusion matrix of a classification report: true classes as rows, predicted classes as columns.

    Args:
        report: Has `class_names` and `confusion`, the counts as a list of rows (true class) of columns (predicted).
        normalize: None writes counts; `true` adds the share of each row, `pred` the share of each column.
        marked: True and predicted class around which a frame is drawn: a cell, or with one None a row or a column.
    """
    if normalize not in (None, "true", "pred"):
        raise ValueError(f"normalize is {normalize!r}; expected None, 'true' or 'pred'.")
    class_names = list(report["class_names"])
    counts = np.asarray(report["confusion"], dtype=np.int64).reshape(len(class_names), len(class_names))
    rows = 100 * counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    columns = 100 * counts / np.maximum(1, counts.sum(axis=0, keepdims=True))
    shares = columns if normalize == "pred" else rows
    texts = [f"{count:,}" for count in counts.flat]
    if normalize is not None:
        texts = [f"{share:.0f} %<br>{count}" for share, count in zip(shares.flat, texts, strict=True)]
    what = np.stack([counts, rows, columns], axis=-1)
    cells = go.Heatmap(
        z=counts if normalize is None else shares, x=class_names, y=class_names, colorscale=CELL_COLORS,
        zmin=0, zmax=None if normalize is None else 100, showscale=False, xgap=1, ygap=1,
        text=np.reshape(texts, counts.shape), texttemplate="%{text}", customdata=what, hoverinfo="skip",
    )  # fmt: skip
    figure = go.Figure([cells, _targets(class_names, what.reshape(-1, 3))])
    last = len(class_names) - 0.5
    figure.update_xaxes(title_text="predicted class", showgrid=False, range=[-0.5, last])
    figure.update_yaxes(title_text="true class", showgrid=False, range=[last, -0.5])
    _frame(figure, class_names, *marked)
    plain(figure, height=90 + 46 * len(class_names))
    # Nothing to zoom into; a finger that moves here scrolls the page, and one that taps chooses a cell.
    figure.update_xaxes(fixedrange=True).update_yaxes(fixedrange=True).update_layout(dragmode=False)
    return figure


def _targets(class_names: Sequence[str], customdata: npt.NDArray[np.float64]) -> go.Scatter:
    """Return an unseen point in each cell: plotly.js lets a click select points, and no cell of a heatmap."""
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=[*class_names] * len(class_names), y=[name for name in class_names for _ in class_names],
        mode="markers", marker={"symbol": "square", "size": 38, "opacity": 0}, selected=unseen, unselected=unseen,
        customdata=customdata, showlegend=False,
        hovertemplate="true %{y}, predicted %{x}: %{customdata[0]:,} images<br>%{customdata[1]:.1f} % of all true %{y}"
        "<br>%{customdata[2]:.1f} % of all predicted %{x}<extra></extra>",
    )  # fmt: skip


def _frame(figure: go.Figure, class_names: Sequence[str], true: str | None, predicted: str | None) -> None:
    if true is None and predicted is None:
        return
    (left, right), (top, bottom) = (
        (-0.5, len(class_names) - 0.5)
        if name is None
        else (class_names.index(name) - 0.5, class_names.index(name) + 0.5)
        for name in (predicted, true)
    )
    figure.add_shape(
        type="rect", x0=left, x1=right, y0=top, y1=bottom, line={"color": BEST_COLOR, "width": 3}, layer="above"
    )


def probabilities_figure(class_names: Sequence[str], probabilities: Sequence[float]) -> go.Figure:
    """Show the probabilities of one face as horizontal bars from 0 to 100 %, classes in the order given.

    Args:
        class_names: One name a class, top to bottom.
        probabilities: One value a class, 0-1.
    """
    percent = 100 * np.asarray(probabilities, dtype=float)
    bars = go.Bar(
        x=percent, y=list(class_names), orientation="h", marker_color=class_colors(class_names), cliponaxis=False,
        texttemplate="%{x:.0f} %", textposition="outside", hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(bars)
    figure.update_xaxes(title_text="probability (%)", range=[0, 100], tickvals=[0, 25, 50, 75, 100], title_standoff=4)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(showlegend=False, bargap=0.25)
    return plain(figure, height=50 + 21 * max(1, len(class_names)), top=4, right=40)
