"""What a model says: a classification report or one face's probabilities come in, confusion matrix and bars go out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fer_core.charts.style import CELL_COLORS, plain
from fer_core.labels import class_colors


def confusion_figure(report: Mapping[str, Any], normalize: str | None = None) -> go.Figure:
    """Show the confusion matrix of a classification report: true classes as rows, predicted classes as columns.

    Args:
        report: Has `class_names` and `confusion`, the counts as a list of rows (true class) of columns (predicted).
        normalize: None writes counts; `true` adds the share of each row, `pred` the share of each column.
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
    cells = go.Heatmap(
        z=counts if normalize is None else shares, x=class_names, y=class_names, colorscale=CELL_COLORS,
        zmin=0, zmax=None if normalize is None else 100, showscale=False, xgap=1, ygap=1,
        text=np.reshape(texts, counts.shape), texttemplate="%{text}",
        customdata=np.stack([counts, rows, columns], axis=-1),
        hovertemplate="true %{y}, predicted %{x}: %{customdata[0]:,} images<br>%{customdata[1]:.1f} % of all true %{y}"
        "<br>%{customdata[2]:.1f} % of all predicted %{x}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(cells)
    figure.update_xaxes(title_text="predicted class", showgrid=False)
    figure.update_yaxes(title_text="true class", autorange="reversed", showgrid=False)
    return plain(figure, height=90 + 46 * len(class_names))


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
