import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from matplotlib.figure import Figure

from fer_core.notebook.screen import LiveFigure, ProgressLine, show, show_prediction
from fer_core.prediction import load_predictor
from tests.notebook.displays import PLOTLY, Displays, in_place, numbers


def curve(*values: float) -> go.Figure:
    return go.Figure(go.Scatter(y=values))


def test_a_plotly_figure_is_shown_on_white_in_the_forms_of_jupyter_and_colab(displays: Displays) -> None:
    show(curve(1, 2))
    (shown,) = displays
    assert shown["data"][PLOTLY]["layout"]["paper_bgcolor"] == "white"
    assert "Plotly.newPlot" in shown["data"]["text/html"]


def test_a_matplotlib_figure_is_shown_as_a_picture(displays: Displays) -> None:
    show(Figure())
    (shown,) = displays
    assert shown["data"]["image/png"]


def test_a_tables_sentences_are_not_cut(displays: Displays) -> None:
    advice = "Measure on the view without leaks, or exclude the pictures that are in both splits"
    show(pd.DataFrame({"what to do": [advice]}))
    assert advice in displays[0]["data"]["text/html"]


def test_a_live_figure_is_drawn_again_in_its_own_place(displays: Displays) -> None:
    one, other = LiveFigure(), LiveFigure()
    one.draw(curve(1))
    other.draw(curve(7))
    one.draw(curve(1, 2))
    places = in_place(displays, PLOTLY)
    assert [numbers(figure["data"][0]["y"]) for figure in places.values()] == [[1, 2], [7]]


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        ((5, 10, "Unpacking"), '<progress value="5" max="10"></progress> Unpacking 5 of 10'),
        ((2000, 0, "Downloading (kB)"), "<progress></progress> Downloading (kB) 2,000"),
        ((0, 0, "<b>"), "<progress></progress> &lt;b&gt;"),
    ],
    ids=["known total", "unknown total", "words are no markup"],
)
def test_progress_tells_what_and_how_much(displays: Displays, progress: tuple[int, int, str], words: str) -> None:
    ProgressLine("Getting faces")(*progress)
    assert list(in_place(displays, "text/html").values()) == [words]


def test_progress_is_shown_a_few_times_a_second_and_at_the_end(displays: Displays) -> None:
    line = ProgressLine("Reading")
    for done in range(1, 1001):
        line(done, 1000)
    assert len(displays) < 50
    assert "1,000 of 1,000" in displays[-1]["data"]["text/html"]


def test_a_prediction_is_shown_as_picture_bars_and_table(displays: Displays) -> None:
    face = np.full((48, 48), 128, np.uint8)
    show_prediction(load_predictor().predict(face, faces="whole"))
    picture, bars, table = displays
    assert picture["data"]["image/png"]
    assert len(numbers(bars["data"][PLOTLY]["data"][0]["x"])) == 7
    assert "p_happy" in table["data"]["text/html"]


def test_a_picture_without_a_face_says_so(displays: Displays) -> None:
    show_prediction(load_predictor().predict(np.zeros((64, 64, 3), np.uint8)))
    assert displays[-1]["data"]["text/html"] == "No face was found."
