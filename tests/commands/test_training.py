import argparse
import json
import shlex
from pathlib import Path

import pandas as pd
import pytest

from fer_core.commands.training import add_train_command, asked_config
from fer_core.training import PRESETS, TrainConfig, with_preset
from tests.dataset.pictures import write_class_folders


def _asked(words: list[str]) -> TrainConfig:
    parser = argparse.ArgumentParser()
    add_train_command(parser.add_subparsers())
    return asked_config(parser.parse_args(words))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_sets_what_no_option_does(preset: str) -> None:
    words = ["train", "--dataset", "mine", "--preset", preset]
    assert _asked(words) == with_preset(preset, dataset="mine")
    words += ["--epochs", "3", "--weight-averaging", "0"]
    assert _asked(words) == with_preset(preset, dataset="mine", epochs=3, weight_averaging=0.0)


def test_every_setting_is_an_option() -> None:
    config = TrainConfig(
        "mine", "small", epochs=2, batch_size=8, learning_rate=0.2, augmentation="none", seed=4, validation_share=0.2,
        crop_low=0.9, crop_high=1.0, weight_decay=0.1, label_smoothing=0.0, precision="float32", without_leaks=True,
        optimizer="adamw", schedule="plateau", warm_up_epochs=1, loss="focal", class_weights=True, mixup=0.5,
        dropout=0.1, weight_averaging=0.9, selection_metric="val_loss", patience=2, from_model="a", head_epochs=1,
        fine_tune_factor=0.5, teacher="b", teacher_share=0.5, teacher_temperature=3.0, deterministic=True,
    )  # fmt: skip
    words = ["train"]
    for name, value in config.to_dict().items():
        option = "--select-by" if name == "selection_metric" else f"--{name.replace('_', '-')}"
        words += [option] if value is True else [option, str(value)]
    assert _asked(words) == config


def test_the_command_in_a_runs_record_starts_the_same_training() -> None:
    from fer_core.training.runs.record import equivalent_command  # loads Keras

    config = with_preset("best", dataset="my faces", selection_metric="val_macro_f1", class_weights=True)
    _, _, _, *words = shlex.split(equivalent_command(config, "again"))
    assert _asked(words) == config
    assert words[words.index("--name") + 1] == "again"


def test_leaving_out_leaks_of_one_split_is_told_to_be_needless(run, tmp_path: Path) -> None:
    run("dataset", "add", write_class_folders(tmp_path / "one", ["happy", "sad"]), "--name", "one")
    _, _, err = run("train", "--dataset", "one", "--without-leaks", "--validation-share", "0.01", "--name", "no/name")
    assert "one has one split only: no picture can recur in another" in err.replace("\n", " ")


@pytest.mark.slow
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
