"""What can be done with a run: stop it, go on with it, start it anew, note something, delete it."""

from collections.abc import Callable

import streamlit as st

from fer_app.controls import start_button, void_clicks
from fer_app.markdown import literal
from fer_core.errors import FerError
from fer_core.jobs import JobStatus
from fer_core.training import Run, remove_run, resume_run, retry_run, stop_run
from fer_core.training.runs.model_use import live_users_of, users_of
from fer_core.training.runs.notes import MAX_NOTE_LENGTH, MAX_TAG_LENGTH, RunNotes, read_notes, write_notes

_ENDED_EARLY = ("stopped", "failed", "lost")


def stop(name: str) -> None:
    """Ask a run to stop, or take it out of the queue; for a button's `on_click`."""
    try:
        stop_run(name)
    except FerError as error:
        st.toast(str(error), icon=":material/error:")


def show_ended_actions(run: Run, status: JobStatus) -> None:
    """Offer what applies to a run that has ended."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.state in _ENDED_EARLY:
            if run.can_resume:
                _offer(run, resume_run, "Resume", ":material/resume:", "Goes on as if it had never been interrupted.")
            _offer(run, retry_run, "Retry", ":material/replay:", "A new run with the same settings, from the start.")
        st.page_link(
            "../pages/training.py",
            label="Copy its settings",
            icon=":material/content_copy:",
            query_params={"view": "new", "copy": run.name},
            help="Opens the form of a new training with the settings of this run.",
        )
        show_deletion(run)


def _offer(run: Run, start: Callable[[str], Run], label: str, icon: str, help_text: str) -> None:
    key = f"{label.lower()}-{run.name}"
    if not start_button(label, key=key, type="secondary", icon=icon, help=help_text):
        return
    try:
        started = start(run.name)
    except FerError as error:
        st.toast(str(error), icon=":material/error:")
        return
    void_clicks(key)
    st.query_params["run"] = started.name
    st.rerun()


def show_notes(run: Run) -> None:
    """Show tags and note, and let the person change them."""
    notes = read_notes(run.folder)
    with st.container(horizontal=True, vertical_alignment="center"):
        for tag in notes.tags:
            st.badge(literal(tag), color="violet")
        if notes.note:
            st.caption(literal(notes.note))
        with st.popover("Tags and note", icon=":material/sell:", type="tertiary"):
            _edit_notes(run, notes)


def _edit_notes(run: Run, notes: RunNotes) -> None:
    with st.form(f"notes-{run.name}", border=False):
        tags = st.text_input(
            "Tags", ", ".join(notes.tags), placeholder="baseline, thesis",
            help=f"Words of up to {MAX_TAG_LENGTH} characters, with commas between; the table can be filtered by them.",
        )  # fmt: skip
        note = st.text_area("Note", notes.note, max_chars=MAX_NOTE_LENGTH)
        if not st.form_submit_button("Keep", type="primary"):
            return
    try:
        write_notes(run.folder, RunNotes(tuple(tags.split(",")), note))
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.rerun()


def show_deletion(run: Run) -> None:
    """Say what deleting a run takes away and who needs it, and do it when the person agrees."""
    with st.popover("Delete this run", icon=":material/delete:"):
        model = " and its model" if run.model else ""
        st.markdown(f"Deletes the settings, curves and log of **{literal(run.name)}**{model}. The dataset stays.")
        live = live_users_of(run.name) if run.model else []
        others = [user for user in users_of(run.name) if user not in live] if run.model else []
        if others:
            st.caption(
                f"{_names(others)} began with this model or learned from it; such a training cannot be repeated."
            )
        if live:
            st.warning(f"The model is in use: {_names(live)} needs it and has not ended.", icon=":material/lock:")
        if st.button("Delete", key=f"delete-{run.name}", type="primary", icon=":material/delete:", disabled=bool(live)):
            _delete(run.name)


def _names(runs: list[Run]) -> str:
    return literal(", ".join(run.name for run in runs))


def _delete(name: str) -> None:
    try:
        remove_run(name)
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.query_params.pop("run", None)
    st.rerun()
