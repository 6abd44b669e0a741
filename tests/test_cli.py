import json
import re
from pathlib import Path

import pandas as pd
import pytest

from fer_core.cli import main
from fer_core.dataset.drawn import write_drawn_faces
from fer_core.models.package import ModelPackage


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "faces"
    write_drawn_faces(folder, num_train=70, num_test=21)
    return folder


@pytest.fixture
def run(fer_home: Path, capsys: pytest.CaptureFixture[str]):
    """Run one command; returns exit code, standard output and standard error."""

    def run_(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_


def test_a_dataset_comes_is_shown_and_goes(run, faces: Path) -> None:
    code, out, _ = run("dataset", "add", faces, "--name", "mine")
    assert (code, out.splitlines()[-1]) == (0, "mine")
    assert "mine" in run("dataset", "list")[1]
    shown = run("dataset", "show", "mine")[1]
    assert re.search(r"happy +10 +3", shown)
    assert run("dataset", "remove", "mine")[0] == 0
    code, out, err = run("dataset", "list")
    assert (code, out) == (0, "")
    assert "dataset add drawn" in err


def test_training_prints_the_runs_name_and_the_model_can_be_measured_and_used(run, faces: Path, tmp_path: Path) -> None:
    run("dataset", "add", faces, "--name", "mine")
    options = ("--architecture", "small", "--epochs", "1", "--batch-size", "16", "--learning-rate", "0.01")
    code, out, _ = run("train", "--dataset", "mine", "--name", "mine-1", *options, "--seed", "3")
    assert (code, out.splitlines()[-1]) == (0, "mine-1")
    assert "completed" in run("runs", "list")[1]
    assert "val_accuracy" in run("runs", "show", "mine-1")[1]
    assert "mine-1" in run("models", "list")[1]
    assert "apparent expression" in run("models", "show", "mine-1")[1]

    report_file = tmp_path / "report.json"
    assert run("models", "evaluate", "mine-1", "--dataset", "mine", "--split", "test", "--json", report_file)[0] == 0
    report = json.loads(report_file.read_text())
    assert {"num_images", "accuracy", "macro_f1", "per_class", "confusion", "class_names"} <= report.keys()
    assert report["num_images"] == sum(map(sum, report["confusion"])) == 21

    out_file = tmp_path / "faces.csv"
    pictures = faces / "test"
    assert run("predict", pictures, "--out", out_file, "--faces", "whole", "--model", "mine-1")[0] == 0
    table = pd.read_csv(out_file)
    assert len(table) == 21
    assert table["image"].str.startswith(str(pictures)).all()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("dataset",),
        ("dataset", "report", "x"),
        ("train",),
        ("train", "--dataset", "x", "--preset", "good"),
        ("train", "--dataset", "x", "--epochs", "many"),
        ("train", "--dataset", "x", "--architecture", "unknown"),
        ("runs", "resume", "x"),
        ("storage", "list"),
        ("predict", "x.png"),
        ("predict", "x.png", "--out", "x.csv", "--views", "three"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(run, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "usage: python -m fer_core" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dataset", "add", "nowhere.zip"), "There is no file or folder"),
        (("dataset", "show", "nothing"), "There is no dataset"),
        (("train", "--dataset", "nothing"), "There is no dataset"),
        (("train", "--dataset", "nothing", "--epochs", "0"), "epochs is 0"),
        (("runs", "show", "nothing"), "There is no run"),
        (("runs", "stop", "nothing"), "There is no run"),
        (("models", "show", "nothing"), "nothing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_exits_with_1_and_a_sentence(run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert said in err.replace("\n", " ")


def test_predict_lists_broken_files_and_goes_on(run, faces: Path, tmp_path: Path, tiny_package: ModelPackage) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    good = next((faces / "test").rglob("*.png"))
    out = tmp_path / "out.csv"
    options = ("--out", out, "--faces", "whole", "--model", tiny_package.folder, "--views", "one")
    assert run("predict", good, broken, *options)[0] == 0
    assert list(pd.read_csv(out)["image"]) == [str(good)]
    assert list(pd.read_csv(f"{out}.errors.csv")["image"]) == [str(broken)]
    assert run("predict", broken, *options)[0] == 1
