import os
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer_core.errors import Cancelled, SettingsError
from fer_core.faces import FaceDetector
from fer_core.labels import EXPRESSIONS
from fer_core.prediction import Predictor
from fer_core.prediction.batch import BatchSettings, errors_file, predict_files, write_predictions
from tests.prediction.batch.conftest import BROKEN, ONE, TWO
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import portrait

COLUMNS = ["image", "face", "x1", "y1", "x2", "y2", "detection_score", "label", "confidence", "unsure"]
COLUMNS += [f"p_{name}" for name in EXPRESSIONS]
READ = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".jsonl": lambda path: pd.read_json(path, lines=True)}


def test_folders_are_walked_to_any_depth_and_broken_files_listed(predictor, photos):
    result = predict_files(predictor, ["photos"])
    assert list(result.frame.columns) == COLUMNS
    assert result.frame[["image", "face"]].values.tolist() == [[ONE, 1], [TWO, 1], [TWO, 2]]
    assert result.errors["image"].tolist() == BROKEN
    assert result.errors["error"].str.len().min() > 20
    assert result.num_pictures == 3  # the one without a face was read as well


@pytest.mark.parametrize("given", ["photos", "photos/", "./photos", "{absolute}"])
def test_image_column_is_the_path_as_given_joined_with_what_is_inside(predictor, photos, given):
    given = given.format(absolute=photos)
    frame = predict_files(predictor, [given]).frame
    assert frame["image"].iloc[0] == os.path.join(given, "one.png")
    assert all(Path(image).exists() for image in frame["image"])


def test_file_given_twice_counts_once_under_its_first_name(predictor, photos):
    result = predict_files(predictor, ["./photos/one.png", "photos", ONE, photos / "one.png"])
    assert result.frame["image"].tolist() == ["./photos/one.png", TWO, TWO]
    assert result.errors["image"].tolist() == BROKEN


def test_file_given_by_name_is_read_whatever_its_ending(predictor, photos):
    (photos / "one.png").rename(photos / "one.dat")
    assert len(predict_files(predictor, ["photos/one.dat"]).frame) == 1


def test_missing_file_and_folder_without_pictures_are_listed_with_what_to_do(predictor, tmp_path):
    (tmp_path / "bare").mkdir()
    result = predict_files(predictor, [tmp_path / "gone.jpg", tmp_path / "bare"])
    assert (len(result.frame), result.num_pictures) == (0, 0)
    reasons = dict(zip(result.errors["image"], result.errors["error"], strict=True))
    assert "does not exist" in reasons[str(tmp_path / "gone.jpg")]
    assert "holds no picture" in reasons[str(tmp_path / "bare")]


def test_whole_gives_one_row_a_picture(predictor, photos):
    frame = predict_files(predictor, ["photos"], settings=BatchSettings("whole")).frame
    assert frame["image"].tolist() == [os.path.join("photos", "no face.webp"), ONE, TWO]
    assert frame["face"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("faces", ["detect", "whole"])
@pytest.mark.parametrize("suffix", READ)
def test_every_format_holds_the_table_and_errors_stand_beside_it(predictor, photos, tmp_path, suffix, faces):
    out = tmp_path / f"results{suffix}"
    result = predict_files(predictor, ["photos"], settings=BatchSettings(faces))
    summary = write_predictions(predictor, ["photos"], out, settings=BatchSettings(faces))
    written = READ[suffix](out)
    assert list(written.columns) == COLUMNS
    written["detection_score"] = written["detection_score"].astype(float)
    pd.testing.assert_frame_equal(written, result.frame, check_dtype=False, atol=1e-6)
    assert written["unsure"].dtype == bool
    assert pd.read_csv(errors_file(out)).values.tolist() == result.errors.values.tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos", out.name, f"{out.name}.errors.csv"]
    assert (summary.num_faces, summary.num_pictures, summary.num_errors) == (3, 3, 3)
    assert summary.num_unsure == result.frame["unsure"].sum()


def test_errors_of_an_earlier_batch_do_not_stay(predictor, photos, tmp_path):
    out = tmp_path / "results.csv"
    write_predictions(predictor, ["photos"], out)
    write_predictions(predictor, [ONE], out)
    assert not errors_file(out).exists()
    assert len(pd.read_csv(out)) == 1


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_table_without_faces_still_has_its_columns(predictor, photos, tmp_path, suffix):
    write_predictions(predictor, ["photos/no face.webp"], tmp_path / f"results{suffix}")
    assert list(READ[suffix](tmp_path / f"results{suffix}").columns) == COLUMNS


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_file_name_that_is_no_utf8_is_written_all_the_same(predictor, tmp_path):
    picture = os.path.join(os.fsencode(tmp_path), b"caf\xe9.png")
    Image.fromarray(portrait()).save(tmp_path / "a.png")
    os.rename(tmp_path / "a.png", picture)
    write_predictions(predictor, [tmp_path], tmp_path / "results.csv")
    assert pd.read_csv(tmp_path / "results.csv")["image"].iloc[0].endswith("caf\\udce9.png")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("results.xlsx", r"ends in \.csv, \.parquet or \.jsonl", id="other format"),
        pytest.param("no/such/folder/results.csv", "does not exist", id="no folder"),
        pytest.param("folder.csv", "is a folder", id="folder"),
    ],
)
def test_output_that_cannot_be_written_is_refused_before_any_work(predictor, photos, tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    done = []
    with pytest.raises(SettingsError, match=message):
        write_predictions(predictor, ["photos"], tmp_path / name, on_progress=lambda *counts: done.append(counts))
    assert done == []


def test_failure_to_write_says_what_to_do_and_keeps_what_was_done(predictor, photos, tmp_path):
    out = tmp_path / "results.csv"
    errors_file(out).mkdir()  # in the way of the second file
    with pytest.raises(SettingsError, match=r"cannot be written.*another place"):
        write_predictions(predictor, ["photos"], out)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    errors_file(out).rmdir()
    assert write_predictions(predictor, ["photos"], out).num_taken_up == 3


def test_progress_counts_every_file(predictor, photos):
    counts = []
    predict_files(predictor, ["photos"], on_progress=lambda done, total: counts.append((done, total)))
    assert counts == [(done, 6) for done in range(1, 7)]


def test_cancelled_batch_leaves_an_earlier_table_as_it_was(predictor, photos, tmp_path):
    out = tmp_path / "results.csv"
    out.write_text("of an earlier batch")
    with pytest.raises(Cancelled):
        write_predictions(predictor, ["photos"], out, on_progress=cancelling(3))
    assert out.read_text() == "of an earlier batch"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos", "results.csv", "results.csv.unfinished"]


def test_results_come_in_order_whichever_thread_is_faster(photos):
    class Uneven(Predictor):
        def predict(self, image, **options):
            threading.Event().wait(0.05 if "0" in Path(str(image)).stem else 0)
            return super().predict(image, **options)

    for number in range(12):
        Image.fromarray(np.full((90, 90, 3), 20 * number, np.uint8)).save(photos / f"{number % 2}-{number:02}.png")
    result = predict_files(Uneven(BrightnessClassifier(), FaceDetector()), [photos], settings=BatchSettings("whole"))
    names = [Path(image).name for image in result.frame["image"]]
    assert names[:12] == sorted(names[:12])


def test_no_more_pictures_are_in_memory_than_threads_work(photos, monkeypatch):
    import weakref

    from fer_core.prediction.batch import reading

    class Watching(Predictor):
        def predict(self, *arguments, **options):
            alive.append(sum(reference() is not None for reference in pictures))
            prediction = super().predict(*arguments, **options)
            pictures.append(weakref.ref(prediction))
            return prediction

    pictures, alive = [], []
    monkeypatch.setattr(reading, "num_processors", lambda: 2)
    for number in range(8):
        Image.fromarray(np.full((90, 90, 3), number, np.uint8)).save(photos / f"{number}.png")
    predict_files(Watching(BrightnessClassifier(), FaceDetector()), ["photos"])
    assert max(alive) <= 1  # the other thread's


def cancelling(at):
    """A progress function that stops the batch at a picture."""

    def on_progress(done, total):
        if done == at:
            raise Cancelled("stopped")

    return on_progress
