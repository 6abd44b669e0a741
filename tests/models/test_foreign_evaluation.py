"""Somebody else's predictions are kept by their content, measured once, and told apart from other questions."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import ModelError
from fer_core.jobs import run_here
from fer_core.labels import EXPRESSIONS
from fer_core.models.foreign_evaluation import (
    PredictionsFile,
    keep_predictions_file,
    list_predictions_files,
    read_foreign_evaluation,
    remove_predictions_file,
)


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    write_drawn_faces(tmp_path / "drawn", num_train=7, num_test=14)
    return add_dataset(tmp_path / "drawn", name="drawn")


@pytest.fixture
def content(dataset: Dataset) -> bytes:
    """Predictions for all test pictures but the first two, drawn at random."""
    rows = dataset.view().select(split="test").iloc[2:]
    y_prob = np.random.default_rng(1).dirichlet(np.ones(7), len(rows))
    table = pd.DataFrame(y_prob, columns=[f"p_{name}" for name in EXPRESSIONS])
    return table.assign(path=rows["path"].to_numpy()).to_csv(index=False).encode()


def _evaluate(home: Path, file: PredictionsFile, **more: object) -> dict[str, object] | None:
    arguments = {"predictions": str(file.path), "dataset": "drawn", "split": "test", **more}
    target = "fer_core.models.foreign_evaluation:evaluate_predictions_job"
    return run_here(home / "jobs" / "job", target, arguments, title="Comparing")


def test_a_report_is_kept_with_its_predictions_until_the_labels_change(
    fer_home: Path, dataset: Dataset, content: bytes
) -> None:
    file = keep_predictions_file("peer.csv", content)
    assert read_foreign_evaluation(file, dataset, "test", index=dataset.view()) is None
    made = _evaluate(fer_home, file)
    found = read_foreign_evaluation(file, dataset, "test", index=dataset.view())
    assert found is not None
    report, table = found
    assert report == json.loads(json.dumps(made))
    assert (report["num_images"], report["num_missing"]) == (12, 2)
    assert report["accuracy"] == pytest.approx((table["label"] == table["predicted"]).mean())
    assert read_foreign_evaluation(file, dataset, "test", index=dataset.view(), label_map={"sad": ""}) is None
    exclude(dataset, [int(table["image_id"].iloc[0])])
    assert read_foreign_evaluation(file, dataset, "test", index=dataset.view()) is None


def test_a_label_map_leaves_pictures_out(fer_home: Path, dataset: Dataset, content: bytes) -> None:
    file = keep_predictions_file("peer.csv", content)
    report = _evaluate(fer_home, file, label_map={"sad": "", "fear": "surprise"})
    assert report is not None
    support = {row["class_name"]: row["support"] for row in report["per_class"]}
    assert (support["sad"], support["fear"], support["surprise"]) == (0, 0, 4)


def test_the_same_content_is_kept_once_under_its_last_name(fer_home: Path, content: bytes) -> None:
    keep_predictions_file("peer.csv", content)
    keep_predictions_file("../../renamed", content)
    (file,) = list_predictions_files()
    assert (file.name, file.path.read_bytes()) == ("renamed.csv", content)
    assert file.path.is_relative_to(fer_home / "evaluations")
    remove_predictions_file(file)
    assert list_predictions_files() == []
    assert not file.path.parent.exists()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", b"", "cannot be read"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read"),
        ("a.parquet", b"path,p_happy\n", "cannot be read"),
        ("a.csv", b"path,score\nx.png,1\n", "Expected p_<class>"),
        ("a.csv", b"path,p_happy,p_sad\nx.png,3,4\n", "expected numbers from 0 to 1"),
        ("a.csv", b"path,p_happy,p_joy\nx.png,0.5,0.5\n", "mean one class"),
    ],
    ids=["empty", "binary", "no-parquet", "columns", "scores", "twice"],
)
def test_a_file_without_predictions_is_refused_and_not_kept(
    fer_home: Path, name: str, content: bytes, expected: str
) -> None:
    with pytest.raises(ModelError, match=expected):
        keep_predictions_file(name, content)
    assert list_predictions_files() == []
    assert not list(fer_home.rglob("a.*"))
