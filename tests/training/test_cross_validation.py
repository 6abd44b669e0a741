from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.dataset.suspicious import examined_images, searches
from fer_core.errors import Cancelled
from fer_core.jobs import JobStatus, list_jobs, request_cancel, run_here
from fer_core.training import TrainConfig
from fer_core.training.cross_validation import OUT_OF_FOLD_NAME

TARGET = "fer_core.training.cross_validation:cross_validate_job"


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> str:
    write_drawn_faces(tmp_path / "faces", num_train=98, num_test=14)
    return add_dataset(tmp_path / "faces", name="faces").name


def _arguments(dataset: str) -> dict[str, object]:
    config = TrainConfig(dataset, architecture="small", epochs=1, batch_size=16, crop_low=0.5, augmentation="none")
    return {"config": config.to_dict(), "folds": 2}


@pytest.mark.slow
def test_every_training_picture_is_judged_once_by_a_network_that_did_not_see_it(dataset: str, fer_home: Path) -> None:
    states: list[JobStatus] = []
    result = run_here(fer_home / "jobs" / "folds", TARGET, _arguments(dataset), title="Folds", on_status=states.append)
    opened = open_dataset(dataset)
    train = opened.index.select(split="train")["image_id"].tolist()
    kept = pd.read_parquet(opened.audit_folder / OUT_OF_FOLD_NAME)
    assert kept["image_id"].tolist() == train == examined_images(opened).tolist()
    assert kept["fold"].value_counts().tolist() == [49, 49]
    probabilities = kept[[f"p_{name}" for name in opened.index.class_names]]
    assert (probabilities.sum(axis=1) - 1).abs().max() < 1e-3
    assert result is not None
    assert result["num_examined"] == 98
    assert "2 networks" in searches(opened)[0].source
    assert states[-1].details["fold"] == 2
    assert (states[-1].done, states[-1].message[:11]) == (states[-1].total, "Part 2 of 2")
    assert not (fer_home / "jobs" / "folds" / "folds").exists()


@pytest.mark.slow
def test_a_stopped_job_leaves_nothing(dataset: str, fer_home: Path) -> None:
    folder = fer_home / "jobs" / "folds"

    def stop(status: JobStatus) -> None:
        if status.done:
            request_cancel(folder)

    with pytest.raises(Cancelled):
        run_here(folder, TARGET, _arguments(dataset), title="Folds", on_status=stop)
    assert [status.state for _, status in list_jobs(fer_home / "jobs")] == ["stopped"]
    assert searches(open_dataset(dataset)) == []
    assert [*fer_home.rglob("*.h5"), *fer_home.rglob(OUT_OF_FOLD_NAME)] == []
