"""Plotly figures from tables: class counts, training curves, confusion matrix, probabilities of one face.

Tables and reports of the other modules come in, plain `go.Figure` objects go out. Backgrounds are transparent and text
colours are left to whoever shows the figure, so that one figure reads well on a light and on a dark page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fer_core.labels import class_colors

_TRANSPARENT = "rgba(0,0,0,0)"
_GRID_COLOR = "rgba(128,128,128,0.25)"
_TRAIN_COLOR = "#8A8D91"
_VALIDATION_COLOR = "#2A8FD0"
_BEST_COLOR = "#D55E00"
_CELL_COLORS = [[0.0, "#EFF3F8"], [0.5, "#6BAED6"], [1.0, "#08467F"]]


def class_counts_figure(counts: pd.DataFrame) -> go.Figure:
    """Show how many images each class has, one row of bars for each split.

    Each split has its own scale: a test split is often a tenth of the training split and would vanish beside it.

    Args:
        counts: Number of images, one row a class (index: class name), one column a split.
    """
    class_names = [str(name) for name in counts.index]
    splits = [str(split) for split in counts.columns]
    titles = [f"{split}: {int(counts[split].sum()):,} images" for split in counts.columns]
    figure = make_subplots(
        rows=max(1, len(splits)), cols=1, shared_xaxes=True, vertical_spacing=0.3 / max(1, len(splits)),
        subplot_titles=titles,
    )  # fmt: skip
    for row, split in enumerate(counts.columns, start=1):
        num_images = counts[split].to_numpy()
        shares = 100 * num_images / max(1, int(num_images.sum()))
        bars = go.Bar(
            x=class_names, y=num_images, customdata=shares, marker_color=class_colors(class_names),
            texttemplate="%{y:,}", textposition="outside", cliponaxis=False, name=str(split),
            hovertemplate=f"{split}, %{{x}}: %{{y:,}} images (%{{customdata:.1f}} %)<extra></extra>",
        )  # fmt: skip
        figure.add_trace(bars, row=row, col=1)
        figure.update_yaxes(title_text="images", range=[0, 1.2 * max(1, int(num_images.max()))], row=row, col=1)
    figure.update_layout(showlegend=False, bargap=0.25)
    return _plain(figure, height=60 + 190 * max(1, len(splits)), top=30)


def history_figure(history: pd.DataFrame, metric: str = "loss") -> go.Figure:
    """Show one metric over the epochs: training dashed, validation solid, the best epoch marked.

    Args:
        history: One row an epoch with the columns `epoch`, `loss`, `accuracy`, `val_loss`, `val_accuracy`.
        metric: `loss` or `accuracy`. The best epoch is the one with the highest validation accuracy in both figures,
            because that is the one whose weights are kept.
    """
    if metric not in ("loss", "accuracy"):
        raise ValueError(f"metric is {metric!r}; expected 'loss' or 'accuracy'.")
    scale, unit = (100, " %") if metric == "accuracy" else (1, "")
    digits = ".1f" if metric == "accuracy" else ".3f"
    figure = go.Figure()
    curves = ((metric, "training", _TRAIN_COLOR, "dash"), (f"val_{metric}", "validation", _VALIDATION_COLOR, "solid"))
    for column, name, color, dash in curves:
        values = scale * history.get(column, pd.Series(dtype=float)).astype(float)
        curve = go.Scatter(
            x=history["epoch"], y=values, name=name, mode="lines+markers", marker={"size": 4, "color": color},
            line={"color": color, "dash": dash, "width": 2},
            hovertemplate=f"{name}, epoch %{{x}}: %{{y:{digits}}}{unit}<extra></extra>",
        )  # fmt: skip
        figure.add_trace(curve)
    _mark_best_epoch(figure, history, f"val_{metric}", scale)
    figure.update_xaxes(title_text="epoch", tickformat="d", dtick=1 if len(history) <= 10 else None)
    figure.update_yaxes(title_text="accuracy (% of images)" if metric == "accuracy" else "loss (nats)")
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    return _plain(figure, height=300, top=36)


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
        z=counts if normalize is None else shares, x=class_names, y=class_names, colorscale=_CELL_COLORS,
        zmin=0, zmax=None if normalize is None else 100, showscale=False, xgap=1, ygap=1,
        text=np.reshape(texts, counts.shape), texttemplate="%{text}",
        customdata=np.stack([counts, rows, columns], axis=-1),
        hovertemplate="true %{y}, predicted %{x}: %{customdata[0]:,} images<br>%{customdata[1]:.1f} % of all true %{y}"
        "<br>%{customdata[2]:.1f} % of all predicted %{x}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(cells)
    figure.update_xaxes(title_text="predicted class", showgrid=False)
    figure.update_yaxes(title_text="true class", autorange="reversed", showgrid=False)
    return _plain(figure, height=90 + 46 * len(class_names))


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
    return _plain(figure, height=50 + 21 * max(1, len(class_names)), top=4, right=40)


def _mark_best_epoch(figure: go.Figure, history: pd.DataFrame, column: str, scale: int) -> None:
    """Put a star on the validation curve at the epoch with the highest validation accuracy, if there is one."""
    if column not in history or history["val_accuracy"].notna().sum() == 0:
        return
    # As the training chooses: the highest accuracy, of equal ones the lower loss.
    best = history.sort_values(["val_accuracy", "val_loss"], ascending=[False, True]).iloc[0]
    epoch, accuracy = int(best["epoch"]), 100 * float(best["val_accuracy"])
    star = go.Scatter(
        x=[epoch], y=[scale * float(best[column])], name=f"best epoch: {epoch}", mode="markers",
        marker={"symbol": "star", "size": 13, "color": _BEST_COLOR},
        hovertemplate=f"best epoch {epoch}: {accuracy:.1f} % validation accuracy<extra></extra>",
    )  # fmt: skip
    figure.add_trace(star)


def _plain(figure: go.Figure, *, height: int, top: int = 8, right: int = 8) -> go.Figure:
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
