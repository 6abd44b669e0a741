"""Adding a dataset: three ways to get one, and the job that does it.

All of them use one job folder, so one dataset is added at a time; a reload, a second tab or a second click find the
same job.
"""

import re
import shutil
import uuid
from pathlib import Path
from typing import Any, BinaryIO

import streamlit as st

from fer_app.controls import start_button, void_clicks
from fer_app.markdown import literal
from fer_core.dataset import Dataset
from fer_core.errors import JobError
from fer_core.jobs import read_result, read_status, remove_job, start_job
from fer_core.settings import load_settings

_TARGET = "fer_core.dataset.catalog:add_dataset_job"
_UPLOAD_CHUNK = 8 * 1024 * 1024  # bytes


def adding_folder() -> Path:
    """Return the folder of the job that adds a dataset."""
    return load_settings().jobs_folder / "add-dataset"


def take_added_dataset() -> str | None:
    """Return the name of a dataset whose job has just completed and clear the job away; None if there is none."""
    folder = adding_folder()
    try:
        if read_status(folder).state != "completed":
            return None
        result = read_result(folder) or {}
        remove_job(folder)
    except JobError:
        return None
    return result.get("name")


def is_adding() -> bool:
    """Tell whether a dataset is being added right now."""
    try:
        return read_status(adding_folder()).is_live
    except JobError:
        return False


def show_ways_to_add(datasets: list[Dataset]) -> None:
    """Offer the three ways to get data: drawn faces, a dropped zip, a path on this computer."""
    busy = is_adding()
    drawn, dropped, path = st.tabs(["Drawn faces", "Drop a zip", "Path on this computer"])
    with drawn:
        _offer_drawn_faces(datasets, busy)
    with dropped:
        _offer_upload(busy)
    with path:
        _offer_path(busy)


def _offer_drawn_faces(datasets: list[Dataset], busy: bool) -> None:
    st.markdown(
        "910 small grey faces drawn by a program in seven expressions: no download, no licence, ready in seconds. "
        "Good for a first walk through the app; a network trained on them does not read photographs."
    )
    present = next((dataset.name for dataset in datasets if dataset.kind == "drawn"), None)
    if present:
        st.caption(f"Already here as “{literal(present)}”; the drawn faces are the same every time.")
    if start_button("Add drawn faces", key="add-drawn", icon=":material/draw:", disabled=busy):
        _start("add-drawn", {"source": "drawn"}, "Adding drawn faces")


def _offer_upload(busy: bool) -> None:
    st.markdown(
        "A zip with one folder for each expression, such as `train/happy/…` and `test/happy/…`; the FER2013 zip is one."
    )
    round_ = st.session_state.setdefault("upload-round", 0)
    upload = st.file_uploader("Zip file", type=["zip"], key=f"upload-{round_}")
    name = st.text_input("Name (optional)", key=f"upload-name-{round_}", placeholder="made from the file's name")
    is_ready = upload is not None and not busy
    if start_button("Add this zip", key="add-upload", icon=":material/upload:", disabled=not is_ready) and upload:
        _start_upload(upload, upload.name, name)


def _offer_path(busy: bool) -> None:
    st.markdown(
        "A zip, or a folder with one subfolder for each expression. A zip is unpacked into the app's own folder; a "
        "folder is used where it is and never changed."
    )
    path = st.text_input("Path to a zip or a folder", key="add-path-source", placeholder="~/Downloads/fer2013.zip")
    name = st.text_input("Name (optional)", key="add-path-name", placeholder="made from the path")
    if start_button("Add from this path", key="add-path", icon=":material/folder_open:", disabled=busy):
        path = path.strip().strip("\"'")
        if not path:
            st.warning("Type the path of a zip or a folder first.", icon=":material/folder_open:")
        else:
            source = Path(path).expanduser().absolute()
            _start("add-path", {"source": str(source), "name": name.strip() or None}, f"Adding {source.name}")


def _start_upload(upload: BinaryIO, file_name: str, name: str) -> None:
    """Copy the upload to disk in chunks, free the server's memory, start the job that deletes the copy."""
    if is_adding():
        st.error("Another dataset is being added. Wait for its end or cancel it, then add this one.")
        return
    stem = re.sub(r"[^\w.-]+", "-", Path(file_name).stem).strip("-._") or "dataset"
    folder = adding_folder() / f"upload-{uuid.uuid4().hex[:8]}"
    copy = folder / f"{stem}.zip"
    try:
        folder.mkdir(parents=True)
        with copy.open("wb") as file:
            shutil.copyfileobj(upload, file, _UPLOAD_CHUNK)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        st.error(f"The upload cannot be stored ({error}). Free some disk space and drop the file again.")
        return
    st.session_state["upload-round"] += 1
    arguments = {"source": str(copy), "name": name.strip() or None, "delete_source": True}
    _start("add-upload", arguments, f"Adding {file_name}")


def _start(key: str, arguments: dict[str, Any], title: str) -> None:
    try:
        start_job(adding_folder(), _TARGET, arguments, title=title)
    except JobError as error:
        st.error(literal(str(error)))
        return
    void_clicks(key)
    st.rerun()
