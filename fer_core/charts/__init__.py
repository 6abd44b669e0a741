"""Plotly figures from tables and reports, one module a subject; who shows them decides colours of ground and text."""

from fer_core.charts.counts import class_counts_figure
from fer_core.charts.evaluation import confusion_figure, probabilities_figure
from fer_core.charts.health import format_shares_figure, split_histogram_figure, told_apart_figure
from fer_core.charts.training import history_figure, recall_figure

__all__ = [
    "class_counts_figure",
    "confusion_figure",
    "format_shares_figure",
    "history_figure",
    "probabilities_figure",
    "recall_figure",
    "split_histogram_figure",
    "told_apart_figure",
]
