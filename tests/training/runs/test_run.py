import time
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.corrections.edits import exclude, relabel
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import DatasetError, TrainingError
from fer_core.models import find_model, load_classifier
from fer_core.training import TrainConfig, list_runs, open_run, remove_run, start_run, stop_run, train
from tests.dataset.pictures import write_class_folders

QUICK = {"architecture": "small", "batch_size": 16, "learning_rate": 0.02}


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "faces"
    write_drawn_faces(folder, num_train=140, num_test=21)
    return folder


@pytest.fixture
def dataset(fer_home: Path, faces: Path) -> str:
    return add_dataset(faces, name="faces").name


def wait_for(condition, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


@pytest.mark.slow
def test_a_training_leaves_a_record_and_a_model_of_its_name(dataset: str) -> None:
    states: list[str] = []
    run = train(TrainConfig(dataset, epochs=2, **QUICK), name="first", on_status=lambda s: states.append(s.state))
    assert states[-1] == run.status().state == "completed"
    assert [*run.history()["epoch"]] == [1, 2]
    assert run.history().notna().all(axis=None)
    package = find_model("first")
    assert package == run.model
    assert package.info.training_data["num_images"] == 126
    assert package.info.metrics["validation"]["num_images"] == 14
    assert load_classifier(package).predict(np.zeros((2, 48, 48, 1), np.uint8)).shape == (2, 7)


@pytest.mark.slow
def test_a_training_learns_from_the_corrected_view(dataset: str) -> None:
    opened = open_dataset(dataset)
    of_train = opened.index.select(split="train")["image_id"].tolist()
    exclude(opened, of_train[:40])
    relabel(opened, of_train[-3:], "fear")
    run = train(TrainConfig(dataset, epochs=1, **QUICK), name="corrected")
    assert run.model is not None
    learned_from = run.model.info.training_data
    assert learned_from["num_images"] + run.model.info.metrics["validation"]["num_images"] == 100
    assert learned_from["fingerprint"] == opened.view().fingerprint == run.status().details["fingerprint"]
    assert learned_from["num_relabelled"] in (0, 1, 2, 3)  # the others are in the validation part
    assert learned_from["without_leaks"] is False


def test_leaks_that_nobody_has_looked_for_leave_no_run(dataset: str) -> None:
    with pytest.raises(DatasetError, match="leaks"):
        start_run(TrainConfig(dataset, without_leaks=True))
    assert list_runs() == []


def test_what_cannot_start_leaves_no_run(dataset: str, fer_home: Path) -> None:
    with pytest.raises(DatasetError, match="There is no dataset 'nothing'"):
        train(TrainConfig("nothing"))
    with pytest.raises(TrainingError, match="cannot be a name"):
        train(TrainConfig(dataset), name="../climb")
    with pytest.raises(TrainingError, match="comes along"):
        train(TrainConfig(dataset), name="default")
    assert list_runs() == []
    assert not [*fer_home.glob("runs/*")]


def test_a_training_that_fails_says_why_in_its_record(fer_home: Path, tmp_path: Path) -> None:
    add_dataset(write_class_folders(tmp_path / "faces", ["test/happy", "test/sad"]), name="untrainable")
    with pytest.raises(DatasetError, match="no train split"):
        train(TrainConfig("untrainable"), name="failing")
    status = open_run("failing").status()
    assert status.state == "failed"
    assert "no train split" in (status.error or "")
    assert open_run("failing").model is None


@pytest.mark.slow
def test_a_stopped_process_keeps_the_best_model(dataset: str) -> None:
    run = start_run(TrainConfig(dataset, epochs=5000, **QUICK))
    wait_for(lambda: len(run.history()) > 1 or not run.status().is_live)
    with pytest.raises(TrainingError, match="still at work"):
        remove_run(run.name)
    stop_run(run.name)
    wait_for(lambda: not run.status().is_live)
    assert run.status().state == "stopped", run.log_tail()
    assert run.model is not None
    best = run.history()["val_accuracy"].max()
    assert run.status().details["best_val_accuracy"] == pytest.approx(best, abs=1e-4)
    remove_run(run.name)
    assert list_runs() == []
