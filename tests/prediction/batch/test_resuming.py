"""A batch that was interrupted, however rudely, goes on and ends with the table it would have made at once."""

import json
import os
import signal
import subprocess
import sys
import time

import filelock
import pandas as pd
import pytest

from fer_core.errors import Cancelled, SettingsError
from fer_core.faces import FaceDetector
from fer_core.prediction import Predictor
from fer_core.prediction.batch import BatchSettings, errors_file, write_predictions
from fer_core.prediction.batch.journal import Journal, unfinished_folder
from tests.prediction.batch.conftest import ONE
from tests.prediction.stand_ins import BrightnessClassifier
from tests.source_tree import PROJECT


@pytest.fixture
def whole(predictor, photos, tmp_path):
    """What an uninterrupted batch writes: table and errors."""
    (tmp_path / "whole").mkdir()
    return written(predictor, tmp_path / "whole" / "results.csv")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "results.csv"


def written(predictor, out):
    write_predictions(predictor, ["photos"], out)
    return out.read_bytes(), errors_file(out).read_bytes()


def interrupt(predictor, out, after, **options):
    def on_progress(done, total):
        if done == after:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        write_predictions(predictor, ["photos"], out, on_progress=on_progress, **options)


class Counting(Predictor):
    """Remembers the names of what it read."""

    def __init__(self, **info):
        super().__init__(BrightnessClassifier(**info), FaceDetector())
        self.names = []

    def predict(self, *arguments, name=None, **options):
        self.names.append(name)
        return super().predict(*arguments, name=name, **options)


@pytest.mark.parametrize("after", [1, 3, 5])
def test_resumed_table_is_that_of_one_go_and_nothing_is_read_twice(predictor, photos, out, whole, after):
    interrupt(predictor, out, after)
    counting = Counting()
    assert written(counting, out) == whole
    num_errors = 2 if after < 5 else 3  # what could not be read is tried again
    assert len(counting.names) <= 6 - after + num_errors
    assert not unfinished_folder(out).exists()


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_half_a_line_at_the_end_is_read_again(predictor, photos, out, whole, cut):
    interrupt(predictor, out, 5)
    journal = unfinished_folder(out) / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-cut])
    assert written(predictor, out) == whole


def test_a_journal_of_garbage_is_begun_anew(predictor, photos, out, whole):
    interrupt(predictor, out, 5)
    (unfinished_folder(out) / "journal.jsonl").write_bytes(b"\xff\x00" * 1000)
    assert written(predictor, out) == whole


def test_picture_that_changed_meanwhile_is_read_again(predictor, photos, out):
    interrupt(predictor, out, 6)
    os.utime(ONE, ns=(1, 1))
    counting = Counting()
    write_predictions(counting, ["photos"], out)
    assert ONE in counting.names


def test_picture_that_came_meanwhile_stands_in_its_place_and_one_that_went_is_gone(predictor, photos, out):
    interrupt(predictor, out, 6)
    (photos / "a.png").write_bytes((photos / "one.png").read_bytes())
    os.remove(ONE)
    write_predictions(predictor, ["photos"], out)
    images = pd.read_csv(out)["image"].tolist()
    assert images[0] == os.path.join("photos", "a.png")
    assert ONE not in images


@pytest.mark.parametrize(
    ("info", "settings"),
    [
        pytest.param({"name": "other"}, BatchSettings(), id="model"),
        pytest.param({}, BatchSettings("whole"), id="faces"),
        pytest.param({}, BatchSettings(views="one"), id="views"),
    ],
)
def test_what_other_settings_made_is_not_taken_up(predictor, photos, out, info, settings):
    interrupt(predictor, out, 6)
    counting = Counting(**info)
    assert write_predictions(counting, ["photos"], out, settings=settings).num_taken_up == 0
    assert len(counting.names) == 6


def test_two_batches_never_write_one_output_at_once(predictor, photos, out):
    unfinished_folder(out).mkdir()
    with (
        filelock.FileLock(unfinished_folder(out) / "lock"),
        pytest.raises(SettingsError, match="Another batch is writing"),
    ):
        write_predictions(predictor, ["photos"], out)
    write_predictions(predictor, ["photos"], out)


def test_journal_finds_what_it_was_told_last(tmp_path):
    journal = Journal(tmp_path / "journal", {"model": "a"})
    for rows in ([1], [2], []):
        journal.add("ünter.png", {"rows": rows})
    assert journal.find("ünter.png")["rows"] == []
    assert journal.find("other.png") is None
    journal.close()
    again = Journal(tmp_path / "journal", {"model": "a"})
    assert again.find("ünter.png")["rows"] == []
    again.close()


@pytest.mark.slow
def test_killed_command_leaves_no_half_row_and_no_double_row(photos, tmp_path):
    for number in range(300):
        (photos / f"{number:03}.png").write_bytes((photos / "one.png").read_bytes())
    out = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "fer_core", "predict", "photos", "--out", str(out)]
    command += ["--views", "one"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    journal = unfinished_folder(out) / "journal.jsonl"
    for wanted in (20, 60):
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 300
        while not (journal.exists() and journal.read_bytes().count(b"\n") > wanted) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.wait()
        assert not out.exists()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "had been read before the interruption" in done.stderr
    images = [json.loads(line)["image"] for line in out.read_text("utf-8").splitlines()]
    assert len(images) == 303
    assert len(set(images)) == 302  # one picture has two faces
    assert images == sorted(images, key=lambda image: (image.count(os.sep), image))
