import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.errors import TrainingError
from fer_core.jobs.folder import write_json
from fer_core.models.package import ModelPackage, read_package, write_info
from fer_core.training.learned_images import record_learned_images, refuse_other_images, unseen_images
from fer_core.training.runs.run import STATE_NAME
from tests.dataset.pictures import write_class_folders

PLACES = ["train/happy", "train/sad", "test/happy", "test/sad"]  # three pictures each


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    return add_dataset(write_class_folders(tmp_path / "faces", PLACES), name="faces")


def _package(tiny_package: ModelPackage, folder: Path, **training_data: object) -> ModelPackage:
    shutil.copytree(tiny_package.folder, folder)
    data = {"dataset": "faces", "fingerprint": "1" * 64, "num_images": 4} | training_data
    write_info(replace(tiny_package.info, training_data=data), folder)
    return read_package(folder)


def _rows(dataset: Dataset, split: str) -> list[int]:
    return dataset.index.select(split=split)["image_id"].tolist()


def test_the_record_of_a_training_is_exact(tiny_package: ModelPackage, dataset: Dataset, fer_home: Path) -> None:
    package = _package(tiny_package, fer_home / "runs" / "first" / "model")
    train = _rows(dataset, "train")
    record_learned_images(package.folder.parent, dataset.index, np.array(train[:4]))
    unseen = unseen_images(package, dataset)
    assert unseen.image_ids.tolist() == sorted([*train[4:], *_rows(dataset, "test")])
    assert "recorded" in unseen.basis


def test_pictures_are_known_again_in_another_dataset(
    tiny_package: ModelPackage, dataset: Dataset, fer_home: Path, tmp_path: Path
) -> None:
    package = _package(tiny_package, fer_home / "runs" / "first" / "model")
    record_learned_images(package.folder.parent, dataset.index, np.array(_rows(dataset, "train")))
    again = add_dataset(write_class_folders(tmp_path / "again", [*PLACES, "train/fear"]), name="again")
    paths = again.index.table["path"].iloc[unseen_images(package, again).image_ids]
    assert {path.rpartition("/")[0] for path in paths} == {"test/happy", "test/sad", "train/fear"}


@pytest.mark.parametrize("known_by", ["name", "fingerprint"])
def test_without_a_record_the_whole_train_split_counts_as_learned(
    tiny_package: ModelPackage, dataset: Dataset, tmp_path: Path, known_by: str
) -> None:
    told = {"dataset": "faces"} if known_by == "name" else {"dataset": "x", "fingerprint": dataset.index.fingerprint}
    unseen = unseen_images(_package(tiny_package, tmp_path / "imported", **told), dataset)
    assert unseen.image_ids.tolist() == _rows(dataset, "test")
    assert "not recorded" in unseen.basis


def test_a_model_of_another_dataset_has_seen_nothing(
    tiny_package: ModelPackage, dataset: Dataset, tmp_path: Path
) -> None:
    exclude(dataset, [0])
    unseen = unseen_images(_package(tiny_package, tmp_path / "imported", dataset="elsewhere"), dataset)
    assert unseen.image_ids.tolist() == [*range(1, 12)]
    assert "another dataset" in unseen.basis


def test_a_run_does_not_go_on_with_other_pictures_of_its_dataset(dataset: Dataset, tmp_path: Path) -> None:
    index, rows = dataset.index, np.array(_rows(dataset, "train"))
    run_folder = tmp_path / "run"
    (run_folder / STATE_NAME).parent.mkdir(parents=True)
    record_learned_images(run_folder, index, rows)
    write_json(run_folder / "record.json", {"dataset": {"fingerprint": index.fingerprint}})
    refuse_other_images(run_folder, index, rows[:-1])  # no epoch has ended: it begins anew
    (run_folder / STATE_NAME).touch()
    refuse_other_images(run_folder, index, rows)
    with pytest.raises(TrainingError, match="duplicates"):
        refuse_other_images(run_folder, index, rows[:-1])
