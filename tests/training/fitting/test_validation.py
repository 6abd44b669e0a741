from typing import Any

import numpy as np
import pytest

from fer_core.dataset import DatasetIndex
from fer_core.errors import Cancelled
from tests.training.fitting.fits import StoppingReporter

COUNTS = {"angry": 3, "happy": 30, "sad": 5}


@pytest.fixture
def index() -> DatasetIndex:
    import pandas as pd

    labels = [label for label, count in COUNTS.items() for _ in range(count)]
    table = pd.DataFrame({"image_id": range(len(labels)), "label": labels, "readable": True, "split": "train"})
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 8, 8, 1), np.uint8)
    return DatasetIndex(table=table, images=images)


@pytest.fixture
def model() -> Any:
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    return keras.Sequential([keras.Input((8, 8, 1)), *layers])


def judge(index: DatasetIndex, model: Any, reporter: Any = None, **settings: Any) -> Any:
    from fer_core.training.fitting.validation import Validation

    validation = Validation(index, np.arange(len(index.images)), **settings)
    return validation.judge(model, 4, reporter or StoppingReporter(), done=1, total=2)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_loss_and_accuracy_are_those_of_keras(index: DatasetIndex, model: Any, smoothing: float) -> None:
    import keras

    model.compile(loss=keras.losses.CategoricalCrossentropy(label_smoothing=smoothing), metrics=["accuracy"])
    targets = np.eye(3)[index.label_numbers(index.table)]
    loss, accuracy = model.evaluate(index.images.astype(np.float32), targets, verbose=0)
    score = judge(index, model, label_smoothing=smoothing)
    assert score.metrics["val_loss"] == pytest.approx(loss, abs=1e-4)
    assert score.metrics["val_accuracy"] == pytest.approx(accuracy, abs=1e-6)
    assert score.record.epoch == 4


def test_watched_faces_are_spread_over_the_classes(index: DatasetIndex) -> None:
    from fer_core.training.fitting.validation import NUM_WATCHED, Validation

    rows = np.arange(len(index.images))
    watched = Validation(index, rows, seed=1).watched
    assert [watched.labels.count(name) for name in COUNTS] == [3, 5, 4]
    assert len({*watched.image_ids}) == NUM_WATCHED
    assert watched.labels == sorted(watched.labels) == index.table.loc[watched.image_ids, "label"].tolist()
    assert watched == Validation(index, rows, seed=1).watched


def test_a_stop_is_honoured_between_two_batches(index: DatasetIndex, model: Any) -> None:
    with pytest.raises(Cancelled):
        judge(index, model, StoppingReporter(1))


def test_numbers_that_are_no_probabilities_give_no_score(index: DatasetIndex, model: Any) -> None:
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    assert judge(index, model) is None
