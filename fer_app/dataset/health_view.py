"""The health report on a page: the job that makes it, and what to do when there is none or labels have changed since.

A small dataset is checked at once; for a large one a button offers it, since the first report takes a minute or so.
"""

from pathlib import Path

import streamlit as st

from fer_app.controls import start_button
from fer_app.dataset.health_figures import show_class_counts, show_class_figures, show_split_figures
from fer_app.dataset.health_findings import show_findings, show_headline
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.loaders import Stamp, file_stamp, view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.audit import AuditReport, load_audit
from fer_core.dataset.audit.stored import REPORT_NAME
from fer_core.dataset.suspicious import SUSPICIOUS_NAME
from fer_core.health import AUDIT_TARGET, audit_job_folder

CHECKED_AT_ONCE = 5_000  # images; a report of so many takes seconds
_SAMPLES = (200, 500, 1_000)


def show_health(dataset: Dataset) -> None:
    """Show a dataset's health report, or the way to it."""
    view, folder = view_of(dataset), audit_job_folder(dataset)
    clear_ended_job(folder, only_completed=True)
    report = _report_of(dataset, view)
    if report is None and len(view.table) <= CHECKED_AT_ONCE and not _was_started(dataset) and not folder.exists():
        _begin(dataset, folder)
    status = watch_job(folder)
    is_busy = status is not None and status.is_live
    if report is None:
        if not is_busy:
            _offer_report(dataset, view, folder)
        return
    if report.fingerprint != view.fingerprint and not is_busy:
        _offer_refresh(dataset, folder)
    show_headline(report)
    show_findings(dataset, report)
    if report.finding("face_not_found") is None and not is_busy:
        _offer_faces(dataset, folder)
    show_split_figures(report)
    show_class_figures(report)


def _report_of(dataset: Dataset, view: DatasetIndex) -> AuditReport | None:
    files = [dataset.audit_folder / name for name in (REPORT_NAME, SUSPICIOUS_NAME)]
    return _report(dataset, view, str(dataset.folder), view.fingerprint, file_stamp(files))


@st.cache_resource(max_entries=8, show_spinner=False)
def _report(_dataset: Dataset, _view: DatasetIndex, folder: str, fingerprint: str, stamp: Stamp) -> AuditReport | None:
    return load_audit(_dataset, _view)


def _offer_report(dataset: Dataset, view: DatasetIndex, folder: Path) -> None:
    st.info(
        f"The {len(view.table):,} pictures of **{literal(dataset.name)}** have not been checked yet. The first time "
        "takes a minute or two for tens of thousands; it can be cancelled, and other pages work meanwhile.",
        icon=":material/health_and_safety:",
    )
    if start_button("Check this dataset", key="audit", icon=":material/health_and_safety:"):
        _start(dataset, folder)
    show_class_counts(view.counts())


def _offer_refresh(dataset: Dataset, folder: Path) -> None:
    text, control = st.columns([5, 1], vertical_alignment="center")
    text.warning("Labels or files have changed since this report was made.", icon=":material/history:")
    with control:
        if start_button("Refresh", key="audit-refresh", icon=":material/refresh:"):
            _start(dataset, folder, key="audit-refresh")


def _offer_faces(dataset: Dataset, folder: Path) -> None:
    with st.expander("Look for pictures without a face", icon=":material/face:"):
        st.markdown(
            "The face detector looks at a sample of the pictures and reports those where it finds no face, or one that "
            "is small or far from the middle. It takes some seconds for every hundred pictures."
        )
        number = st.segmented_control(
            "Pictures to look at",
            _SAMPLES,
            default=_SAMPLES[1],
            required=True,
            key="audit-sample",
            format_func="{:,}".format,
        )
        if start_button("Look for faces", key="audit-faces", type="secondary", icon=":material/face:"):
            _start(dataset, folder, key="audit-faces", sampled_faces=number or _SAMPLES[1])


def _start(dataset: Dataset, folder: Path, *, key: str = "audit", sampled_faces: int = 0) -> None:
    if _begin(dataset, folder, key=key, sampled_faces=sampled_faces):
        st.rerun()


def _begin(dataset: Dataset, folder: Path, *, key: str = "audit", sampled_faces: int = 0) -> bool:
    st.session_state[_started_key(dataset)] = True
    arguments = {"dataset": dataset.name, "sampled_faces": sampled_faces}
    return begin_job(folder, AUDIT_TARGET, arguments, title=f"Checking {dataset.name}", keys=[key])


def _was_started(dataset: Dataset) -> bool:
    """Tell whether this session has started a report already: one that failed or was cancelled is not forced on it."""
    return bool(st.session_state.get(_started_key(dataset)))


def _started_key(dataset: Dataset) -> str:
    return f"audit-started-{dataset.name}-{dataset.added_at}"
