"""`models evaluate` and `models robustness`: the contract's keys, predictions in and out, and what is refused."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.models.package import ModelPackage

CONTRACT = {
    "num_images", "accuracy", "accuracy_ci", "balanced_accuracy", "macro_f1", "ece", "brier", "nll", "per_class",
    "confusion", "class_names", "without_leaks",
}  # fmt: skip


@pytest.fixture
def home(tiny_package: ModelPackage, fer_home: Path, tmp_path: Path) -> Path:
    """A home with the model `tiny` and the dataset `small`."""
    shutil.copytree(tiny_package.folder, fer_home / "models" / "tiny")
    write_drawn_faces(tmp_path / "drawn", num_train=14, num_test=14)
    add_dataset(tmp_path / "drawn", name="small")
    return fer_home


def test_figures_can_be_computed_again_from_the_saved_predictions(run, home: Path, tmp_path: Path) -> None:
    arguments = ["--dataset", "small", "--split", "test"]
    code, out, _ = run(
        "models", "evaluate", "tiny", *arguments, "--json", tmp_path / "a.json", "--views", "one",
        "--save-predictions", tmp_path / "saved.csv",
    )  # fmt: skip
    assert code == 0
    assert "accuracy" in out
    report = json.loads((tmp_path / "a.json").read_text())
    assert set(report) >= CONTRACT
    saved = pd.read_csv(tmp_path / "saved.csv")
    assert (saved["label"] == saved["predicted"]).mean() == pytest.approx(report["accuracy"])
    assert len(saved) == report["num_images"] == 14
    own = saved[~saved["leaked"]]
    assert report["without_leaks"]["num_images"] == len(own)

    code, _, _ = run(
        "models", "evaluate", "--predictions", tmp_path / "saved.csv", *arguments, "--json", tmp_path / "b.json"
    )
    again = json.loads((tmp_path / "b.json").read_text())
    assert code == 0
    assert set(again) >= CONTRACT
    for name in ("accuracy", "macro_f1", "ece", "nll", "macro_f1_ci"):
        assert again[name] == pytest.approx(report[name], abs=1e-5)


def test_a_map_leaves_labels_out(run, home: Path, tmp_path: Path) -> None:
    code, _, _ = run(
        "models", "evaluate", "tiny", "--dataset", "small", "--split", "test", "--views", "one",
        "--json", tmp_path / "a.json", "--map", "fear=surprise,disgust=",
    )  # fmt: skip
    support = {row["class_name"]: row["support"] for row in json.loads((tmp_path / "a.json").read_text())["per_class"]}
    assert code == 0
    assert (support["surprise"], support["fear"], support["disgust"]) == (4, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [([], 2), (["tiny", "--predictions", "x.csv"], 2), (["nobody"], 1), (["--predictions", "nowhere.csv"], 1)],
    ids=["nothing", "both", "no-such-model", "no-such-file"],
)
def test_a_wrong_subject_is_refused(run, home: Path, tmp_path: Path, arguments: list[str], code: int) -> None:
    received, _, err = run(
        "models", "evaluate", *arguments, "--dataset", "small", "--split", "test", "--json", tmp_path / "a.json"
    )
    assert received == code
    assert err
    assert not (tmp_path / "a.json").exists()


def test_robustness_is_a_table_and_a_file(run, home: Path, tmp_path: Path) -> None:
    code, out, _ = run(
        "models", "robustness", "tiny", "--dataset", "small", "--split", "test", "--json", tmp_path / "r.json",
        "--num-images", "7",
    )  # fmt: skip
    report = json.loads((tmp_path / "r.json").read_text())
    assert code == 0
    assert (report["num_images"], report["dataset"]) == (7, "small")
    assert "occlusion" in out
    assert not list(home.glob("evaluations/*"))  # too few faces to stand for the usual sample
