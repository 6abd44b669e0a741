"""The faces behind the confusion matrix, labels that a model does not know, and somebody else's predictions."""

import shutil
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest

from fer_app.models.confusion_faces_view import _sentence
from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.corrections.edits import relabel
from fer_core.evaluation.mistakes import ANOTHER, ANY, Cell, missed, pictures_of
from fer_core.jobs import run_here
from fer_core.models import find_model, read_cached_evaluation
from fer_core.models.assessment import read_cached_predictions
from fer_core.models.foreign_evaluation import keep_predictions_file, list_predictions_files
from tests.pages.conftest import press, rerun


@pytest.fixture
def measured(drawn_home):
    """What the shipped model says of the dataset `small`: report and predictions."""
    return measure(drawn_home)


def measure(home, dataset="small", label_map=None):
    arguments = {"model": "default", "dataset": dataset, "split": "test", "views": "one", "label_map": label_map}
    run_here(home / "jobs" / "m", "fer_core.models.assessment:evaluate_job", arguments, title="Evaluating")
    asked = (find_model("default"), open_dataset(dataset), "test", "one")
    return read_cached_evaluation(*asked, label_map=label_map), read_cached_predictions(*asked, label_map=label_map)


def _open(open_page, **query):
    return open_page("models", model="default", view="evaluation", views="one", **query)


def _sentences(app):
    return [text.value for text in app.markdown if text.value.startswith("**") and "image" in text.value]


def _button(app, key):
    return next(button for button in app.button if button.key == key)


def test_the_most_confident_mistakes_come_first_without_any_click(open_page, measured):
    _, table = measured
    wrong = int((table["label"] != table["predicted"]).sum())
    app = _open(open_page)
    assert any(text.startswith(f"**{wrong:,}** of 21 images are named wrongly") for text in _sentences(app))
    assert (app.query_params["true"], app.query_params["predicted"]) == (ANY, ANOTHER)


def test_a_cell_stands_in_the_url_and_in_the_boxes(open_page, measured):
    _, table = measured
    called = int(((table["label"] == "happy") & (table["predicted"] == "happy")).sum())
    app = _open(open_page, true="happy", predicted="happy")
    assert any(text.startswith(f"**{called}** of 3 images of **happy** are called") for text in _sentences(app))
    app.selectbox(key="predicted").select(ANOTHER)
    rerun(app)
    assert any(text.startswith(f"**{3 - called}** of 3 images of **happy** are missed") for text in _sentences(app))
    assert app.query_params["predicted"] == ANOTHER


def test_classes_count_what_is_missed_and_falsely_called(open_page, measured):
    report, table = measured
    shown = _open(open_page).dataframe[0].value.set_index("Class")
    wrong = table[table["label"] != table["predicted"]]
    assert shown["Missed"].to_dict() == {name: int((wrong["label"] == name).sum()) for name in report["class_names"]}
    alarms = {name: int((wrong["predicted"] == name).sum()) for name in report["class_names"]}
    assert shown["False"].to_dict() == alarms


def test_a_corrected_label_leaves_the_figures_until_they_are_measured_again(open_page, measured, drawn_home):
    report, table = measured
    app = _open(open_page)
    assert _button(app, "measure-again").disabled
    first = pictures_of(Cell(), table).iloc[0]
    relabel(open_dataset("small"), [int(first["image_id"])], first["predicted"])
    again = _open(open_page)
    figures = {metric.label: metric.value for metric in again.metric}
    assert figures["Accuracy"] == f"{100 * report['accuracy']:.1f} %"
    assert any("1 label was corrected since" in text.value for text in again.info)
    assert (_button(again, "measure-again").disabled, _button(again, "measure-again").label) == (False, "1 corrected")
    corrected, _ = measure(drawn_home)
    assert corrected["accuracy"] == pytest.approx(report["accuracy"] + 1 / 21)
    fresh = rerun(again)
    assert {m.label: m.value for m in fresh.metric}["Accuracy"] == f"{100 * corrected['accuracy']:.1f} %"
    assert not fresh.info


def test_calibration_is_told_before_and_after_the_temperature(open_page, measured):
    report, _ = measured
    table = next(frame.value for frame in _open(open_page).dataframe if "Network alone" in frame.value)
    assert table["With temperature"].tolist() == [report["ece"], report["brier"], report["nll"]]
    before = report["before_temperature"]
    assert table["Network alone"].tolist() == [before["ece"], before["brier"], before["nll"]]
    assert before["temperature"] != 1.0
    assert before["nll"] != report["nll"]


@pytest.fixture
def odd_home(home, drawn_folder, tmp_path):
    """A FER_HOME with a dataset that has a label of its own, `calm`, for `neutral`."""
    folder = Path(shutil.copytree(drawn_folder, tmp_path / "odd"))
    for split in ("train", "test"):
        (folder / split / "neutral").rename(folder / split / "calm")
    add_dataset(folder, name="odd", label_map={"calm": "calm"})
    return home


def test_labels_that_the_model_does_not_know_are_asked_for(open_page, odd_home):
    app = _open(open_page, dataset="odd")
    assert not any(button.label.startswith("Evaluate") for button in app.button)
    assert "calm" in next(box for box in app.selectbox if box.key == "label-map-calm").label
    app = press(app, "Use these")
    assert "Choose a meaning" in app.warning[0].value
    app.selectbox(key="label-map-calm").select("neutral")
    app = press(app, "Use these")
    assert app.query_params["map"] == "calm=neutral"
    assert any(button.label == "Evaluate on 21 images" for button in app.button)
    app = press(press(app, "Change"), "Leave all of them out")
    assert app.query_params["map"] == "calm="
    assert any(button.label == "Evaluate on 18 images" for button in app.button)
    assert any("left out (3 of 21 pictures)" in text.value for text in app.caption)


def test_shared_classes_are_scored_under_the_map_of_the_url(open_page, odd_home):
    report, table = measure(odd_home, "odd", {"calm": ""})
    assert report["num_images"] == 18
    assert "calm" not in set(table["label"])
    app = _open(open_page, dataset="odd", map="calm=")
    assert {m.label: m.value for m in app.metric}["Accuracy"] == f"{100 * report['accuracy']:.1f} %"


def test_a_map_that_cannot_be_used_is_asked_for_again(open_page, odd_home):
    for given in ("calm=joyful", "nonsense"):
        assert "label-map-calm" in {box.key for box in _open(open_page, dataset="odd", map=given).selectbox}


def test_a_file_of_predictions_is_measured_like_a_model(open_page, measured, drawn_home):
    report, table = measured
    content = table.drop(columns=["image_id", "label", "predicted", "confidence"]).to_csv(index=False).encode()
    file = keep_predictions_file("theirs.csv", content)
    arguments = {"predictions": str(file.path), "dataset": "small", "split": "test"}
    target = "fer_core.models.foreign_evaluation:evaluate_predictions_job"
    app = open_page("models", view="predictions")
    assert any(button.label == "Compare with 21 labels" for button in app.button)
    run_here(drawn_home / "jobs" / "theirs", target, arguments, title="Comparing")
    app = rerun(app)
    assert {m.label: m.value for m in app.metric}["Accuracy"] == f"{100 * report['accuracy']:.1f} %"
    assert app.query_params["file"] == file.digest
    press(app, "Remove")
    assert list_predictions_files() == []


def test_what_is_wrong_with_a_file_is_told_by_its_own_name(open_page, drawn_home):
    keep_predictions_file("theirs.csv", b"path,p_happy,p_sad\nx.png,0.5,0.5\n")
    app = open_page("models", view="predictions")
    assert {box.key for box in app.selectbox} >= {f"label-map-{name}" for name in ("angry", "fear", "neutral")}
    assert not app.error


def test_a_sentence_says_of_how_many():
    table = pd.DataFrame(
        {"label": ["happy", "happy", "sad"], "predicted": ["sad", "happy", "happy"], "confidence": [0.9, 0.8, 0.7]}
    )

    def said(cell):
        return _sentence(cell, pictures_of(cell, table), table, True)

    assert said(missed("happy")) == "**1** of 2 images of **happy** are missed: called something else."
    assert said(Cell(ANOTHER, "happy")) == "**1** of 2 images called **happy** are false alarms."
    assert said(Cell("happy", "sad")) == "**1** of 2 images of **happy** are called **sad**."
    assert said(Cell()) == "**2** of 3 images are named wrongly, the most confident first."


def test_the_way_to_the_duplicates_stays(open_page, measured):
    links = {link.value: parse_qs(link.proto.query_string) for link in _open(open_page).page_link}
    assert links["Look for duplicates, then measure without them"]["view"] == ["duplicates"]
