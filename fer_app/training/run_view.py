"""One training run on a page: live while it is under way or waits, its result and the ways on afterwards.

Everything comes from the run's folder, so a reload or a second tab shows the same.
"""

import streamlit as st

from fer_app.markdown import literal
from fer_app.training.live_curves import show_curves, show_epoch_details, show_live
from fer_app.training.run_actions import show_ended_actions, show_notes, stop
from fer_app.training.run_record_view import show_record
from fer_app.training.run_result_view import show_result
from fer_app.training.run_states import STATE_WORDS, end_sentence, place_in_queue
from fer_core.errors import FerError
from fer_core.jobs import JobStatus
from fer_core.training import Run, open_run

_SECONDS_BETWEEN_LOOKS = 2
_BANNERS = {"completed": st.success, "stopped": st.info}


def show_run(run: Run) -> None:
    """Show a run: progress and curves while it is live, the result and the next steps once it has ended."""
    try:
        status = run.status()
    except FerError as error:  # removed or damaged between two looks
        st.error(literal(str(error)))
        return
    _show_heading(run, status)
    show_notes(run)
    if status.state == "queued":
        _show_waiting(run.name)
    elif status.is_live:
        if status.state == "starting":
            _watch_start(run.name)
        show_live(run)
    else:
        _show_end(run, status)
    show_record(run)


def _show_heading(run: Run, status: JobStatus) -> None:
    heading, control = st.columns([3, 1], vertical_alignment="center")
    words = STATE_WORDS[status.state]
    heading.subheader(literal(run.name), anchor=False)
    heading.badge(words.title, icon=words.icon, color=words.color)
    if not status.is_live:
        return
    is_queued, is_stopping = status.state == "queued", status.state == "stopping"
    label = "Take out of the queue" if is_queued else "Stop training"
    control.button(
        "Stopping" if is_stopping else label,
        key=f"stop-{run.name}",
        icon=":material/stop_circle:",
        disabled=is_stopping,
        on_click=stop,
        args=(run.name,),
        help=None if is_queued else "Ends the training after the current step and keeps the best model so far.",
        width="stretch",
    )
    if is_stopping:
        st.info("Stopping after this step. The best model so far is kept.", icon=":material/hourglass_bottom:")


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _show_waiting(name: str) -> None:
    status = _status_of(name)
    if status is None or status.state != "queued":
        st.rerun()
    st.info(
        f"Waits for its turn: {place_in_queue(status)}. It begins by itself, also when this page is closed.",
        icon=":material/hourglass_top:",
    )


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _watch_start(name: str) -> None:
    """Let the page run again once the run has begun; its end is seen by the live region."""
    status = _status_of(name)
    if status is None or status.state != "starting":
        st.rerun()


def _status_of(name: str) -> JobStatus | None:
    try:
        return open_run(name).status()
    except FerError:
        return None


def _show_end(run: Run, status: JobStatus) -> None:
    model = run.model
    banner = _BANNERS.get(status.state, st.error)
    banner(literal(end_sentence(status, has_model=model is not None)), icon=STATE_WORDS[status.state].icon)
    if status.state in ("failed", "lost"):
        st.caption("The last lines of its log:")
        st.code(run.log_tail() or "The log is empty.", language=None, wrap_lines=True)
    show_ended_actions(run, status)
    if model is not None:
        show_result(run, model)
    if not run.history().empty:
        show_curves([run])
        show_epoch_details(run)
    if status.state in ("completed", "stopped"):
        with st.expander("Log", icon=":material/article:"):
            st.code(run.log_tail() or "The log is empty.", language=None, wrap_lines=True)
