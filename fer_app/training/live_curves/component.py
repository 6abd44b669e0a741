"""The curves as a Streamlit component: what Python hands to the browser, and the fragment that keeps it new.

The element that draws is mounted when the page runs and stays as it is. A second one, without anything to see, is all
that the fragment renews once a second: it carries the news and nothing else, for Streamlit sends an element's script
again with every change of its data.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fer_app.plotly_route import plotly_address
from fer_app.training.live_curves.content import Sent, news, run_content, selection_metric
from fer_app.training.live_curves.log_tail import LogTail
from fer_app.training.live_curves.run_reader import reader_of
from fer_app.training.run_progress import progress_facts
from fer_core.errors import FerError
from fer_core.training import Run
from fer_core.training.runs.epoch_records import read_watched

SECONDS_BETWEEN_LOOKS = 1
_FOLDER = Path(__file__).parent
# One module, in this order.
_SCRIPTS = (
    "../../element.js",
    "../../plotly.js",
    "elements.js",
    "choices.js",
    "run_store.js",
    "series.js",
    "chart.js",
    "legend.js",
    "curves.js",
    "progress.js",
    "confusion.js",
    "faces.js",
    "details.js",
    "mount.js",
)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_mount = component(
    "fer_live_curves",
    html='<div class="fer-curves"></div>',
    css=_read("curves.css"),
    js="\n".join(map(_read, _SCRIPTS)),
    isolate_styles=False,  # plotly.js writes its own styles into the document and listens there while one drags
)
_mount_news = component("fer_run_news", js=_read("news.js"), isolate_styles=False)


def show_live(run: Run) -> None:
    """Show a run under way: progress, curves, details of the epochs and log, new once a second.

    The page runs again once when the run has chosen the faces it watches, and once when it has ended.
    """
    if not run.status().is_live:
        show_curves([run])
        show_epoch_details(run)
        return
    has_faces = read_watched(run.folder) is not None
    _show(["progress", "curves", "details", "log"], [run], key=f"live-{run.name}")
    reader = reader_of(run.folder)
    sent = Sent(len(reader.rows.texts), len(reader.epochs.texts), len(reader.hardware.texts), has_faces)
    _send_news(run, selection_metric(run), sent, LogTail(run))


def show_curves(runs: Sequence[Run]) -> None:
    """Show the curves of one ended run, or of several over each other in colours of their own."""
    names = "-".join(run.name for run in runs)
    _show(["curves"], runs, key=f"curves-{names}")


def show_epoch_details(run: Run) -> None:
    """Show recall, confusion matrix and watched faces of a run, epoch by epoch; nothing where none were noted."""
    reader = reader_of(run.folder)
    reader.refresh()
    if not reader.epochs.texts:
        return
    _show(["details"], [run], key=f"details-{run.name}")


def _show(parts: Sequence[str], runs: Sequence[Run], *, key: str) -> None:
    has_details = "details" in parts
    contents = [run_content(run, with_details=has_details) for run in runs]
    data: dict[str, Any] = {"plotly": plotly_address(), "parts": parts, "runs": contents}
    _mount(key=key, data=data)


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _send_news(run: Run, metric: str, sent: Sent, log: LogTail) -> None:
    """Send what is new. `sent` and `log` are this session's own and live as long as the page as it stands."""
    try:
        status = run.status()
    except FerError:  # the run was removed
        st.rerun()
    if not status.is_live or (not sent.has_faces and read_watched(run.folder) is not None):
        st.rerun()
    content = news(run.name, reader_of(run.folder), sent, progress_facts(status, metric), log.read())
    _mount_news(key=f"run-news-{run.name}", data=content, on_behind_change=lambda: _send_all(sent))


def _send_all(sent: Sent) -> None:
    """Forget what was sent: the browser has missed something."""
    sent.rows = sent.epochs = sent.hardware = 0
