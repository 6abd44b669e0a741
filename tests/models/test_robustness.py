"""The table of robustness: every strength once, against the same faces undamaged, and kept by what decides it."""

from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset import DatasetIndex, add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import Cancelled
from fer_core.evaluation.counterfactuals import COUNTERFACTUALS
from fer_core.evaluation.degradations import DEGRADATIONS
from fer_core.jobs import run_here
from fer_core.labels import EXPRESSIONS
from fer_core.models.classifier import load_classifier
from fer_core.models.package import ModelPackage
from fer_core.models.robustness import measure_robustness, read_cached_robustness
from tests.models.networks import make_faces


@pytest.fixture
def index(tiny_package: ModelPackage) -> DatasetIndex:
    """Faces whose labels are what the model says of them undamaged."""
    faces = make_faces(20)
    answers = load_classifier(tiny_package).predict(faces, "one").argmax(axis=1)
    table = pd.DataFrame({"image_id": range(20), "label": [EXPRESSIONS[number] for number in answers]})
    table["split"], table["readable"] = "test", True
    table["path"] = table["digest"] = [f"{number:032x}" for number in range(20)]
    return DatasetIndex(table, faces)


def test_drops_are_against_the_same_faces_undamaged(tiny_package: ModelPackage, index: DatasetIndex) -> None:
    seen = []
    report = measure_robustness(tiny_package, index, "test", on_progress=lambda *now: seen.append(now))
    assert report["accuracy"] == 1.0
    assert len(report["rows"]) == sum(len(kind.strengths) for kind in DEGRADATIONS.values())
    for row in report["rows"]:
        assert row["drop"] == pytest.approx(1 - row["accuracy"])
        assert row["flipped"] == pytest.approx(1 - row["accuracy"])  # undamaged, all are right
        assert row["accuracy_ci"][0] <= row["accuracy"] <= row["accuracy_ci"][1]
    assert min(row["accuracy"] for row in report["rows"]) < 1
    assert seen[-1] == (20 * 51, 20 * 51)
    changes = report["counterfactuals"]["rows"]
    assert [row["kind"] for row in changes] == list(COUNTERFACTUALS)
    for row in changes:
        assert row["flipped"] == pytest.approx(1 - row["accuracy"])
        assert sum(flip["num_images"] for flip in row["flips"]) == round(20 * row["flipped"])
        assert all(flip["from"] != flip["to"] for flip in row["flips"])
        assert row["flipped_ci"][0] <= row["flipped"] <= row["flipped_ci"][1]


def test_a_sample_is_decided_by_the_seed(tiny_package: ModelPackage, index: DatasetIndex) -> None:
    first, again = (measure_robustness(tiny_package, index, "test", num_images=5, seed=1) for _ in range(2))
    assert first["num_images"] == 5
    assert first["rows"] == again["rows"]


def test_a_job_keeps_its_table(tiny_package: ModelPackage, fer_home: Path, tmp_path: Path) -> None:
    write_drawn_faces(tmp_path / "drawn", num_train=7, num_test=14)
    dataset = add_dataset(tmp_path / "drawn", name="drawn")
    assert read_cached_robustness(tiny_package, dataset, "test") is None
    arguments = {"model": str(tiny_package.folder), "dataset": "drawn", "split": "test"}
    report = run_here(
        fer_home / "jobs" / "job", "fer_core.models.robustness:robustness_job", arguments, title="Damaging"
    )
    assert report is not None
    assert read_cached_robustness(tiny_package, dataset, "test") == report
    assert read_cached_robustness(tiny_package, dataset, "test", seed=1) is None
    label_map = {"sad": "", "fear": "happy"}
    job = fer_home / "jobs" / "renamed"
    run_here(job, "fer_core.models.robustness:robustness_job", arguments | {"label_map": label_map}, title="Damaging")
    index = dataset.view().with_labels(label_map)
    renamed = read_cached_robustness(tiny_package, dataset, "test", index=index)
    assert renamed is not None
    assert renamed["num_images"] == 12
    assert read_cached_robustness(tiny_package, dataset, "test") == report


def test_it_can_be_stopped(tiny_package: ModelPackage, index: DatasetIndex) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        measure_robustness(tiny_package, index, "test", on_progress=stop)
