"""Files that changed since a dataset was indexed: a line that says so, and the job that indexes it again."""

from pathlib import Path

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import begin_job, watch_job
from fer_app.loaders import Stamp, file_stamp
from fer_app.markdown import literal
from fer_core.dataset import Dataset, open_dataset
from fer_core.dataset.file_changes import changed_files
from fer_core.dataset.index import RECORD_NAME
from fer_core.errors import DatasetError
from fer_core.jobs import JobStatus
from fer_core.settings import load_settings

_REINDEX = "fer_core.dataset.file_changes:reindex_job"
_SECONDS_BETWEEN_LOOKS = 60  # looking takes a quarter of a second for FER2013


def show_file_changes(dataset: Dataset) -> None:
    """Where a dataset's folder is used in place and files in it changed, say how many and offer to index again.

    Files that were unpacked below FER_HOME are the program's own; nobody is expected to touch them.
    """
    watch_job(_job_folder(dataset), on_done=_forget_changes)
    if dataset.kind != "folder":
        return
    try:
        changes = _changes(dataset.name, file_stamp([dataset.folder / RECORD_NAME]))
    except DatasetError as error:
        st.warning(literal(str(error)), icon=":material/folder_off:")
        return
    if len(changes):
        st.warning(f"{_sentence(changes)} since the index was made.", icon=":material/sync_problem:")
        with st.expander("Which files"):
            st.dataframe(changes, hide_index=True, width="stretch")
        show_index_again(dataset)


def show_index_again(dataset: Dataset) -> None:
    """Offer to index a dataset again, also where its index is damaged; corrections are kept."""
    key = f"index-again-{dataset.name}"
    if not start_button("Index again", key=key, type="secondary", icon=":material/sync:"):
        return
    title = f"Indexing {dataset.name} again"
    if begin_job(_job_folder(dataset), _REINDEX, {"dataset": dataset.name}, title=title, keys=[key]):
        st.rerun()


def _sentence(changes: pd.DataFrame) -> str:
    """`3 files changed (1 missing, 1 changed, 1 new)`."""
    counts = changes["change"].value_counts()
    parts = ", ".join(f"{counts[change]:,} {change}" for change in ("missing", "changed", "new") if change in counts)
    return f"{len(changes):,} {'file' if len(changes) == 1 else 'files'} changed ({parts})"


def _job_folder(dataset: Dataset) -> Path:
    return load_settings().jobs_folder / f"index-again-{dataset.name}"


def _forget_changes(status: JobStatus) -> None:
    _changes.clear()


@st.cache_data(max_entries=8, ttl=_SECONDS_BETWEEN_LOOKS, show_spinner="Looking for changed files")
def _changes(name: str, stamp: Stamp) -> pd.DataFrame:
    return changed_files(open_dataset(name))
