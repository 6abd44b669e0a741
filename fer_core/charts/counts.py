"""How many images each class has: a table of counts comes in, bars for each split go out."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fer_core.charts.style import plain
from fer_core.labels import class_colors


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
    return plain(figure, height=60 + 190 * max(1, len(splits)), top=30)
