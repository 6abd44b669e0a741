"""A run that is stopped on one computer goes on on another as if it had never been interrupted."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from fer_core.dataset import add_dataset, remove_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.storage import transfer
from fer_core.training import open_run
from tests.source_tree import PROJECT

SETTINGS = (
    "--architecture small --epochs 3 --batch-size 14 --seed 3 --augmentation light --precision float32 --deterministic"
)
NUMBERS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
# Trains in this process and asks it to stop after the first epoch, as Ctrl-C would.
STOPPED = """
import os, signal, sys, threading, time
from fer_core.cli import main
from fer_core.training.runs.epoch_records import read_history
from pathlib import Path

folder = Path(os.environ["FER_HOME"]) / "runs" / "moved"

def stop():
    while len(read_history(folder)) < 1:
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=stop, name="stopper", daemon=True).start()
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def change_home(tmp_path, monkeypatch):
    def change(name):
        monkeypatch.setenv("FER_HOME", str(tmp_path / name))
        return tmp_path / name

    return change


def command(*words, script=None):
    start = ["-c", script] if script else ["-m", "fer_core"]
    answer = subprocess.run(
        [sys.executable, *start, *words],
        cwd=PROJECT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    return answer.stdout


@pytest.mark.slow
def test_a_run_moves_and_goes_on_as_if_uninterrupted(change_home, tmp_path):
    """Its dataset is there by another name: the fingerprint tells that it is the same."""
    write_drawn_faces(tmp_path / "faces", num_train=42, num_test=7)
    one = change_home("one")
    fingerprint = add_dataset(tmp_path / "faces", name="faces").index.fingerprint
    train = ["train", "--dataset", "faces", *SETTINGS.split()]
    command(*train, "--name", "whole")
    command(*train, "--name", "moved", script=STOPPED)
    assert 1 <= len(open_run("moved").history()) < 3
    place = str(tmp_path / "place")
    assert transfer("push", place).failed == {}

    change_home("two")
    assert "cannot go on yet" in transfer("pull", place, ["moved"]).moved[0].notes[0]
    assert add_dataset(tmp_path / "faces", name="renamed").index.fingerprint == fingerprint
    notes = [moved.notes for moved in transfer("pull", place, only="runs").moved]
    assert ["here as 'renamed'" in note for (note,) in notes] == [True, True]
    assert open_run("moved").can_resume
    command("runs", "resume", "moved")
    resumed, whole = open_run("moved"), open_run("whole")
    assert resumed.status().state == "completed"
    assert resumed.record()["dataset"]["name"] == "renamed"
    assert str(one) not in (resumed.folder / "job.json").read_text()
    assert len(resumed.history()) == 3
    np.testing.assert_array_equal(resumed.history()[NUMBERS], whole.history()[NUMBERS])


def test_a_run_whose_dataset_is_gone_says_which(change_home, tmp_path):
    from fer_core.errors import DatasetError
    from fer_core.training.runs.moved_data import find_data_of
    from fer_core.training.runs.run import Run

    home = change_home("one")
    write_drawn_faces(tmp_path / "faces", num_train=14, num_test=7)
    dataset = add_dataset(tmp_path / "faces", name="first")
    folder = home / "runs" / "r"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"dataset": "first"}))
    (folder / "record.json").write_text(json.dumps({"dataset": {"fingerprint": dataset.index.fingerprint}}))
    assert find_data_of(Run("r", folder)).name == "first"
    add_dataset(tmp_path / "faces", name="second")
    remove_dataset("first")
    assert find_data_of(Run("r", folder)).name == "second"
    remove_dataset("second")
    with pytest.raises(DatasetError, match=r"'first'.*storage pull"):
        find_data_of(Run("r", folder))
