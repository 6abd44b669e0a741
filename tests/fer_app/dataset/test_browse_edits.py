from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import read_corrections
from tests.dataset.pictures import write_class_folders


@pytest.fixture
def dataset(fer_home, tmp_path) -> Dataset:
    return add_dataset(write_class_folders(tmp_path / "faces", ["train/happy", "train/sad"]), name="faces")


@pytest.fixture
def session(dataset) -> AppTest:
    """A session in which each run does the edits in `to-do`."""
    return AppTest.from_function(_do_edits, default_timeout=60)


def _do_edits() -> None:
    import streamlit as st

    from fer_app.dataset.browse_edits import do_edits
    from fer_core.dataset import open_dataset

    dataset = open_dataset("faces")
    if "to-do" in st.session_state:
        do_edits(dataset, {"author": "tab", "edits": st.session_state["to-do"]})


def _send(session: AppTest, *edits: dict[str, Any]) -> dict[str, dict[str, str]]:
    session.session_state["to-do"] = list(edits)
    session.run()
    assert not session.exception, session.exception
    return session.session_state["browse-answers"]


def _edit(id_: str, action: str, *image_ids: int, label: str = "") -> dict[str, Any]:
    return {"id": id_, "action": action, "image_ids": list(image_ids), "label": label}


def _states(dataset: Dataset) -> list[tuple[str, bool]]:
    table = dataset.view().table
    return list(zip(table["label"], table["excluded"], strict=True))


def test_an_edit_that_is_sent_again_is_done_once(session, dataset):
    first, second = _edit("a", "relabel", 0, label="sad"), _edit("b", "exclude", 1, 2)
    _send(session, first)
    answers = _send(session, first, second)
    assert [answer["text"] for answer in answers.values()] == ["1 picture labelled sad", "2 pictures excluded"]
    assert len(read_corrections(dataset)) == 3
    assert set(read_corrections(dataset)["author"]) == {"tab"}


def test_an_edit_that_fails_is_answered_with_the_reason_and_the_others_are_done(session, dataset):
    answers = _send(session, _edit("a", "relabel", 0, label="no such class"), _edit("b", "exclude", 1))
    assert "no such class" in answers["a"]["error"]
    assert answers["b"] == {"error": "", "text": "1 picture excluded"}
    assert _states(dataset)[:2] == [("happy", False), ("happy", True)]


def test_what_is_taken_back_in_has_the_label_it_had_when_it_was_excluded(session, dataset):
    _send(session, _edit("a", "relabel", 0, label="sad"), _edit("b", "exclude", 0, 1))
    answers = _send(session, _edit("c", "include", 0, 1))
    assert answers["c"]["text"] == "2 pictures taken back in"
    assert _states(dataset)[:2] == [("sad", False), ("happy", False)]


def test_undo_redo_and_restore(session, dataset):
    _send(session, _edit("a", "relabel", 0, label="sad"))
    assert _send(session, _edit("b", "undo"))["b"]["text"] == "Undone: 1 picture"
    assert _states(dataset)[0] == ("happy", False)
    assert _send(session, _edit("c", "redo"))["c"]["text"] == "Redone: 1 picture"
    assert _send(session, _edit("d", "restore", 0))["d"]["text"] == "1 picture as indexed again"
    assert _states(dataset)[0] == ("happy", False)


def test_with_nothing_to_undo_it_says_so(session):
    assert _send(session, _edit("a", "undo"))["a"] == {"error": "", "text": "Nothing of yours to undo"}
