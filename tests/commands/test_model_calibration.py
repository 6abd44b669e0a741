"""`models calibrate` notes on a run's model what its own validation images say, and refuses other images."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.models.calibrated_info import selective_curve
from fer_core.models.package import ModelPackage, write_info
from fer_core.training import TrainConfig, open_run


@pytest.fixture
def trained(tiny_package: ModelPackage, fer_home: Path, tmp_path: Path) -> Path:
    """The folder of a run that ended with the untrained model `tiny`."""
    write_drawn_faces(tmp_path / "drawn", num_train=70, num_test=7)
    index = add_dataset(tmp_path / "drawn", name="small").index
    folder = fer_home / "runs" / "mine"
    shutil.copytree(tiny_package.folder, folder / "model")
    (folder / "config.json").write_text(json.dumps(TrainConfig("small").to_dict()))
    data = {"dataset": "small", "fingerprint": index.fingerprint, "num_images": 63}
    write_info(replace(tiny_package.info, training_data=data), folder / "model")
    return folder


def test_a_model_from_before_gets_its_curve(run, trained: Path) -> None:
    code, out, err = run("models", "calibrate", "mine")
    assert code == 0, err
    assert "views one: temperature" in out
    package = open_run("mine").model
    assert package is not None
    assert len(selective_curve(package.info, "all")) == 101
    assert package.info.metrics["validation"]["num_images"] == 7


def test_a_dataset_that_changed_is_refused(run, trained: Path) -> None:
    before = (trained / "model" / "model.json").read_text()
    exclude(open_dataset("small"), [0])
    code, _, err = run("models", "calibrate", "mine")
    assert code == 1
    assert "has changed since" in " ".join(err.split())
    assert (trained / "model" / "model.json").read_text() == before


def test_a_run_without_a_model_is_told(run, trained: Path) -> None:
    shutil.rmtree(trained / "model")
    code, _, err = run("models", "calibrate", "mine")
    assert (code, "has no model yet" in " ".join(err.split())) == (1, True)
