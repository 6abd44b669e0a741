"""How good a model is, on paper: confusion matrix, reliability diagram and risk-coverage curve of one report.

What `fer_core.models.evaluate_model` returns comes in, one figure each goes out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from fer_core.charts.static.paper import CELL_MAP, INK, NORMAL, QUIET_INK, SMALL, new_figure, tidy_axes
from fer_core.charts.style import BEST_COLOR, TRAIN_COLOR, VALIDATION_COLOR

_DARK = 0.76  # share of a row from which white letters have more contrast with the cell than dark ones


def confusion_matrix(report: Mapping[str, Any]) -> Figure:
    """Draw counts and shares of the predicted classes (columns) for each true class (rows).

    Args:
        report: Has `class_names` and `confusion`, counts as rows (true class) of columns (predicted class).
    """
    class_names = [str(name) for name in report["class_names"]]
    counts = np.asarray(report["confusion"], dtype=np.int64)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    side = 3.2 + 1.35 * len(class_names)
    figure = new_figure(side, side)
    axes = figure.subplots()
    axes.imshow(shares, cmap=CELL_MAP, vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        text = f"{100 * shares[row, column]:.0f} %\n{counts[row, column]:,}"
        color = "white" if shares[row, column] >= _DARK else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=SMALL, color=color)
    tidy_axes(axes, x_title="predicted class", y_title="true class (100 % = its row)", grid=False)
    places = range(len(class_names))
    axes.set_xticks(places, class_names, rotation=45, ha="right", rotation_mode="anchor", fontsize=NORMAL)
    axes.set_yticks(places, class_names, fontsize=NORMAL)
    axes.spines[:].set_visible(False)
    if counts.sum():
        share = 100 * counts.trace() / counts.sum()
        axes.set_title(f"{share:.1f} % of {counts.sum():,} images right", fontsize=NORMAL, color=INK, loc="left")
    return figure


def reliability_diagram(report: Mapping[str, Any]) -> Figure:
    """Draw how often pictures of each confidence are right, against the line of honest confidence; below, how many.

    Args:
        report: Has `reliability`, rows of `low`, `high`, `num_images`, `confidence` and `accuracy` (0-1, None without
            a picture), and may have `ece`.
    """
    bins = [row for row in report["reliability"] if row["num_images"]]
    left, width = 100 * _column(bins, "low"), 100 * (_column(bins, "high") - _column(bins, "low"))
    figure = new_figure(8.5, 9.5)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    top.bar(left, 100 * _column(bins, "accuracy"), width, align="edge", color=VALIDATION_COLOR, edgecolor="white")
    confidence, accuracy = 100 * _column(bins, "confidence"), 100 * _column(bins, "accuracy")
    top.plot(confidence, accuracy, "o", color=INK, markersize=3, label="mean of a bin")
    top.plot([0, 100], [0, 100], "--", color=QUIET_INK, linewidth=1, label="honest confidence")
    top.set(xlim=(0, 100), ylim=(0, 100))
    error = "" if report.get("ece") is None else f"calibration error (ECE) {100 * report['ece']:.1f} points"
    tidy_axes(top, y_title="right (% of the bin's images)", title=error)
    top.legend(loc="upper left", fontsize=SMALL, frameon=False)
    bottom.bar(left, _column(bins, "num_images"), width, align="edge", color=TRAIN_COLOR, edgecolor="white")
    tidy_axes(bottom, x_title="confidence of the prediction (%)", y_title="images")
    return figure


def risk_coverage_curve(report: Mapping[str, Any]) -> Figure:
    """Draw how many of the answers are wrong if only the most confident share of the pictures is answered.

    Args:
        report: Has `risk_coverage`, rows of threshold, coverage and accuracy (0-1); may have `unsure_threshold` (0-1),
            whose place is then marked, and `aurc`.
    """
    points = np.array(report["risk_coverage"], dtype=np.float64).reshape(-1, 3)
    points = points[points[:, 1] > 0]
    threshold, coverage, risk = points[:, 0], 100 * points[:, 1], 100 * (1 - points[:, 2])
    figure = new_figure(8.5, 6.5)
    axes = figure.subplots()
    axes.plot(coverage, risk, color=VALIDATION_COLOR, linewidth=1.6)
    axes.fill_between(coverage, risk, color=VALIDATION_COLOR, alpha=0.12, linewidth=0)
    if report.get("unsure_threshold") is not None:
        place = int(np.abs(threshold - report["unsure_threshold"]).argmin())
        words = f'"unsure" below {100 * report["unsure_threshold"]:.0f} % confidence:\n'
        words += f"{coverage[place]:.0f} % answered, {risk[place]:.1f} % of the answers wrong"
        axes.plot(coverage[place], risk[place], "D", color=BEST_COLOR, markersize=5, label=words)
        axes.legend(loc="upper left", fontsize=SMALL, frameon=False)
    axes.set(xlim=(0, 100), ylim=(0, 1.3 * max(1.0, risk.max(initial=0.0))))
    area = "" if report.get("aurc") is None else f"area under the curve (AURC) {report['aurc']:.3f}"
    tidy_axes(axes, x_title="answered (% of images)", y_title="wrong (% of the answers)", title=area)
    return figure


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> "np.ndarray[Any, np.dtype[np.float64]]":
    return np.array([row[name] for row in rows], dtype=np.float64)
