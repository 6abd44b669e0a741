"""Taking a model along in other forms, on a page: the job that makes and tries them, and what came of it.

The zips are kept with the rows that say how each form differs from the original, until the model changes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_folders import job_folder_of
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.markdown import literal
from fer_core.models import ModelPackage
from fer_core.models.agreement import MIN_SAME_LABELS
from fer_core.models.catalog import exports_folder
from fer_core.models.export_formats import EXPORT_FORMATS
from fer_core.models.exporting import read_exports
from fer_core.models.origin import is_keras_trusted

_TARGET = "fer_core.models.exporting:export_job"
_COLUMNS = {
    "Size": st.column_config.NumberColumn(format="%.2f MB", help="The network alone; the zip is about as large"),
    "Largest difference": st.column_config.NumberColumn(
        format="%.6f", help="Of any probability on any face, against the Keras network, before the temperature"
    ),
    "Same answer": st.column_config.NumberColumn(format="%.1f %%", help="Faces with the same most probable class"),
    "Accuracy change": st.column_config.NumberColumn(
        format="%+.2f points", help="Against the Keras network, where the labels of the faces are its classes"
    ),
    "Time": st.column_config.NumberColumn(
        format="%.2f ms", help="For one face in one view on this computer's processor, the fastest of 40 tries"
    ),
}


def show_export(package: ModelPackage) -> None:
    """Show in which forms a model can be taken along, and those that were made."""
    st.header("Take it along", anchor=False)
    st.caption(
        "Each zip holds the network, a short script that runs it without this app, and a guide. Every file is tried on "
        "up to 500 faces and compared with the original."
    )
    rows = read_exports(package)
    if rows:
        _show_rows(package, rows)
    if not is_keras_trusted(package.folder):
        st.info(
            "This model was imported and its Keras network stays closed, so it cannot be converted. The model package "
            "can be downloaded above.",
            icon=":material/lock:",
        )
        return
    folder = _job_folder(package)
    status = watch_job(folder, on_done=lambda _: clear_ended_job(folder, only_completed=True))
    if status is None or not status.is_live:
        _offer(package, folder, rows)


def _offer(package: ModelPackage, folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    ready = {name: known for name, known in EXPORT_FORMATS.items() if not known.missing}
    chosen = st.pills(
        "Forms",
        list(ready),
        selection_mode="multi",
        default=[] if rows else list(ready),
        format_func=lambda name: ready[name].title,
        key=f"export-{package.name}",
    )
    for known in EXPORT_FORMATS.values():
        if known.missing:
            st.caption(f"{known.title} takes more: `python -m pip install {known.install}`")
    if chosen:
        st.caption("; ".join(f"{ready[name].title}: {ready[name].about}" for name in chosen) + ".")
    if start_button(
        "Make and compare", key="export", icon=":material/ios_share:", type="secondary", disabled=not chosen
    ):
        arguments = {"model": package.name, "formats": [name for name in ready if name in chosen]}
        if begin_job(folder, _TARGET, arguments, title=f"Exporting {package.name}", keys=["export"]):
            st.rerun()


def _show_rows(package: ModelPackage, rows: Sequence[Mapping[str, Any]]) -> None:
    st.dataframe(_table(rows), hide_index=True, width="stretch", column_config=_COLUMNS, alt="Table of the exports")
    st.caption(f"Tried on {rows[-1]['num_images']:,} faces of {literal(rows[-1]['faces'])}.")
    different = [row for row in rows if row["same_labels"] < MIN_SAME_LABELS]
    for row in different:
        st.warning(
            f"{row['title']} calls {100 * (1 - row['same_labels']):.1f} % of these faces otherwise than the original. "
            "Measure it before you rely on it.",
            icon=":material/warning:",
        )
    with st.container(horizontal=True):
        for row in rows:
            path = exports_folder(package) / row["archive"]
            st.download_button(
                row["title"],
                data=path.read_bytes,
                file_name=row["archive"],
                mime="application/zip",
                icon=":material/download:",
                on_click="ignore",
                key=f"download-{row['format']}",
            )


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Form": row["title"],
            "Size": row["file_bytes"] / 1e6,
            "Largest difference": row["max_difference"],
            "Same answer": 100 * row["same_labels"],
            "Accuracy change": None if row["accuracy_change"] is None else 100 * row["accuracy_change"],
            "Time": row["ms_per_face"],
        }
        for row in rows
    )


def _job_folder(package: ModelPackage) -> Path:
    return job_folder_of("export", package.name, package.answers_digest())
