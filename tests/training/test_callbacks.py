from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fer_core.jobs import JobReporter, JobStatus
from fer_core.jobs.folder import CANCEL_FILE


@pytest.fixture
def reporter(tmp_path: Path) -> JobReporter:
    folder = tmp_path / "job"
    folder.mkdir()
    return JobReporter(folder, JobStatus("running", "Training"))


@pytest.fixture
def model() -> Any:
    """A compiled network with a single weight."""
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer=keras.optimizers.SGD(0.25), loss="mse")
    return model


@pytest.mark.parametrize(
    ("accuracies", "losses", "best_epoch"),
    [
        pytest.param([0.2, 0.5, 0.4], [2.0, 1.0, 0.9], 2, id="not-the-last"),
        pytest.param([0.5, 0.5, 0.5], [1.0, 0.8, 0.9], 2, id="tie-goes-to-the-lower-loss"),
        pytest.param([0.0, 0.0], [3.0, 3.5], 1, id="even-zero-is-kept"),
    ],
)
def test_the_best_epochs_weights_are_kept(
    tmp_path: Path, model: Any, reporter: JobReporter, accuracies: list[float], losses: list[float], best_epoch: int
) -> None:
    from fer_core.training.callbacks import BestWeights

    path = tmp_path / "best.weights.h5"
    callback = BestWeights(model, path, reporter)
    for epoch, (accuracy, loss) in enumerate(zip(accuracies, losses, strict=True)):
        model.set_weights([np.full((1, 1), epoch + 1, np.float32)])
        callback.on_epoch_end(epoch, {"val_accuracy": accuracy, "val_loss": loss})
    model.load_weights(path)
    assert model.get_weights()[0].item() == best_epoch == reporter.status.details["best_epoch"]
    assert [file.name for file in tmp_path.glob("*.h5")] == ["best.weights.h5"]


def test_progress_counts_steps_over_all_epochs(model: Any, reporter: JobReporter) -> None:
    from fer_core.training.callbacks import ProgressReport

    callback = ProgressReport(reporter, batch_size=8, steps=10, epochs=3)
    callback.set_model(model)
    callback.on_epoch_begin(1)
    callback.on_train_batch_end(4)
    status = reporter.status
    assert (status.done, status.total) == (15, 30)
    assert (status.details["epoch"], status.details["step"], status.details["steps"]) == (2, 5, 10)
    assert status.details["images_per_second"] > 0
    assert not model.stop_training


def test_a_stop_request_ends_the_fitting_after_the_step(model: Any, reporter: JobReporter) -> None:
    from fer_core.training.callbacks import ProgressReport

    callback = ProgressReport(reporter, batch_size=8, steps=10, epochs=3)
    callback.set_model(model)
    callback.on_epoch_begin(0)
    (reporter.folder / CANCEL_FILE).touch()
    callback.on_train_batch_end(0)
    assert model.stop_training


def test_history_rows_can_be_read_while_it_grows(tmp_path: Path, model: Any, reporter: JobReporter) -> None:
    from fer_core.training.callbacks import HistoryFile, ProgressReport

    progress = ProgressReport(reporter, batch_size=8, steps=10, epochs=3)
    progress.set_model(model)
    callback = HistoryFile(tmp_path / "history.csv", progress)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(2):
        progress.on_epoch_begin(epoch)
        progress.on_train_batch_end(9)
        callback.on_epoch_end(epoch, {"loss": 1.5, "accuracy": 0.5, "val_loss": 1.25, "val_accuracy": 0.25})
        history = pd.read_csv(tmp_path / "history.csv")
        assert [*history["epoch"]] == [*range(1, epoch + 2)]
    assert history.loc[1, ["loss", "val_accuracy", "learning_rate"]].tolist() == [1.5, 0.25, 0.25]
