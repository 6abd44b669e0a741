"""What confidence is worth: a reliability diagram, and what holding back the least confident answers gains."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from fer_core.charts.style import plain
from fer_core.evaluation.selective import SelectivePoint, point_at

_BAR_COLOR = "#56B4E9"
_LINE_COLOR = "#2A8FD0"
_MARK_COLOR = "#D55E00"
_QUIET_COLOR = "#8A8D91"
_HEIGHT = 320


def reliability_figure(
    rows: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]] | None = None
) -> go.Figure:
    """Show how often pictures of each confidence are right, against the line of honest confidence.

    Args:
        rows: What `reliability_table` returns: low, high, num_images, confidence and accuracy, 0-1.
        before: The same of the network without its temperature, drawn as marks beside the bars.
    """
    filled = [row for row in rows if row["num_images"]]
    figure = go.Figure()
    bars = go.Bar(
        x=[50 * (row["low"] + row["high"]) for row in filled], y=[100 * row["accuracy"] for row in filled],
        width=[100 * (row["high"] - row["low"]) for row in filled], marker={"color": _BAR_COLOR, "line": {"width": 0}},
        customdata=[(row["num_images"], 100 * row["confidence"]) for row in filled], name="right", showlegend=False,
        hovertemplate="%{customdata[0]:,} images, %{customdata[1]:.1f} % confident on average<br>"
        "%{y:.1f} % of them right<extra></extra>",
    )  # fmt: skip
    figure.add_trace(bars)
    honest = go.Scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"color": _MARK_COLOR, "dash": "dash", "width": 2},
        name="honest confidence", hoverinfo="skip",
    )  # fmt: skip
    figure.add_trace(honest)
    if before is not None:
        figure.add_trace(_marks(before))
    figure.update_xaxes(title_text="confidence (%)", range=[0, 100])
    figure.update_yaxes(title_text="right (% of these images)", range=[0, 100])
    figure.update_layout(bargap=0.05, legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    return plain(figure, height=_HEIGHT, top=36)


def _marks(rows: Sequence[Mapping[str, Any]]) -> go.Scatter:
    filled = [row for row in rows if row["num_images"]]
    return go.Scatter(
        x=[50 * (row["low"] + row["high"]) for row in filled], y=[100 * row["accuracy"] for row in filled],
        mode="markers", marker={"color": _QUIET_COLOR, "size": 7, "symbol": "diamond"}, name="without temperature",
        customdata=[row["num_images"] for row in filled],
        hovertemplate="without temperature: %{customdata:,} images, %{y:.1f} % of them right<extra></extra>",
    )  # fmt: skip


def risk_coverage_figure(curve: Sequence[SelectivePoint], threshold: float) -> go.Figure:
    """Show how many of the answers are right, by the share of faces that are answered, and one threshold's place.

    Args:
        curve: What `risk_coverage` returns.
        threshold: Confidence below which a face is called unsure, 0-1.
    """
    answered = [point for point in curve if point.coverage > 0]
    line = go.Scatter(
        x=[100 * point.coverage for point in answered], y=[100 * point.accuracy for point in answered],
        customdata=[100 * point.threshold for point in answered], mode="lines",
        line={"color": _LINE_COLOR, "width": 2.5}, name="right",
        hovertemplate="unsure below %{customdata:.0f} % confidence:<br>%{x:.0f} % of faces answered, "
        "%{y:.1f} % of those right<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(line)
    here = point_at(curve, threshold)
    if here.coverage:
        figure.add_trace(
            go.Scatter(
                x=[100 * here.coverage], y=[100 * here.accuracy], mode="markers", hoverinfo="skip",
                marker={"symbol": "diamond", "size": 13, "color": _MARK_COLOR}, name="threshold",
            )
        )  # fmt: skip
    lowest = min((100 * point.accuracy for point in answered), default=0.0)
    figure.update_xaxes(title_text="answered (% of faces)", range=[0, 102])
    figure.update_yaxes(title_text="right (% of the answered)", range=[max(0.0, lowest - 5), 101])
    figure.update_layout(showlegend=False)
    return plain(figure, height=_HEIGHT)


def robustness_figure(report: Mapping[str, Any], kind: str) -> go.Figure:
    """Show accuracy at each strength of one kind of damage, with its 95 % interval, undamaged first.

    Args:
        report: What `measure_robustness` returns.
        kind: One of the kinds of its rows.
    """
    rows = [row for row in report["rows"] if row["kind"] == kind]
    if not rows:
        raise ValueError(
            f"kind is {kind!r}; the report has {', '.join(sorted({row['kind'] for row in report['rows']}))}"
        )
    points = [report, *rows]
    accuracy = [100 * point["accuracy"] for point in points]
    names = ["none", *[f"{row['strength']:g}" for row in rows]]
    line = go.Scatter(
        x=names, y=accuracy, mode="lines+markers", line={"color": _LINE_COLOR, "width": 2}, marker={"size": 7},
        error_y={
            "type": "data", "symmetric": False, "color": _QUIET_COLOR, "thickness": 1,
            "array": [100 * point["accuracy_ci"][1] - y for point, y in zip(points, accuracy, strict=True)],
            "arrayminus": [y - 100 * point["accuracy_ci"][0] for point, y in zip(points, accuracy, strict=True)],
        },
        hovertemplate="%{x}: %{y:.1f} % right<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(line)
    figure.update_xaxes(title_text=f"{rows[0]['title'].lower()}: {rows[0]['unit']}", type="category")
    figure.update_yaxes(title_text="right (% of faces)", range=[0, 100])
    return plain(figure, height=240)
