import numpy as np
import pandas as pd
import pytest

from fer_core.charts import format_shares_figure, split_histogram_figure, told_apart_figure

HISTOGRAM = pd.DataFrame(
    [["test", 0, 1, 0.4], ["test", 1, 2, 0.6], ["train", 0, 1, 0.5], ["train", 1, 2, 0.5]],
    columns=["split", "left", "right", "share"],
)
FORMATS = pd.DataFrame(
    {"split": ["train", "test", "test"], "format": ["PNG", "PNG", "JPEG"], "share": [1.0, 0.05, 0.95]}
)
SHARES = pd.DataFrame([[np.nan, 0.6], [0.6, np.nan]], index=["happy", "sad"], columns=["happy", "sad"])


def test_train_is_the_filled_ground_and_others_are_lines_in_percent():
    train, test = split_histogram_figure(HISTOGRAM, "mean grey level").data
    assert (train.name, train.fill, test.name, test.fill) == ("train", "tozeroy", "test", None)
    assert list(test.x) == [0.5, 1.5]
    assert list(test.y) == [40, 60]


def test_each_split_is_a_bar_of_its_formats_and_tiny_parts_bear_no_text():
    jpeg, png = format_shares_figure(FORMATS).data
    assert (list(jpeg.y), list(jpeg.x), list(jpeg.text)) == (["train", "test"], [0, 95], ["", "JPEG 95 %"])
    assert list(png.text) == ["PNG 100 %", ""]


def test_classes_that_were_not_compared_stay_empty():
    cells = told_apart_figure(SHARES).data[0]
    assert np.array(cells.text).tolist() == [["", "60 %"], ["60 %", ""]]
    assert (cells.zmin, cells.zmax, cells.reversescale) == (50, 75, True)
    assert len(told_apart_figure(SHARES * np.nan).data) == 1


@pytest.mark.parametrize(
    "figure",
    [split_histogram_figure(HISTOGRAM, "grey"), format_shares_figure(FORMATS), told_apart_figure(SHARES)],
    ids=["histogram", "formats", "told apart"],
)
def test_figures_leave_ground_and_text_colour_to_the_page(figure):
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
