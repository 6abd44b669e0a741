"""Many pictures at once: a folder, a zip or many files are read by a job, and tables are offered when it is done.

The job is a process of its own, so the tab may be closed meanwhile; a reload finds it again. Dropped files are copied
into the job's folder and deleted at its end; its tables stay until somebody closes it.
"""

import os
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import begin_job, watch_job
from fer_app.markdown import literal
from fer_app.prediction.photo_settings import PhotoSettings
from fer_app.prediction.photo_table import counted, show_faces_table
from fer_app.sharing.visitor_limits import limits_here
from fer_core.dataset.sources.archive_names import safe_name
from fer_core.errors import JobError
from fer_core.jobs import read_result, read_status
from fer_core.models import ModelPackage
from fer_core.prediction.batch import BATCH_TARGET, UPLOADS_FOLDER
from fer_core.settings import load_settings

_FORMATS = {".csv": "CSV", ".parquet": "Parquet", ".jsonl": "JSON lines"}
_PREVIEW_ROWS = 200
_LARGEST_DOWNLOAD = 500 * 1024 * 1024  # bytes; it passes through this server's memory
_START = "batch"


def show_batch(model: ModelPackage, settings: PhotoSettings) -> None:
    """Show the job where there is one, and what it takes to start one."""
    if not limits_here().has_batches:
        raise PermissionError("a visitor's session asked for the batches")
    folder = load_settings().jobs_folder / "predict-pictures"
    st.markdown(
        "Folders and zips with any number of pictures. They are read in the background, broken files are listed, and a "
        "batch that was cancelled goes on where it stopped when it is started again."
    )
    with st.container():  # one place, whether there is a job or not, so that what stands below keeps its state
        status = watch_job(folder)
        if status is not None and status.state == "completed":
            _show_result(read_result(folder) or {})
    _offer_start(folder, model, settings, is_live=status is not None and status.is_live)


def _offer_start(folder: Path, model: ModelPackage, settings: PhotoSettings, *, is_live: bool) -> None:
    path, uploads = _ask_for_pictures()
    left, right = st.columns(2, vertical_alignment="bottom")
    suffix = left.segmented_control(
        "Table", list(_FORMATS), format_func=_FORMATS.__getitem__, default=".csv", required=True, key="batch-format"
    )
    with_copies = right.toggle("Also make copies with boxes and labels", key="batch-copies")
    if is_live:
        st.caption("One batch is read at a time: the one above comes first.")
    if not start_button("Read all pictures", key=_START, icon=":material/play_arrow:", disabled=is_live):
        return
    if not path and not uploads:
        st.warning("Type the path of a folder or drop a zip first.", icon=":material/folder_open:")
        return
    arguments: dict[str, Any] = {
        "paths": [os.path.abspath(os.path.expanduser(path))] if path else [],
        "model": str(model.folder),
        "settings": {"faces": settings.faces, "views": settings.views},
        "suffix": suffix,
        "with_copies": with_copies,
    }
    if _start(folder, arguments, uploads, Path(path).name or f"{len(uploads)} files"):
        st.rerun()


def _ask_for_pictures() -> tuple[str, Sequence[Any]]:
    """Ask for a path and for files; both may be given."""
    path = (
        st.text_input(
            "Folder, zip or picture on this computer",
            key="batch-path",
            placeholder="~/Pictures/party",
            help="It is read where it is; nothing in it is changed.",
        )
        .strip()
        .strip("\"'")
    )
    uploads = st.file_uploader(
        "Or drop zips and pictures here",
        type=["zip", "image", "heic", "heif"],
        accept_multiple_files=True,
        key="batch-uploads",
        help="They are copied to this computer's disk for the job and deleted at its end.",
    )
    return path, uploads


def _start(folder: Path, arguments: dict[str, Any], uploads: Sequence[Any], what: str) -> bool:
    """Copy what was dropped and start the job; a full disk or a batch of another tab is told."""
    target = folder / UPLOADS_FOLDER
    try:
        if _is_live(folder):
            st.error("Another batch is being read. Wait for its end or cancel it, then start this one.")
            return False
        shutil.rmtree(target, ignore_errors=True)
        _copy(uploads, target)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        st.error(f"The files cannot be stored ({literal(str(error))}). Free some disk space and try again.")
        return False
    return begin_job(folder, BATCH_TARGET, arguments, title=f"Reading {what}", keys=[_START])


def _is_live(folder: Path) -> bool:
    try:
        return read_status(folder).is_live
    except JobError:
        return False


def _copy(uploads: Sequence[Any], target: Path) -> None:
    """Copy each upload under its own name; one whose name is taken gets a number."""
    for number, upload in enumerate(uploads, start=1):
        target.mkdir(parents=True, exist_ok=True)
        path = target / safe_name(Path(upload.name).name)
        path = path.with_name(f"{number}-{path.name}") if path.exists() else path
        with path.open("wb") as file:
            shutil.copyfileobj(upload, file)


def _show_result(result: dict[str, Any]) -> None:
    """Show counts, the first rows and the files to take away."""
    st.markdown(
        f"{counted(result['num_faces'], 'face')} on {counted(result['num_pictures'], 'picture')}; unsure about "
        f"**{result['num_unsure']:,}** of them; {counted(result['num_errors'], 'file')} could not be read."
    )
    table = Path(result["table"])
    if result["num_faces"] and table.exists():
        show_faces_table(_first_rows(table))
        if result["num_faces"] > _PREVIEW_ROWS:
            st.caption(f"The first {_PREVIEW_ROWS} of {result['num_faces']:,} faces.")
    titles = {"table": "Table of faces", "errors": "Files that could not be read", "annotated": "Annotated copies"}
    with st.container(horizontal=True):
        for name, title in titles.items():
            if result.get(name) and Path(result[name]).exists():
                _offer_file(title, Path(result[name]))
    st.caption("“Close” above deletes these files from this computer.")


def _offer_file(title: str, path: Path) -> None:
    size = path.stat().st_size
    if size > _LARGEST_DOWNLOAD:
        st.markdown(f"{title}, {size / 1e9:.1f} GB: {literal(str(path))}")
        return
    label = f"{title} ({size / 1e6:.1f} MB)"
    data = partial(path.read_bytes)
    st.download_button(label, data, file_name=path.name, icon=":material/download:", on_click="ignore")


def _first_rows(table: Path) -> pd.DataFrame:
    if table.suffix == ".csv":
        return pd.read_csv(table, nrows=_PREVIEW_ROWS)
    if table.suffix == ".jsonl":
        return pd.read_json(table, lines=True, nrows=_PREVIEW_ROWS)
    import pyarrow.parquet

    batch = next(pyarrow.parquet.ParquetFile(table).iter_batches(_PREVIEW_ROWS))
    return batch.to_pandas()
