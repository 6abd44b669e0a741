"""An edit that somebody else makes is seen on the page; what the page has shown already makes no second run."""

from streamlit.testing.v1 import AppTest

from fer_core.dataset import add_dataset
from tests.dataset.pictures import write_class_folders


def _page(name, by_fragment):
    import streamlit as st

    from fer_app.dataset.others_edits import _watch, note_shown, watch_for_edits
    from fer_app.loaders import view_of
    from fer_core.dataset import open_dataset
    from fer_core.dataset.corrections.edits import exclude

    dataset = open_dataset(name)
    watch_for_edits(dataset)
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.text(f"{len(view_of(dataset).usable)} usable")
    if st.session_state["runs"] == 1:
        exclude(dataset, [0], author="somebody")
        if by_fragment:
            note_shown(dataset)
        _watch(dataset)  # as it runs some seconds later


def _run(fer_home, tmp_path, **kwargs):
    name = add_dataset(write_class_folders(tmp_path / "faces", ["train/happy", "train/sad"], 3)).name
    app = AppTest.from_function(_page, kwargs={"name": name, **kwargs}, default_timeout=20).run()
    assert not app.exception
    return app


def test_an_edit_by_somebody_else_runs_the_page_again(fer_home, tmp_path):
    app = _run(fer_home, tmp_path, by_fragment=False)
    assert app.session_state["runs"] == 2
    assert app.text[0].value == "5 usable"


def test_what_a_fragment_has_shown_does_not(fer_home, tmp_path):
    assert _run(fer_home, tmp_path, by_fragment=True).session_state["runs"] == 1
