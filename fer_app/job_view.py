"""One job on a page: how far it is, a Cancel button, and how it ended.

The page starts a job (`begin_job`) and calls `watch_job` with its folder in every run; the job's
folder is all that is known about it, so a reload or a second tab shows the same. A page finds the jobs to watch
with `fer_core.jobs.list_jobs(settings.jobs_folder)`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from fer_app.controls import void_clicks
from fer_app.markdown import literal
from fer_core.errors import JobError
from fer_core.jobs import JobStatus, read_status, remove_job, request_cancel, start_job

_SECONDS_BETWEEN_LOOKS = 1
_SILENCE = 30  # seconds; a process reports every two seconds, and may be held up for a while when a library loads
_KILOBYTES = " (kB)"  # how a job's message says what is counted

OnDone = Callable[[JobStatus], None]


def begin_job(
    folder: Path,
    target: str,
    arguments: Mapping[str, Any],
    *,
    title: str,
    keys: Sequence[str],
    queue: Path | None = None,
) -> bool:
    """Start a job because its button was pressed, or say why it cannot be started; the page runs again afterwards.

    Args:
        folder: The job's folder.
        target: See `fer_core.jobs.start_job`, as for `arguments` and `queue`.
        arguments: JSON values and paths.
        title: What the job does, for people.
        keys: Keys of the start buttons whose later clicks, the second of a double click, must start nothing.
        queue: Folder of the queue in which the job waits for its turn.

    Returns:
        Whether it was started.
    """
    try:
        start_job(folder, target, dict(arguments), title=title, queue=queue)
    except JobError as error:
        st.error(literal(str(error)))
        return False
    for key in keys:
        void_clicks(key)
    return True


def watch_job(folder: Path, *, on_done: OnDone | None = None) -> JobStatus | None:
    """Show a job and, while it is live, look at it once a second; at its end the page runs again once.

    Args:
        folder: The job's folder.
        on_done: Called with the last status in the run that saw the job end, before the page runs again: the place
            to clear a cache, to remember a message, or to remove the job so that nothing of it stays on the page.

    Returns:
        The status shown, None where the job has been removed.
    """
    try:
        status = read_status(folder)
    except JobError:
        return None
    if status.is_live:
        _live_view(folder, on_done)
    else:
        _end_view(folder, status)
    return status


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _live_view(folder: Path, on_done: OnDone | None) -> None:
    try:
        status = read_status(folder)
    except JobError:
        st.rerun()
    if not status.is_live:
        if on_done is not None:
            on_done(status)
        st.rerun()
    with st.container(border=True):
        heading, control = st.columns([5, 1], vertical_alignment="center")
        heading.markdown(f"**{literal(status.title)}**")
        is_stopping = status.state == "stopping"
        control.button(
            "Stopping" if is_stopping else "Cancel",
            key=f"cancel-{folder.name}",
            icon=":material/stop_circle:",
            disabled=is_stopping,
            on_click=_cancel,
            args=(folder,),
            width="stretch",
        )
        st.progress(share_done(status), text=literal(progress_text(status)))


def _end_view(folder: Path, status: JobStatus) -> None:
    title = literal(status.title)
    with st.container(border=True):
        message, control = st.columns([5, 1], vertical_alignment="center")
        with message:
            if status.state == "completed":
                st.success(f"{title}: done in {duration(status.seconds_elapsed)}.", icon=":material/check:")
            elif status.state == "stopped":
                st.info(f"{title}: stopped; nothing half-made was left behind.", icon=":material/stop_circle:")
            else:
                sentence, _, log = (status.error or "It ended without a word.").partition("\n")
                st.error(f"{title}: {literal(sentence)}", icon=":material/error:")
                if log:
                    st.code(log, language=None, wrap_lines=True)
        control.button(
            "Close",
            key=f"close-{folder.name}",
            icon=":material/close:",
            on_click=_close,
            args=(folder,),
            width="stretch",
        )


def _cancel(folder: Path) -> None:
    try:
        request_cancel(folder)
    except JobError as error:
        st.toast(str(error), icon=":material/error:")


def _close(folder: Path) -> None:
    try:
        remove_job(folder)
    except JobError as error:
        st.toast(str(error), icon=":material/error:")


def clear_ended_job(folder: Path, *, only_completed: bool = False) -> None:
    """Remove a job whose result is kept elsewhere; one that is live or not there is left alone.

    Args:
        folder: The job's folder.
        only_completed: Keep one that failed or was stopped, so that the page says so.
    """
    try:
        status = read_status(folder)
        if status.state == "completed" or not (only_completed or status.is_live):
            remove_job(folder)
    except JobError:
        return


def share_done(status: JobStatus) -> float:
    """Return how much of a job is done, 0-1; 0 while its size is unknown."""
    return min(1.0, max(0.0, status.done / status.total)) if status.total > 0 else 0.0


def progress_text(status: JobStatus) -> str:
    """Say in one line what a job is doing: `Reading · 1,200 of 35,887 (3 %) · about 20 s left`.

    Kilobytes read as `Downloading · 35 of 64 MB (55 %) · 5.1 MB/s · about 6 s left`; a process that has said nothing
    for long, because it was suspended say, is named as silent.
    """
    in_kilobytes = status.message.endswith(_KILOBYTES)
    message = status.message.removesuffix(_KILOBYTES)
    parts = [message or {"queued": "Waiting for its turn", "starting": "Starting"}.get(status.state, "At work")]
    if in_kilobytes:
        parts += _amount_and_speed(status)
    elif status.total > 0:
        parts.append(f"{status.done:,} of {status.total:,} ({100 * share_done(status):.0f} %)")
    if status.seconds_left is not None:
        parts.append(f"about {_rough(status.seconds_left)} left")
    return " · ".join(filter(None, [*parts, silence(status)]))


def silence(status: JobStatus) -> str:
    """Say that a live job's process has been silent for long, `no sign of life for 40 s`; "" where it has not."""
    is_silent = status.seconds_silent > _SILENCE
    return f"no sign of life for {duration(status.seconds_silent)}" if is_silent else ""


def _amount_and_speed(status: JobStatus) -> list[str]:
    """How much of a download is here and how fast it comes; its `done` and `total` are in kilobytes."""
    parts = []
    if status.total > 0:
        scale, unit = (1000, "MB") if status.total >= 10_000 else (1, "kB")
        amount = f"{status.done / scale:,.0f} of {status.total / scale:,.0f} {unit}"
        parts.append(f"{amount} ({100 * share_done(status):.0f} %)")
    elif status.done > 0:
        parts.append(f"{status.done / 1000:,.1f} MB so far")
    if status.units_per_second is not None:
        parts.append(f"{status.units_per_second / 1000:,.1f} MB/s")
    return parts


def duration(seconds: float) -> str:
    """Say a time span in the unit that fits: `8 s`, `4 min 10 s`, `2 h 05 min`."""
    minutes, whole_seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {whole_seconds:02d} s" if minutes else f"{whole_seconds} s"


def _rough(seconds: float) -> str:
    return f"{round(seconds / 60)} min" if 90 <= seconds < 3600 else duration(seconds)
