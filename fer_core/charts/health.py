"""The health of a dataset: distributions of the splits, file formats, and how alike the classes look.

Tables of `fer_core.dataset.audit` come in, small figures that fit side by side go out.
"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from fer_core.charts.style import CELL_COLORS, plain

# Train is the quiet ground that the others are seen against; line styles tell them apart without colour.
_REFERENCE_COLOR = "#8A8D91"
_OTHER_COLORS = ("#D55E00", "#2A8FD0", "#009E73", "#CC79A7")
_DASHES = ("solid", "dash", "dot", "dashdot")
_FORMAT_COLORS = ("#2A8FD0", "#E69F00", "#009E73", "#CC79A7", "#8A8D91")


def split_histogram_figure(histogram: pd.DataFrame, unit: str) -> go.Figure:
    """Show how one measure is distributed in each split: the first one filled, the others as lines over it.

    Args:
        histogram: split, left, right (bounds of a bin), share (of the split's images, 0-1); one row a bin.
        unit: What the values are, for the axis.
    """
    splits = sorted(histogram["split"].unique(), key=lambda split: (split != "train", split))
    figure = go.Figure()
    for number, split in enumerate(splits):
        bins = histogram[histogram["split"] == split]
        is_reference = number == 0
        color = _REFERENCE_COLOR if is_reference else _OTHER_COLORS[(number - 1) % len(_OTHER_COLORS)]
        curve = go.Scatter(
            x=(bins["left"] + bins["right"]) / 2, y=100 * bins["share"], name=str(split), mode="lines",
            line={"color": color, "width": 2, "shape": "hvh", "dash": _DASHES[max(0, number - 1) % len(_DASHES)]},
            fill="tozeroy" if is_reference else None, customdata=bins[["left", "right"]],
            hovertemplate=f"{split}: %{{y:.1f}} % of images<br>%{{customdata[0]:.3~g}} to %{{customdata[1]:.3~g}}"
            "<extra></extra>",
        )  # fmt: skip
        figure.add_trace(curve)
    figure.update_xaxes(title_text=unit, title_standoff=6, nticks=6)
    figure.update_yaxes(title_text="% of images", rangemode="tozero", nticks=4)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    return plain(figure, height=210, top=30)


def format_shares_figure(formats: pd.DataFrame) -> go.Figure:
    """Show which file formats each split consists of, one bar a split.

    Args:
        formats: split, format, share (of the split's files, 0-1).
    """
    shares = formats.pivot_table(index="split", columns="format", values="share", fill_value=0.0)
    splits = sorted(shares.index, key=lambda split: (split != "train", split))
    figure = go.Figure()
    for number, name in enumerate(shares.columns):
        percent = 100 * shares.loc[splits, name]
        bars = go.Bar(
            x=percent, y=splits, orientation="h", name=str(name), marker_color=_FORMAT_COLORS[number % 5],
            text=[f"{name} {share:.0f} %" if share >= 12 else "" for share in percent], textposition="inside",
            insidetextanchor="middle", hovertemplate=f"%{{y}}: %{{x:.1f}} % {name}<extra></extra>",
        )  # fmt: skip
        figure.add_trace(bars)
    figure.update_xaxes(title_text="% of files", range=[0, 100], tickvals=[0, 25, 50, 75, 100], title_standoff=12)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(barmode="stack", bargap=0.35, showlegend=False)
    return plain(figure, height=210, top=30)


def told_apart_figure(shares: pd.DataFrame) -> go.Figure:
    """Show how well each two classes are told apart, dark where they are alike.

    Args:
        shares: Share of images (0-1) assigned rightly, class against class; NaN is left empty.
    """
    class_names = [str(name) for name in shares.index]
    percent = 100 * shares.to_numpy(float)
    texts = [["" if np.isnan(value) else f"{value:.0f} %" for value in row] for row in percent]
    cells = go.Heatmap(
        z=percent, x=class_names, y=class_names, colorscale=CELL_COLORS, reversescale=True, zmin=50,
        zmax=max(75.0, float(np.nanmax(percent, initial=75.0))), showscale=False, xgap=1, ygap=1, text=texts,
        texttemplate="%{text}", hoverongaps=False,
        hovertemplate="%{y} against %{x}: %{z:.1f} % of their images are nearer to their own class's average"
        "<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(cells)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return plain(figure, height=60 + 42 * len(class_names))
