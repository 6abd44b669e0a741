import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from fer_core.errors import Cancelled, SettingsError
from fer_core.faces import FaceDetector
from fer_core.labels import EXPRESSIONS
from fer_core.prediction import Predictor
from fer_core.prediction.batch import errors_file, list_pictures, predict_files
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import grid, portrait

COLUMNS = ["image", "face", "x1", "y1", "x2", "y2", "detection_score", "label", "confidence", "unsure"]
COLUMNS += [f"p_{name}" for name in EXPRESSIONS]


@pytest.fixture(scope="module")
def predictor():
    return Predictor(BrightnessClassifier(), FaceDetector())


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder as people have them, and the working directory around it."""
    monkeypatch.chdir(tmp_path)
    deep = tmp_path / "photos" / "Ünterordner 写真" / "2024" / "08"
    deep.mkdir(parents=True)
    Image.fromarray(grid(600, 300, 2, 1)[0]).save(deep / "zwei 顔.JPG")
    Image.fromarray(portrait()).save(tmp_path / "photos" / "one.png")
    Image.fromarray(data.coffee()).save(tmp_path / "photos" / "no face.webp")
    (tmp_path / "photos" / "text.jpg").write_text("not a picture")
    (tmp_path / "photos" / "empty.png").write_bytes(b"")
    (tmp_path / "photos" / "half.png").write_bytes((tmp_path / "photos" / "one.png").read_bytes()[:5000])
    (tmp_path / "photos" / "notes.txt").write_text("no picture, and not named like one")
    (tmp_path / "photos" / "._one.png").write_bytes(b"shadow file")
    return tmp_path / "photos"


TWO = os.path.join("photos", "Ünterordner 写真", "2024", "08", "zwei 顔.JPG")
ONE = os.path.join("photos", "one.png")
BROKEN = [os.path.join("photos", name) for name in ("empty.png", "half.png", "text.jpg")]


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
    frame = predict_files(predictor, ["photos"], faces="whole").frame
    assert frame["image"].tolist() == [os.path.join("photos", "no face.webp"), ONE, TWO]
    assert frame["face"].tolist() == [1, 1, 1]


def test_csv_holds_the_table_and_errors_stand_beside_it(predictor, photos, tmp_path):
    out = tmp_path / "results.csv"
    result = predict_files(predictor, ["photos"], out=out)
    written = pd.read_csv(out)
    pd.testing.assert_frame_equal(written, result.frame, check_dtype=False, atol=1e-6)
    assert written["unsure"].dtype == bool
    errors = pd.read_csv(tmp_path / "results.csv.errors.csv")
    assert errors.values.tolist() == result.errors.values.tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos", "results.csv", "results.csv.errors.csv"]


def test_errors_of_an_earlier_batch_do_not_stay(predictor, photos, tmp_path):
    out = tmp_path / "results.csv"
    predict_files(predictor, ["photos"], out=out)
    predict_files(predictor, [ONE], out=out)
    assert not errors_file(out).exists()
    assert len(pd.read_csv(out)) == 1


def test_csv_without_faces_still_has_its_columns(predictor, photos, tmp_path):
    predict_files(predictor, ["photos/no face.webp"], out=tmp_path / "results.csv")
    assert list(pd.read_csv(tmp_path / "results.csv").columns) == COLUMNS


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_file_name_that_is_no_utf8_is_written_all_the_same(predictor, tmp_path):
    picture = os.path.join(os.fsencode(tmp_path), b"caf\xe9.png")
    Image.fromarray(portrait()).save(tmp_path / "a.png")
    os.rename(tmp_path / "a.png", picture)
    predict_files(predictor, [tmp_path], out=tmp_path / "results.csv")
    assert pd.read_csv(tmp_path / "results.csv")["image"].iloc[0].endswith("caf\\udce9.png")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("results.parquet", r"ends in \.csv", id="other format"),
        pytest.param("no/such/folder/results.csv", "does not exist", id="no folder"),
        pytest.param("folder.csv", "is a folder", id="folder"),
    ],
)
def test_output_that_cannot_be_written_is_refused_before_any_work(predictor, photos, tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    done = []
    with pytest.raises(SettingsError, match=message):
        predict_files(predictor, ["photos"], out=tmp_path / name, on_progress=lambda *counts: done.append(counts))
    assert done == []


def test_failure_to_write_says_what_to_do_and_leaves_no_partial_file(predictor, photos, tmp_path):
    (tmp_path / "results.csv.errors.csv").mkdir()  # in the way of the second file
    with pytest.raises(SettingsError, match=r"results\.csv\.errors\.csv' cannot be written.*another place"):
        predict_files(predictor, ["photos"], out=tmp_path / "results.csv")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_progress_counts_every_file(predictor, photos):
    counts = []
    predict_files(predictor, ["photos"], on_progress=lambda done, total: counts.append((done, total)))
    assert counts == [(done, 6) for done in range(1, 7)]


def test_cancelled_batch_leaves_nothing_behind(predictor, photos, tmp_path):
    def cancel_at_the_third(done, total):
        if done == 3:
            raise Cancelled("stopped")

    before = {"results.csv": "of an earlier batch"}
    (tmp_path / "results.csv").write_text(before["results.csv"])
    with pytest.raises(Cancelled):
        predict_files(predictor, ["photos"], out=tmp_path / "results.csv", on_progress=cancel_at_the_third)
    assert (tmp_path / "results.csv").read_text() == before["results.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos", "results.csv"]


def test_no_more_than_one_picture_is_in_memory(photos):
    alive = []

    class Watching(Predictor):
        def predict(self, *arguments, **options):
            import gc
            import weakref

            gc.collect()
            alive.append(sum(reference() is not None for reference in pictures))
            prediction = super().predict(*arguments, **options)
            pictures.append(weakref.ref(prediction))
            return prediction

    pictures = []
    for number in range(4):
        Image.fromarray(np.full((90, 90, 3), number, np.uint8)).save(photos / f"{number}.png")
    predict_files(Watching(BrightnessClassifier(), FaceDetector()), ["photos"])
    assert max(alive) == 0


def test_pictures_come_in_the_order_of_their_names(tmp_path):
    for name in ("b/2.png", "b/1.png", "a/3.png", "c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files, errors = list_pictures([tmp_path])
    assert [Path(file).relative_to(tmp_path).as_posix() for file in files] == ["c.png", "a/3.png", "b/1.png", "b/2.png"]
    assert errors == []
