"""How a training went: its history comes in, curves of one metric go out; and the recall of each class by epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from fer_core.charts.best_epoch import best_epoch_row, best_epoch_words
from fer_core.charts.style import BEST_COLOR, TRAIN_COLOR, VALIDATION_COLOR, plain
from fer_core.labels import class_colors
from fer_core.training.runs.epoch_records import EpochRecord

_HEIGHT = 300


@dataclass(frozen=True)
class _Metric:
    """How a metric is drawn: its columns, what its values are multiplied by, how they are written."""

    title: str
    train: str | None
    validation: str | None
    scale: float = 1
    digits: str = ".3f"
    unit: str = ""


_METRICS = {
    "loss": _Metric("loss (nats)", "loss", "val_loss"),
    "accuracy": _Metric("accuracy (% of images)", "accuracy", "val_accuracy", 100, ".1f", " %"),
    "macro_f1": _Metric("macro-F1 (%)", None, "val_macro_f1", 100, ".1f", " %"),
    "learning_rate": _Metric("learning rate", "learning_rate", None, 1, ".2~e"),
}


def history_figure(history: pd.DataFrame, metric: str = "loss", *, selected_by: str = "val_accuracy") -> go.Figure:
    """Show one metric over the epochs: training dashed, validation solid, the best epoch marked.

    Args:
        history: One row an epoch with the column `epoch` and those of the metric: `loss` and `val_loss`, `accuracy`
            and `val_accuracy`, `val_macro_f1`, `learning_rate`; one that is missing is not drawn.
        metric: `loss`, `accuracy`, `macro_f1` or `learning_rate`.
        selected_by: Column that the best epoch goes by, the same in all figures: its weights are the ones kept.
    """
    if metric not in _METRICS:
        raise ValueError(f"metric is {metric!r}; expected {_known(list(_METRICS))}.")
    drawn = _METRICS[metric]
    figure = go.Figure()
    name = "learning rate" if metric == "learning_rate" else "training"
    _add_curve(figure, history, drawn, column=drawn.train, name=name, color=TRAIN_COLOR, dash="dash")
    _add_curve(figure, history, drawn, column=drawn.validation, name="validation", color=VALIDATION_COLOR)
    if drawn.validation is not None:
        _mark_best_epoch(figure, history, drawn, column=drawn.validation, selected_by=selected_by)
    figure.update_xaxes(title_text="epoch", tickformat="d", dtick=1 if len(history) <= 10 else None)
    figure.update_yaxes(title_text=drawn.title)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    return plain(figure, height=_HEIGHT, top=36)


def recall_figure(records: Sequence[EpochRecord]) -> go.Figure:
    """Show which share of each class was recognised in the validation part, epoch by epoch.

    Args:
        records: What was noted at the end of each epoch.
    """
    class_names = list(records[-1].recall) if records else []
    epochs = [record.epoch for record in records]
    figure = go.Figure()
    for class_name, color in zip(class_names, class_colors(class_names), strict=True):
        shares = [record.recall.get(class_name) for record in records]
        curve = go.Scatter(
            x=epochs, y=[None if share is None else 100 * share for share in shares], name=class_name,
            mode="lines+markers", marker={"size": 4, "color": color}, line={"color": color, "width": 2},
            hovertemplate=f"{class_name}, epoch %{{x}}: %{{y:.0f}} %<extra></extra>",
        )  # fmt: skip
        figure.add_trace(curve)
    figure.update_xaxes(title_text="epoch", tickformat="d", dtick=1 if len(records) <= 10 else None)
    figure.update_yaxes(title_text="recall (% of the class)", range=[0, 100])
    return plain(figure, height=_HEIGHT)


def _add_curve(
    figure: go.Figure,
    history: pd.DataFrame,
    metric: _Metric,
    *,
    column: str | None,
    name: str,
    color: str,
    dash: str = "solid",
) -> None:
    if column is None:
        return
    values = metric.scale * history.get(column, pd.Series(dtype=float)).astype(float)
    curve = go.Scatter(
        x=history["epoch"], y=values, name=name, mode="lines+markers", marker={"size": 4, "color": color},
        line={"color": color, "dash": dash, "width": 2},
        hovertemplate=f"{name}, epoch %{{x}}: %{{y:{metric.digits}}}{metric.unit}<extra></extra>",
    )  # fmt: skip
    figure.add_trace(curve)


def _mark_best_epoch(
    figure: go.Figure, history: pd.DataFrame, metric: _Metric, *, column: str, selected_by: str
) -> None:
    """Put a star on the validation curve at the epoch that was the best, if there is one."""
    best = best_epoch_row(history, selected_by)
    if best is None or column not in history or history[column].notna().sum() == 0:
        return
    epoch, words = int(best["epoch"]), best_epoch_words(best, selected_by)
    star = go.Scatter(
        x=[epoch], y=[metric.scale * float(best[column])], name=f"best epoch: {epoch}", mode="markers",
        marker={"symbol": "star", "size": 13, "color": BEST_COLOR},
        hovertemplate=f"best epoch {epoch}: {words}<extra></extra>",
    )  # fmt: skip
    figure.add_trace(star)


def _known(names: list[str]) -> str:
    return f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
