"""What a cell shows: figures, predictions, and a line of progress that changes in place.

Plotly and Matplotlib figures, predictions and counts come in; displays that Colab and Jupyter understand go out, on
white paper, because nobody knows whether the notebook's theme is light or dark.
"""

import html
import json
import time
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from IPython.display import HTML, DisplayHandle, Image, display
from matplotlib.figure import Figure
from PIL import Image as PillowImage

from fer_core.charts import probabilities_figure
from fer_core.charts.static import to_bytes
from fer_core.prediction import Prediction

_PLOTLY_JSON = "application/vnd.plotly.v1+json"  # what Jupyter draws itself; Colab takes the HTML beside it
_SECONDS_BETWEEN_LOOKS = 0.25
_SCREEN_DPI = 110
_MAX_BARS = 6  # faces of one picture; the table has them all


def show(figure: go.Figure | Figure | pd.DataFrame) -> None:
    """Show a Plotly or a Matplotlib figure, or a table whose sentences are not cut."""
    if isinstance(figure, pd.DataFrame):
        with pd.option_context("display.max_colwidth", None):
            display(figure)
    elif isinstance(figure, Figure):
        display(Image(data=to_bytes(figure, dpi=_SCREEN_DPI)))
    else:
        display(plotly_bundle(figure), raw=True)


def show_prediction(prediction: Prediction) -> None:
    """Show a picture with its faces marked, the probabilities of the first few as bars, and the table of all."""
    display(PillowImage.fromarray(prediction.draw()))
    for number, face in enumerate(prediction.faces[:_MAX_BARS], start=1):
        figure = probabilities_figure(prediction.class_names, face.probabilities.tolist())
        height = int(figure.layout.height) + 30
        show(figure.update_layout(title=f"Face {number}", margin_t=34, height=height, width=520))
    display(prediction.to_frame() if prediction.faces else HTML("No face was found."))


def plotly_bundle(figure: go.Figure) -> dict[str, Any]:
    """Return what Colab and Jupyter show of a Plotly figure, by MIME type."""
    paper = go.Figure(figure).update_layout(template="plotly_white", paper_bgcolor="white", plot_bgcolor="white")
    return {
        _PLOTLY_JSON: json.loads(paper.to_json()),
        "text/html": paper.to_html(include_plotlyjs="cdn", full_html=False),
        "text/plain": "a Plotly figure",
    }


class LiveFigure:
    """A Plotly figure that is drawn again in its place."""

    def __init__(self) -> None:
        self._handle: DisplayHandle | None = None

    def draw(self, figure: go.Figure) -> None:
        """Show the figure, in place of the one before."""
        # Plotly's own `display` knows no place; a raw bundle does (googlecolab/colabtools, issue 2020).
        if self._handle is None:
            self._handle = DisplayHandle()
            self._handle.display(plotly_bundle(figure), raw=True)
        else:
            self._handle.update(plotly_bundle(figure), raw=True)


class ProgressLine:
    """A bar and a sentence that change in place; takes (done, total, words) as long work reports it.

    Args:
        words: What is being done.
    """

    def __init__(self, words: str) -> None:
        self._words = words
        self._shown_at = 0.0
        self._handle = DisplayHandle()
        self._handle.display(HTML(_line(words, 0, 0)))

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Show how much is done, a few times a second at most; a total of 0 is one that is not known."""
        is_news = bool(message) and message != self._words
        self._words = message or self._words
        if is_news or done == total or time.monotonic() - self._shown_at > _SECONDS_BETWEEN_LOOKS:
            self._shown_at = time.monotonic()
            self._handle.update(HTML(_line(self._words, done, total)))

    def end(self, words: str) -> None:
        """Say how it ended, in place of the bar."""
        self._handle.update(HTML(html.escape(words)))


def shares_in_words(shares: Mapping[str, float]) -> str:
    """Return figures from 0 to 1 in one line: `accuracy 68.4 %, macro-F1 64.9 %`."""
    return ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares.items())


def _line(words: str, done: int, total: int) -> str:
    bar = f'<progress value="{done}" max="{total}"></progress>' if total else "<progress></progress>"
    counts = f" {done:,} of {total:,}" if total else f" {done:,}" if done else ""
    return f"{bar} {html.escape(words)}{counts}"
