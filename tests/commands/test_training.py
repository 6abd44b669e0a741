import json
from pathlib import Path

import pandas as pd


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
