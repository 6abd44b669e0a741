"""How a training went: its history comes in, curves of loss or accuracy go out."""

import pandas as pd
import plotly.graph_objects as go

from fer_core.charts.style import plain

_TRAIN_COLOR = "#8A8D91"
_VALIDATION_COLOR = "#2A8FD0"
_BEST_COLOR = "#D55E00"


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
    return plain(figure, height=300, top=36)


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
