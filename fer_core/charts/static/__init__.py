"""Matplotlib figures for paper: the same tables and colours as the Plotly ones, as PNG, SVG or PDF."""

from fer_core.charts.static.class_figures import class_bars
from fer_core.charts.static.evaluation import confusion_matrix, reliability_diagram, risk_coverage_curve
from fer_core.charts.static.group_figures import group_intervals
from fer_core.charts.static.paper import save_figures, to_bytes
from fer_core.charts.static.robustness import robustness_curves
from fer_core.charts.static.samples import sample_grid
from fer_core.charts.static.training import training_curves

__all__ = [
    "class_bars",
    "confusion_matrix",
    "group_intervals",
    "reliability_diagram",
    "risk_coverage_curve",
    "robustness_curves",
    "sample_grid",
    "save_figures",
    "to_bytes",
    "training_curves",
]
