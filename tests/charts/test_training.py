import numpy as np
import pandas as pd
import pytest

from fer_core.charts import history_figure, recall_figure
from fer_core.labels import EXPRESSION_COLORS
from fer_core.training.runs.epoch_records import EpochRecord

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [1.9, 1.5, 1.1],
        "accuracy": [0.2, 0.4, 0.6],
        "val_loss": [1.8, 1.5, 1.4],
        "val_accuracy": [0.25, 0.5, 0.45],
        "val_macro_f1": [0.3, 0.2, 0.1],
        "learning_rate": [0.05, 0.03, 0.01],
    }
)


@pytest.mark.parametrize(
    ("metric", "training", "validation", "star"),
    [("loss", [1.9, 1.5, 1.1], [1.8, 1.5, 1.4], 1.5), ("accuracy", [20, 40, 60], [25, 50, 45], 50)],
    ids=["loss", "accuracy in percent"],
)
def test_training_is_dashed_validation_solid_and_the_best_accuracy_marked(metric, training, validation, star):
    train, val, best = history_figure(HISTORY, metric).data
    assert list(train.y) == pytest.approx(training)
    assert list(val.y) == pytest.approx(validation)
    assert (train.line.dash, val.line.dash) == ("dash", "solid")
    assert (best.x[0], best.y[0]) == (2, pytest.approx(star))


@pytest.mark.parametrize(
    ("selected_by", "epoch"), [("val_accuracy", 2), ("val_macro_f1", 1), ("val_loss", 3)], ids=lambda value: str(value)
)
def test_the_best_epoch_goes_by_the_metric_of_the_run_in_every_figure(selected_by, epoch):
    for metric in ("loss", "accuracy", "macro_f1"):
        assert history_figure(HISTORY, metric, selected_by=selected_by).data[-1].x[0] == epoch


@pytest.mark.parametrize(
    ("metric", "names"),
    [("macro_f1", ["validation", "best epoch: 2"]), ("learning_rate", ["learning rate"])],
)
def test_what_is_noted_on_one_side_only_has_one_curve(metric, names):
    assert [trace.name for trace in history_figure(HISTORY, metric).data] == names


@pytest.mark.parametrize(
    "history",
    [
        HISTORY.head(0),
        HISTORY.drop(columns=["val_loss", "val_accuracy"]),
        HISTORY.assign(val_accuracy=np.nan, val_loss=np.nan),
    ],
    ids=["no epoch yet", "no validation columns", "validation without values"],
)
def test_without_validation_values_no_epoch_is_called_the_best(history):
    assert [trace.name for trace in history_figure(history, "accuracy").data] == ["training", "validation"]


def test_of_epochs_with_equal_accuracy_the_one_with_the_lower_loss_is_the_best():
    history = HISTORY.assign(val_accuracy=[0.5, 0.4, 0.5])
    assert history_figure(history, "loss").data[2].x[0] == 3


def test_an_unknown_metric_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="expected 'loss', 'accuracy', 'macro_f1' or 'learning_rate'"):
        history_figure(HISTORY, "f1")


def test_recall_has_a_curve_for_each_class_in_its_colour():
    records = [EpochRecord(epoch, [[1]], {"happy": 0.1 * epoch, "sad": 0.5}, {}, []) for epoch in (1, 2)]
    happy, sad = recall_figure(records).data
    assert (happy.name, list(happy.x), list(happy.y)) == ("happy", [1, 2], pytest.approx([10, 20]))
    assert sad.line.color == EXPRESSION_COLORS["sad"]


def test_recall_of_no_epochs_is_an_empty_figure():
    assert len(recall_figure([]).data) == 0
