from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import Dataset, add_dataset, open_dataset
from fer_core.dataset.corrections.edits import exclude, read_corrections, relabel, undo
from fer_core.dataset.corrections.file import CORRECTIONS_NAME
from tests.dataset.pictures import write_class_folders

HEADER = "path,action,old_label,new_label\n"


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    """Pictures 0-2 test/happy, 3-5 test/sad, 6-8 train/happy, 9-11 train/sad."""
    places = ["test/happy", "test/sad", "train/happy", "train/sad"]
    return add_dataset(write_class_folders(tmp_path / "faces", places), name="faces")


@pytest.fixture
def corrections(dataset: Dataset, tmp_path: Path) -> Callable[[], AppTest]:
    """Open the view as the app shows it, with pages to link to, in a session of the author `me`."""
    script = tmp_path / "app" / "main.py"
    linked = tmp_path / "pages" / "dataset.py"
    for path in (script, linked):
        path.parent.mkdir()
        path.touch()
    script.write_text(
        "import streamlit as st\n"
        "from fer_app.dataset.corrections_view import show_corrections\n"
        "from fer_core.dataset import open_dataset\n"
        "here = st.Page(lambda: show_corrections(open_dataset('faces')), title='here', default=True)\n"
        "st.navigation([here, st.Page('../pages/dataset.py')]).run()\n"
    )

    def open_() -> AppTest:
        app = AppTest.from_file(str(script), default_timeout=120)
        app.session_state["corrections-author"] = "me"
        return checked(app.run())

    return open_


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def button(app: AppTest, label: str):
    return next(button for button in app.button if button.label.startswith(label))


def press(app: AppTest, label: str) -> AppTest:
    button(app, label).click()
    return checked(app.run())


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_without_corrections_the_view_leads_to_browse(corrections):
    app = corrections()
    assert "No corrections yet" in app.info[0].value
    assert not app.metric
    assert [uploader.label for uploader in app.file_uploader] == ["Patch (CSV)", "Patches (CSV)"]


def test_what_differs_is_listed_with_who_did_it(corrections, dataset):
    relabel(dataset, [6], "sad", reason="a frown", author="me")
    exclude(dataset, [7], author="you")
    app = corrections()
    assert figures(app) == {"Relabelled pictures": "1 of 12", "Excluded pictures": "1 of 12"}
    assert not app.warning
    table = app.dataframe[0].value
    columns = ["Label was", "Is now", "Path", "Reason", "By"]
    assert table[columns].to_numpy().tolist() == [
        ["happy", "excluded", "train/happy/1.png", "", "somebody else"],
        ["happy", "sad", "train/happy/0.png", "a frown", "you"],
    ]
    assert table["Picture"].str.startswith("data:image/png;base64,").all()
    history = app.dataframe[1].value
    assert history["What"].tolist() == ["exclude", "relabel to sad"]


def test_a_corrected_test_split_is_warned_of(corrections, dataset):
    relabel(dataset, [0, 6], "sad")
    assert "1 picture of the test split is corrected" in corrections().warning[0].value


def test_undo_and_redo_are_my_own(corrections, dataset):
    exclude(dataset, [7], author="you")
    assert button(corrections(), "Undo").disabled
    relabel(dataset, [6], "sad", author="me")
    app = corrections()
    assert button(app, "Redo").disabled
    press(app, "Undo")
    assert open_dataset("faces").view().table["label"][6] == "happy"
    assert "Undone: 1 picture." in app.toast[0].value
    press(app, "Redo")
    assert open_dataset("faces").view().table["label"][6] == "sad"
    assert open_dataset("faces").view().table["excluded"][7]


def test_what_somebody_else_changed_since_is_told(corrections, dataset):
    relabel(dataset, [6, 7], "sad", author="me")
    app = corrections()
    exclude(dataset, [7], author="you")
    assert "1 picture changed since by somebody else stay" in press(app, "Undo").toast[0].value


def test_nothing_left_to_undo_is_told(corrections, dataset):
    relabel(dataset, [6], "sad", author="me")
    app = corrections()
    undo(dataset, "me")
    assert "Nothing of yours is left to undo" in press(app, "Undo").toast[0].value


def test_selected_pictures_are_restored(corrections, dataset):
    relabel(dataset, [6, 7], "sad", author="you")
    app = corrections()
    assert button(app, "Restore").disabled
    app.session_state["corrections-1-2"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    checked(app.run())
    press(app, "Restore 1 picture as indexed")
    view = open_dataset("faces").view()
    assert view.table["label"].tolist()[6:8] == ["happy", "sad"]
    assert button(app, "Restore").disabled  # the selection belonged to the rows before


def test_a_patch_is_shown_before_it_is_merged(corrections, dataset):
    relabel(dataset, [7], "sad", author="you")
    lines = "test/happy/0.png,relabel,happy,sad\ntrain/happy/1.png,exclude,happy,\ngone.png,exclude,,\n"
    app = corrections()
    app.file_uploader[0].upload("patch.csv", (HEADER + lines).encode(), "text/csv").run()
    shown = figures(checked(app))
    assert [shown[label] for label in ("Would change", "Conflicts", "Not in this dataset")] == ["1", "1", "1"]
    assert any("1 of 2 are in the test split" in warning.value for warning in app.warning)
    assert len(read_corrections(dataset)) == 1
    app.checkbox[0].check()
    checked(app.run())
    press(app, "Apply to 2 of 12 pictures")
    assert open_dataset("faces").view().table["label"][0] == "sad"
    assert open_dataset("faces").view().table["excluded"][7]
    press(app, "Undo")
    assert open_dataset("faces").view().table["label"].tolist()[:8:7] == ["happy", "sad"]


@pytest.mark.parametrize("number", [0, 1], ids=["import", "compare"])
def test_what_is_no_patch_is_told(corrections, number):
    app = corrections()
    app.file_uploader[number].upload("faces.csv", b"image,label\na.png,sad\n", "text/csv").run()
    assert "no patch of corrections" in checked(app).error[0].value


def test_patches_are_compared_with_what_holds_here_or_each_other(corrections, dataset):
    relabel(dataset, [6], "sad")
    here = (dataset.folder / CORRECTIONS_NAME).read_bytes()
    other = (HEADER + "train/happy/0.png,exclude,happy,\n").encode()
    app = corrections()
    app.file_uploader[1].upload("same.csv", here, "text/csv").run()
    assert "add up to the same" in checked(app).success[0].value
    app.file_uploader[1].upload("other.csv", other, "text/csv").run()
    table = checked(app).dataframe[-1].value
    assert table.to_numpy().tolist() == [["train/happy/0.png", "sad", "excluded"]]


def test_a_damaged_file_is_told(corrections, dataset):
    (dataset.folder / CORRECTIONS_NAME).write_text("a,b\n1,2\n")
    assert "is damaged" in corrections().error[0].value
