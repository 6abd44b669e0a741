import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_core.labels import EXPRESSION_COLORS, EXPRESSIONS
from fer_core.prediction.results import UNSURE_COLOR, Face, Prediction, results_frame

COLUMNS = ["image", "face", "x1", "y1", "x2", "y2", "detection_score", "label", "confidence", "unsure"]
COLUMNS += [f"p_{name}" for name in EXPRESSIONS]


def make_face(x, label="happy", confidence=0.9, **changes):
    probabilities = np.full(7, (1 - confidence) / 6, np.float32)
    probabilities[EXPRESSIONS.index(label)] = confidence
    values = {
        "bbox": (x, 20.5, x + 80.0, 120.0),
        "detection_score": 0.93,
        "landmarks": np.zeros((5, 2), np.float32),
        "probabilities": probabilities,
        "label": label,
        "confidence": confidence,
        "unsure": False,
        "crop": np.zeros((48, 48, 1), np.uint8),
    }
    return Face(**(values | changes))


def make_prediction(*faces, size=(400, 600)):
    return Prediction(np.full((*size, 3), 128, np.uint8), faces, EXPRESSIONS, "photos/a.jpg")


def test_table_has_the_documented_columns_one_row_a_face():
    frame = make_prediction(make_face(10.0), make_face(200.0, "sad", 0.4, unsure=True)).to_frame()
    assert list(frame.columns) == COLUMNS
    assert frame["image"].tolist() == ["photos/a.jpg"] * 2
    assert frame["face"].tolist() == [1, 2]
    assert frame["label"].tolist() == ["happy", "sad"]
    assert frame["unsure"].tolist() == [False, True]
    assert frame["x2"].tolist() == [90.0, 280.0]
    assert frame[[f"p_{name}" for name in EXPRESSIONS]].sum(axis=1).tolist() == pytest.approx([1, 1])


def test_table_without_faces_has_the_same_columns_and_types():
    full, empty = make_prediction(make_face(10.0)).to_frame(), make_prediction().to_frame()
    assert empty.empty
    assert empty.dtypes.equals(full.dtypes)


def test_whole_picture_has_no_detection_score():
    frame = make_prediction(make_face(0.0, detection_score=None, landmarks=None)).to_frame()
    assert pd.isna(frame["detection_score"].iloc[0])


def test_rows_of_several_pictures_make_one_table():
    first, second = make_prediction(make_face(10.0)), make_prediction(make_face(10.0), make_face(99.0))
    assert results_frame(first.rows() + second.rows(), EXPRESSIONS)["face"].tolist() == [1, 1, 2]


@pytest.mark.parametrize("landmarks", [None, np.ones((5, 2), np.float32)], ids=["whole", "detected"])
def test_dictionary_survives_json_and_says_what_the_table_says(landmarks):
    prediction = make_prediction(make_face(10.0, landmarks=landmarks), make_face(200.0, "sad", 0.4, unsure=True))
    described = json.loads(json.dumps(prediction.to_dict(), allow_nan=False))
    assert (described["image"], described["width"], described["height"]) == ("photos/a.jpg", 600, 400)
    for face, row in zip(described["faces"], prediction.to_frame().to_dict("records"), strict=True):
        assert face["bbox"] == [row["x1"], row["y1"], row["x2"], row["y2"]]
        assert all(face[key] == row[key] for key in ("face", "label", "confidence", "unsure", "detection_score"))
        assert face["probabilities"] == {name: row[f"p_{name}"] for name in EXPRESSIONS}


def test_json_says_what_hinders_and_why_a_face_is_unsure():
    sure = make_face(10.0, quality=("dark",))
    unsure = make_face(200.0, unsure=True, quality=("tiny",), unsure_reason="tiny")
    said = json.loads(json.dumps(make_prediction(sure, unsure).to_dict()))["faces"]
    assert [face["quality"] for face in said] == [["dark"], ["tiny"]]
    assert [face["unsure_reason"] for face in said] == ["", "tiny"]


def test_overlay_and_table_agree_on_numbers_boxes_and_labels():
    faces = [make_face(100.0 * number, name) for number, name in enumerate(EXPRESSIONS[:5])]
    faces.append(make_face(510.0, unsure=True))
    prediction = make_prediction(*faces)
    for mark, row in zip(prediction.marks(), prediction.to_frame().to_dict("records"), strict=True):
        assert mark.bbox == (row["x1"], row["y1"], row["x2"], row["y2"])
        said = "unsure" if row["unsure"] else f"{row['label']} 90 %"
        assert (mark.text, mark.short_text) == (f"{row['face']} {said}", str(row["face"]))
        assert mark.color == (UNSURE_COLOR if row["unsure"] else EXPRESSION_COLORS[row["label"]])


def test_drawing_leaves_the_picture_alone_and_can_be_written_to():
    prediction = make_prediction(make_face(10.0))
    drawn = prediction.draw()
    assert drawn.shape == prediction.image.shape
    assert drawn.dtype == np.uint8
    assert (drawn != 128).any()
    assert (prediction.image == 128).all()
    drawn[0, 0] = 0


def test_classes_of_any_model_can_be_drawn():
    names = ("contempt", "überrascht")
    face = replace(make_face(10.0), probabilities=np.array([0.2, 0.8], np.float32), label="überrascht")
    prediction = Prediction(np.zeros((200, 300, 3), np.uint8), (face,), names, "x")
    assert list(prediction.to_frame().columns[-2:]) == ["p_contempt", "p_überrascht"]
    assert prediction.draw().any()
