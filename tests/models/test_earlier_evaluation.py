"""A report outlives a corrected label until the split is measured again, and no other change."""

import shutil
from pathlib import Path

import pytest

from fer_core.dataset import Dataset, add_dataset, open_dataset
from fer_core.dataset.corrections.edits import exclude, relabel
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import run_here
from fer_core.models.assessment import read_cached_evaluation
from fer_core.models.earlier_evaluation import num_corrected, read_earlier_evaluation
from fer_core.models.package import ModelPackage


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    write_drawn_faces(tmp_path / "drawn", num_train=7, num_test=14)
    return add_dataset(tmp_path / "drawn", name="drawn")


def _evaluate(package: ModelPackage, home: Path, job: str = "job") -> None:
    arguments = {"model": str(package.folder), "dataset": "drawn", "split": "test", "views": "one"}
    run_here(home / "jobs" / job, "fer_core.models.assessment:evaluate_job", arguments, title="Evaluating")


def test_corrections_leave_the_report_of_before(tiny_package: ModelPackage, fer_home: Path, dataset: Dataset) -> None:
    assert read_earlier_evaluation(tiny_package, dataset, "test", "one", index=dataset.view()) is None
    _evaluate(tiny_package, fer_home)
    before = read_cached_evaluation(tiny_package, dataset, "test", "one")
    rows = dataset.view().select(split="test")
    exclude(dataset, [int(rows["image_id"].iloc[0])])
    other = "sad" if rows["label"].iloc[1] != "sad" else "happy"
    relabel(dataset, [int(rows["image_id"].iloc[1])], other)
    assert read_cached_evaluation(tiny_package, dataset, "test", "one") is None
    found = read_earlier_evaluation(tiny_package, dataset, "test", "one", index=dataset.view())
    assert found is not None
    report, table = found
    assert report == before
    assert (table["label"] == table["predicted"]).mean() == pytest.approx(report["accuracy"])
    assert num_corrected(table, dataset.view()) == 2
    assert num_corrected(table, dataset.index) == 0
    assert read_earlier_evaluation(tiny_package, dataset, "test", "all", index=dataset.view()) is None
    assert read_earlier_evaluation(tiny_package, dataset, "train", "one", index=dataset.view()) is None


def test_other_pictures_under_the_same_name_are_not_meant(
    tiny_package: ModelPackage, fer_home: Path, dataset: Dataset, tmp_path: Path
) -> None:
    _evaluate(tiny_package, fer_home)
    shutil.rmtree(dataset.folder)
    write_drawn_faces(tmp_path / "more", num_train=7, num_test=14, seed=5)
    add_dataset(tmp_path / "more", name="drawn")
    again = open_dataset("drawn")
    assert read_earlier_evaluation(tiny_package, again, "test", "one", index=again.view()) is None


def test_labels_under_a_map_count_as_they_were_scored(
    tiny_package: ModelPackage, fer_home: Path, dataset: Dataset
) -> None:
    _evaluate(tiny_package, fer_home)
    found = read_earlier_evaluation(tiny_package, dataset, "test", "one", index=dataset.view())
    assert found is not None
    _, table = found
    renamed = table.assign(label=table["label"].replace("happy", "sad"))
    assert num_corrected(renamed, dataset.view(), {"happy": "sad"}) == 0
