"""Somebody else's predictions: pictures are found by their paths, and what does not fit is told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import DatasetIndex
from fer_core.errors import ModelError
from fer_core.models.foreign_predictions import predicted_classes, read_predictions
from fer_core.models.scoring import predictions_table, report_on
from tests.models.networks import make_faces

LABELS = ["happy", "sad", "sad", "happy"]


@pytest.fixture
def index() -> DatasetIndex:
    table = pd.DataFrame({"label": LABELS, "split": ["test", "test", "test", "train"]})
    table.insert(0, "image_id", range(4))
    table["path"] = [f"{split}/{label}/{n % 3}.png" for n, (label, split) in enumerate(table.to_numpy()[:, 1:])]
    table["digest"], table["readable"] = [f"{number:032x}" for number in range(4)], True
    return DatasetIndex(table, make_faces(4))


def _write(tmp_path: Path, **columns: list[object]) -> Path:
    path = tmp_path / "theirs.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "names",
    [
        {"image_id": [2, 0, 1]},
        {"path": ["test/sad/2.png", "test/happy/0.png", "test/sad/1.png"]},
        {"image": ["/data/fer/test/sad/2.png", "/data/fer/test/happy/0.png", "/data/fer/test/sad/1.png"]},
        {"image": ["test\\sad\\2.png", "test\\happy\\0.png", "test\\sad\\1.png"]},
    ],
    ids=["id", "path", "longer-path", "windows"],
)
def test_pictures_are_found_in_any_order(tmp_path: Path, index: DatasetIndex, names: dict[str, list[object]]) -> None:
    path = _write(tmp_path, **names, p_happiness=[0.2, 0.9, 0.7], p_sadness=[0.8, 0.1, 0.3])
    scored, num_missing = read_predictions(path, index, "test")
    assert num_missing == 0
    assert scored.class_names == ("happy", "sad")
    report = report_on(scored, index, None)
    assert (report["accuracy"], report["confusion"]) == (pytest.approx(2 / 3), [[1, 0], [1, 1]])
    assert report["ece"] is not None


def test_labels_alone_are_scored_too(tmp_path: Path, index: DatasetIndex) -> None:
    path = _write(tmp_path, image_id=[0, 1, 2], predicted=["Happy", "happy", "fear"])
    report = report_on(read_predictions(path, index, "test")[0], index, None)
    assert report["class_names"] == ["fear", "happy", "sad"]
    assert (report["accuracy"], report["nll"]) == (pytest.approx(1 / 3), None)


def test_our_own_saved_predictions_come_back_the_same(tmp_path: Path, index: DatasetIndex) -> None:
    path = _write(tmp_path, image_id=[0, 1, 2], p_happy=[0.6, 0.7, 0.1], p_sad=[0.4, 0.3, 0.9])
    scored = read_predictions(path, index, "test")[0]
    again = tmp_path / "saved.csv"
    predictions_table(scored, index, None).to_csv(again, index=False)
    reread = read_predictions(again, index, "test")[0]
    assert np.allclose(reread.y_prob, scored.y_prob)
    assert report_on(reread, index, None)["confusion"] == report_on(scored, index, None)["confusion"]


def test_pictures_without_a_prediction_are_counted(tmp_path: Path, index: DatasetIndex) -> None:
    path = _write(tmp_path, image_id=[0, 3], p_happy=[0.6, 0.7], p_sad=[0.4, 0.3])
    scored, num_missing = read_predictions(path, index, "test")
    assert (scored.rows["image_id"].tolist(), num_missing) == ([0], 2)


def test_a_map_renames_the_labels_of_the_dataset(tmp_path: Path, index: DatasetIndex) -> None:
    path = _write(tmp_path, image_id=[0, 1, 2], p_happy=[0.6, 0.7, 0.1], p_fear=[0.4, 0.3, 0.9])
    with pytest.raises(ModelError, match=r"'sad'.*--map"):
        read_predictions(path, index, "test")
    scored = read_predictions(path, index, "test", label_map={"sad": "fear"})[0]
    assert scored.rows["label"].tolist() == ["happy", "fear", "fear"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"image_id": [0], "happy": [1.0]}, "Expected p_<class>"),
        ({"name": ["a"], "predicted": ["sad"]}, "Expected image_id, path or image"),
        ({"image_id": [0, 0], "predicted": ["sad", "sad"]}, "two predictions for 'test/happy/0.png'"),
        ({"image_id": [0], "p_happy": [3.0], "p_sad": [1.0]}, r"row 1 .* are 3, 1; expected numbers from 0 to 1"),
        ({"image_id": [0], "p_happy": ["x"], "p_sad": [1.0]}, "no number"),
        ({"image_id": [0], "p_happy": [0.5], "p_joy": [0.5]}, "mean one class"),
        ({"path": ["0.png"], "predicted": ["sad"]}, "one of several"),
        ({"path": ["elsewhere.png"], "predicted": ["sad"]}, "'elsewhere.png', the split's first is 'test/happy/0.png'"),
    ],
    ids=["no-classes", "no-pictures", "twice", "logits", "text", "synonyms", "ambiguous", "other-dataset"],
)
def test_what_does_not_fit_is_told(
    tmp_path: Path, index: DatasetIndex, columns: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        read_predictions(_write(tmp_path, **columns), index, "test")


@pytest.mark.parametrize("content", ["", "image_id,p_happy\n"], ids=["empty", "no-rows"])
def test_an_empty_file_is_told(tmp_path: Path, index: DatasetIndex, content: str) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text(content)
    with pytest.raises(ModelError, match=r"theirs\.csv"):
        read_predictions(path, index, "test")


@pytest.mark.parametrize(
    "columns",
    [
        {"Filename": ["test/sad/2.png", "test/happy/0.png"], "Prob_Happy": [0.2, 0.9], "Prob_Sad": [0.8, 0.1]},
        {"Image": ["test/sad/2.png", "test/happy/0.png"], "p_Happiness": [0.2, 0.9], " P_sadness": [0.8, 0.1]},
        {"file_path": ["test/sad/2.png", "test/happy/0.png"], "Prediction": ["sadness", "Happy"]},
        {"image": ["test/sad/2.png", "test/happy/0.png"], "file": ["a", "b"], "pred": ["sad", "happy"]},
    ],
    ids=["filename", "capitals", "prediction", "two-names"],
)
def test_columns_are_known_by_what_others_call_them(tmp_path: Path, index: DatasetIndex, columns: dict) -> None:
    scored, num_missing = read_predictions(_write(tmp_path, **columns), index, "test")
    assert num_missing == 1
    assert report_on(scored, index, None)["accuracy"] == 1.0


def test_of_two_columns_that_may_mean_the_same_none_is_guessed(tmp_path: Path, index: DatasetIndex) -> None:
    path = _write(tmp_path, image_id=[0, 1], pred=["happy", "sad"], prediction=["sad", "happy"])
    with pytest.raises(ModelError, match="columns image_id, pred, prediction"):
        read_predictions(path, index, "test")


def test_the_classes_of_a_file_are_those_of_its_columns(tmp_path: Path) -> None:
    assert predicted_classes(_write(tmp_path, image_id=[0], p_anger=[0.4], p_Odd=[0.6])) == ("angry", "Odd")
    assert predicted_classes(_write(tmp_path, image_id=[0], predicted=["odd"])) is None


def test_a_row_without_a_class_is_told(tmp_path: Path) -> None:
    (tmp_path / "peer.csv").write_text("path,predicted\na.png,happy\nb.png,\n", encoding="utf-8")
    with pytest.raises(ModelError, match="Row 2 "):
        predicted_classes(tmp_path / "peer.csv")
