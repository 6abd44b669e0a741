import json
from pathlib import Path
from typing import Any

import pytest

from fer_core.errors import DatasetError, TrainingError
from fer_core.jobs import JobReporter, JobStatus
from fer_core.training import TrainConfig
from fer_core.training.runs.epoch_records import read_hardware, read_history
from fer_core.training.runs.run import CONFIG_NAME, MODEL_FOLDER, Run
from tests.training.fitting.fits import add_drawn_faces

CONFIG = TrainConfig(
    "faces", architecture="small", batch_size=16, learning_rate=0.02, epochs=2, crop_low=0.5, crop_high=0.5
)


@pytest.fixture
def folder(fer_home: Path, tmp_path: Path) -> Path:
    """The folder of a run that is to train two epochs on drawn faces."""
    add_drawn_faces(tmp_path, num_test=7)
    folder = fer_home / "runs" / "run"
    folder.mkdir(parents=True)
    (folder / CONFIG_NAME).write_text(json.dumps(CONFIG.to_dict()), encoding="utf-8")
    return folder


class StopInPhase(JobReporter):
    """Somebody asks to stop as soon as a phase begins."""

    phase = ""

    def update(self, **details: Any) -> None:
        super().update(**details)
        if details.get("phase") == self.phase:
            self.request_cancel()


def train(folder: Path, *, stop_in: str = "", resume: bool = False) -> dict[str, Any]:
    from fer_core.training.trainer import train_job

    reporter = StopInPhase(folder, JobStatus("running", "Training"))
    reporter.phase = stop_in
    train_job(reporter=reporter, run_folder=str(folder), resume=resume)
    return dict(reporter.status.details)


def last_state(folder: Path) -> str:
    return str(json.loads((folder / "record.json").read_text(encoding="utf-8"))["sessions"][-1]["state"])


@pytest.mark.slow
def test_the_test_split_is_read_once_at_the_end(folder: Path) -> None:
    details = train(folder)
    assert details["phase"] == "reading the test split"
    assert {"best_epoch", "best_score", "best_val_accuracy", "num_train", "num_validation", "device"} <= details.keys()
    reports = json.loads((folder / "test.json").read_text(encoding="utf-8"))
    assert {views: report["num_images"] for views, report in reports.items()} == {"one": 7, "all": 7}
    assert reports["all"]["split"] == "test"
    assert last_state(folder) == "completed"
    assert len(read_hardware(folder)) >= 1
    with pytest.raises(TrainingError, match=r"is finished: it trained 2 epochs"):
        train(folder, resume=True)


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["saving the model", "reading the test split"])
def test_a_stop_after_the_last_epoch_keeps_the_model_and_reads_no_test(folder: Path, phase: str) -> None:
    train(folder, stop_in=phase)
    package = Run("run", folder).model
    assert package is not None
    assert not (folder / "test.json").exists()
    assert last_state(folder) == "stopped"
    train(folder, resume=True)
    assert (folder / "test.json").exists()
    assert last_state(folder) == "completed"
    assert [*read_history(folder)["epoch"]] == [1, 2]
    assert [path.name for path in folder.glob(f"*{MODEL_FOLDER}*")] == [MODEL_FOLDER]


def test_a_dataset_that_vanished_says_so(folder: Path, fer_home: Path) -> None:
    (folder / CONFIG_NAME).write_text(json.dumps(CONFIG.to_dict() | {"dataset": "gone"}), encoding="utf-8")
    with pytest.raises(DatasetError, match="There is no dataset 'gone'"):
        train(folder)
