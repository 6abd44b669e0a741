from pathlib import Path
from typing import Any

import numpy as np
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


@pytest.fixture
def progress(model: Any, reporter: JobReporter) -> Any:
    from fer_core.training.fitting.callbacks import ProgressReport

    callback = ProgressReport(reporter, batch_size=8, steps=10, epochs=3)
    callback.set_model(model)
    return callback


def test_progress_counts_steps_over_all_epochs(progress: Any, model: Any, reporter: JobReporter) -> None:
    progress.on_epoch_begin(1)
    progress.on_train_batch_end(4)
    status = reporter.status
    assert (status.done, status.total) == (15, 30)
    assert (status.details["epoch"], status.details["step"], status.details["steps"]) == (2, 5, 10)
    assert status.details["images_per_second"] > 0
    assert not model.stop_training


def test_a_stop_request_ends_the_fitting_after_the_step(progress: Any, model: Any, reporter: JobReporter) -> None:
    progress.on_epoch_begin(0)
    (reporter.folder / CANCEL_FILE).touch()
    progress.on_train_batch_end(0)
    assert model.stop_training
    assert progress.is_stopped


@pytest.mark.parametrize("loss", [np.nan, np.inf], ids=str)
def test_a_loss_that_is_no_number_ends_the_fitting(progress: Any, model: Any, loss: float) -> None:
    progress.on_epoch_begin(0)
    progress.on_train_batch_end(0, {"loss": 2.5})
    assert not model.stop_training
    progress.on_train_batch_end(1, {"loss": loss})
    assert model.stop_training
    assert progress.has_diverged
    assert not progress.is_stopped
