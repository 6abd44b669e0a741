import pandas as pd
import pytest

from fer_core.charts import class_counts_figure, confusion_figure, history_figure, probabilities_figure
from fer_core.labels import EXPRESSION_COLORS, EXPRESSIONS

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [1.9, 1.5, 1.1],
        "accuracy": [0.2, 0.4, 0.6],
        "val_loss": [1.8, 1.4, 1.5],
        "val_accuracy": [0.25, 0.5, 0.45],
    }
)
REPORT = {"class_names": ["happy", "sad"], "confusion": [[3, 1], [2, 2]]}


def test_each_split_is_a_row_of_bars_in_the_expression_colours():
    counts = pd.DataFrame({"train": [30, 4], "test": [3, 1]}, index=["happy", "disgust"])
    figure = class_counts_figure(counts)
    assert [list(bar.y) for bar in figure.data] == [[30, 4], [3, 1]]
    assert list(figure.data[0].marker.color) == [EXPRESSION_COLORS["happy"], EXPRESSION_COLORS["disgust"]]
    assert [note.text for note in figure.layout.annotations] == ["train: 34 images", "test: 4 images"]


def test_an_empty_split_is_drawn_without_dividing_by_zero():
    figure = class_counts_figure(pd.DataFrame({"train": [0, 0]}, index=["happy", "sad"]))
    assert list(figure.data[0].customdata) == [0, 0]


def test_counts_without_any_split_give_an_empty_figure():
    assert len(class_counts_figure(pd.DataFrame(index=["happy"])).data) == 0


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [
        (None, [["3", "1"], ["2", "2"]]),
        ("true", [["75 %<br>3", "25 %<br>1"], ["50 %<br>2", "50 %<br>2"]]),
        ("pred", [["60 %<br>3", "33 %<br>1"], ["40 %<br>2", "67 %<br>2"]]),
    ],
    ids=["counts", "by row", "by column"],
)
def test_confusion_cells_carry_their_counts_and_the_shares_asked_for(normalize, expected):
    assert confusion_figure(REPORT, normalize).data[0].text.tolist() == expected


def test_a_class_that_never_occurs_has_shares_of_zero():
    report = {"class_names": ["happy", "sad"], "confusion": [[0, 0], [0, 4]]}
    assert confusion_figure(report, "true").data[0].z.tolist() == [[0, 0], [0, 100]]


def test_an_unknown_normalisation_is_refused():
    with pytest.raises(ValueError, match="expected None, 'true' or 'pred'"):
        confusion_figure(REPORT, "all")


def test_probabilities_keep_the_order_of_the_classes_and_a_fixed_scale():
    figure = probabilities_figure(EXPRESSIONS, [0.1, 0, 0, 0.6, 0.1, 0.1, 0.1])
    assert tuple(figure.data[0].y) == EXPRESSIONS
    assert figure.data[0].x[3] == pytest.approx(60)
    assert tuple(figure.layout.xaxis.range) == (0, 100)
    assert figure.layout.yaxis.autorange == "reversed"


@pytest.mark.parametrize(
    "figure",
    [
        class_counts_figure(pd.DataFrame({"train": [1]}, index=["happy"])),
        history_figure(HISTORY),
        confusion_figure(REPORT),
        probabilities_figure(["happy"], [1.0]),
    ],
    ids=["class counts", "history", "confusion", "probabilities"],
)
def test_figures_leave_ground_and_text_colour_to_the_page(figure):
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
