"""The trainings that wait for their turn, in order, and a way to take one out."""

import streamlit as st

from fer_app.markdown import literal
from fer_app.training.run_actions import stop
from fer_core.jobs import JobStatus
from fer_core.training import Run, list_runs

_SECONDS_BETWEEN_LOOKS = 2


def show_queue() -> None:
    """List the waiting trainings, where there are any; the page runs again when one has begun or left."""
    waiting = [run.name for run, _ in _waiting()]
    if waiting:
        _show_waiting(waiting)


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _show_waiting(names: list[str]) -> None:
    waiting = _waiting()
    if [run.name for run, _ in waiting] != names:
        st.rerun()
    with st.container(border=True):
        st.markdown(f"**In the queue: {len(waiting)}**. One training works at a time; the others begin by themselves.")
        for place, (run, _) in enumerate(waiting, start=1):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{place}. {literal(run.name)}")
                st.button(
                    "Take out",
                    key=f"take-out-{run.name}",
                    icon=":material/playlist_remove:",
                    type="tertiary",
                    on_click=stop,
                    args=(run.name,),
                    help=f"Takes {run.name} out of the queue; it ends as stopped and can be retried.",
                )


def _waiting() -> list[tuple[Run, JobStatus]]:
    """The waiting runs, the next one first."""
    statuses = [(run, run.status()) for run in list_runs()]
    waiting = [(run, status) for run, status in statuses if status.state == "queued"]
    return sorted(waiting, key=lambda item: (int(item[1].details.get("ahead") or 0), item[1].started_at))
