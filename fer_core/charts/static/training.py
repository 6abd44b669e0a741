"""How a training went, on paper: loss and accuracy of every epoch side by side, the best epoch marked."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fer_core.charts.best_epoch import best_epoch_row, best_epoch_words
from fer_core.charts.static.paper import SMALL, new_figure, tidy_axes
from fer_core.charts.style import BEST_COLOR, TRAIN_COLOR, VALIDATION_COLOR

# Axis title, column of the training, column of the validation, factor.
_PANELS = (
    ("loss (nats)", "loss", "val_loss", 1.0),
    ("accuracy (% of images)", "accuracy", "val_accuracy", 100.0),
)


def training_curves(history: pd.DataFrame, *, selected_by: str = "val_accuracy") -> Figure:
    """Draw loss and accuracy over the epochs: training dashed, validation solid, a star at the best epoch.

    Args:
        history: One row an epoch, columns as in `HISTORY_COLUMNS`; one that is missing is not drawn.
        selected_by: Column that the best epoch goes by.
    """
    figure = new_figure(16, 6.5)
    panels = figure.subplots(1, 2)
    best = best_epoch_row(history, selected_by)
    for axes, (title, train, validation, factor) in zip(panels, _PANELS, strict=True):
        _draw_curve(axes, history, train, factor, label="training", color=TRAIN_COLOR, style="--")
        _draw_curve(axes, history, validation, factor, label="validation", color=VALIDATION_COLOR, style="-")
        if best is not None and validation in history:
            place = ([best["epoch"]], [factor * best[validation]])
            axes.plot(*place, "*", color=BEST_COLOR, markersize=10, label=f"best epoch: {best['epoch']:.0f}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        tidy_axes(axes, x_title="epoch", y_title=title)
    if best is not None:
        panels[1].set_title(f"best: {best_epoch_words(best, selected_by)}", fontsize=SMALL, loc="right")
    handles, labels = panels[1].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside upper left", ncols=3, fontsize=SMALL, frameon=False)
    return figure


def _draw_curve(
    axes: Axes, history: pd.DataFrame, column: str, factor: float, *, label: str, color: str, style: str
) -> None:
    if column not in history or history[column].notna().sum() == 0:
        return
    values = factor * history[column].astype(float)
    marks = "." if len(history) <= 30 else ""
    axes.plot(history["epoch"], values, linestyle=style, marker=marks, color=color, linewidth=1.4, label=label)
