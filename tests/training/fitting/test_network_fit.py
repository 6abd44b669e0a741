from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.dataset import Dataset
from fer_core.errors import Cancelled, TrainingError
from fer_core.training import TrainConfig
from fer_core.training.runs.epoch_records import read_epochs, read_history, read_watched
from tests.models.networks import make_info
from tests.training.fitting.fits import StoppingReporter, add_drawn_faces, fit, metrics_of, same_weights

CONFIG = TrainConfig(
    "faces",
    architecture="small",
    batch_size=16,
    learning_rate=0.02,
    epochs=3,
    warm_up_epochs=1,
    deterministic=True,
    crop_low=0.5,
    crop_high=0.5,
)
NUM_STEPS = 4  # 63 pictures in batches of 16
NUM_REPORTS = NUM_STEPS + 1  # of an epoch: its steps and one batch of validation


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    return add_drawn_faces(tmp_path)


def interrupted(dataset: Dataset, config: TrainConfig, folder: Path, *, stop_at: int) -> Any:
    """Fit until the stop, then resume until the end."""
    fit(dataset, config, folder, StoppingReporter(stop_at))
    return fit(dataset, config, folder, resume=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "stop_at"),
    [
        pytest.param({"weight_averaging": 0.9, "mixup": 0.5}, NUM_REPORTS + 2, id="averaged-stopped-in-a-step"),
        pytest.param({"optimizer": "adamw", "learning_rate": 0.002}, 2 * NUM_REPORTS, id="stopped-in-the-validation"),
        pytest.param(
            {"schedule": "plateau", "patience": 2, "epochs": 12, "learning_rate": 1e-6, "selection_metric": "val_loss"},
            2 * NUM_REPORTS + 1,
            id="plateau-and-patience",
        ),
    ],
)
def test_a_resumed_training_is_as_if_never_interrupted(
    dataset: Dataset, tmp_path: Path, changes: dict[str, Any], stop_at: int
) -> None:
    config = replace(CONFIG, **changes)
    whole = fit(dataset, config, tmp_path / "whole")
    resumed = interrupted(dataset, config, tmp_path / "resumed", stop_at=stop_at)
    assert metrics_of(tmp_path / "resumed") == metrics_of(tmp_path / "whole")
    assert read_epochs(tmp_path / "resumed") == read_epochs(tmp_path / "whole")
    assert same_weights(whole, resumed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "stop_at",
    [pytest.param(2 * NUM_REPORTS + 2, id="between-the-phases"), pytest.param(3 * NUM_REPORTS + 2, id="in-the-second")],
)
def test_a_training_in_two_phases_is_resumed_alike(dataset: Dataset, tmp_path: Path, stop_at: int) -> None:
    base = write_base_model(tmp_path / "base")
    config = replace(CONFIG, epochs=4, from_model=str(base), head_epochs=2, fine_tune_factor=0.5)
    whole = fit(dataset, config, tmp_path / "whole")
    resumed = interrupted(dataset, config, tmp_path / "resumed", stop_at=stop_at)
    assert read_history(tmp_path / "whole")["phase"].tolist() == ["head", "head", "all", "all"]
    assert metrics_of(tmp_path / "resumed") == metrics_of(tmp_path / "whole")
    assert same_weights(whole, resumed)


def write_base_model(folder: Path) -> Path:
    """Write what a training reads of a model package; the LiteRT file is not read."""
    from fer_core.models.architectures import build_network
    from fer_core.models.package import KERAS_FILE, LITERT_FILE, write_info

    folder.mkdir()
    network = build_network("small", num_classes=7, input_size=48, channels=1)
    network.save(folder / KERAS_FILE)
    (folder / LITERT_FILE).touch()
    write_info(make_info(network, architecture="small"), folder)
    return folder


@pytest.mark.slow
def test_every_epoch_is_written_down(dataset: Dataset, tmp_path: Path) -> None:
    reporter = StoppingReporter()
    network = fit(dataset, replace(CONFIG, epochs=1), tmp_path / "run", reporter)
    history, (record,), watched = (read(tmp_path / "run") for read in (read_history, read_epochs, read_watched))
    assert history.notna().all(axis=None)
    assert history.loc[0, "phase"] == "all"
    confusion = np.array(record.confusion)
    assert confusion.sum() == reporter.details["num_validation"] == 7
    assert history.loc[0, "val_accuracy"] == pytest.approx(confusion.trace() / 7, abs=1e-5)
    assert watched is not None
    faces = dataset.index.images[watched.image_ids].astype(np.float32)
    assert np.allclose(network.predict_on_batch(faces), record.faces, atol=1e-4)
    assert sorted(watched.labels) == sorted(watched.class_names)  # one of each class
    assert not [*(tmp_path / "run").rglob("epoch-*")]


@pytest.mark.slow
def test_a_stop_before_the_first_epochs_end_leaves_no_model(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(Cancelled, match="no model yet"):
        fit(dataset, CONFIG, tmp_path / "run", StoppingReporter(2))
    network = fit(dataset, replace(CONFIG, epochs=1), tmp_path / "run", resume=True)  # begins anew
    assert network.count_params() > 0
    assert read_history(tmp_path / "run")["epoch"].tolist() == [1]


@pytest.mark.slow
def test_weights_that_become_infinite_end_the_fit_with_a_sentence(dataset: Dataset, tmp_path: Path) -> None:
    # The weights grow ninefold in each of 32 steps: their squares, batch norm's variances, leave float32.
    exploding = {"learning_rate": 10.0, "weight_decay": 1.0, "schedule": "constant", "warm_up_epochs": 0}
    with pytest.raises(TrainingError, match=r"infinite in epoch 1.*smaller learning rate"):
        fit(dataset, replace(CONFIG, batch_size=2, **exploding), tmp_path / "run")
    assert read_history(tmp_path / "run").empty
