"""What the Dataset page is made of: three ways to add a dataset, its facts, sample faces, and removing it.

Adding is a job. All of them use one folder, so one dataset is added at a time; a reload, a second tab or a second
click find the same job.
"""

import re
import shutil
import uuid
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from PIL import Image

from fer_app.choices import once_button
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex, remove_dataset
from fer_core.errors import FerError, JobError
from fer_core.jobs import read_result, read_status, remove_job, start_job
from fer_core.settings import load_settings
from fer_core.training import list_runs

_TARGET = "fer_core.dataset.catalog:add_dataset_job"
_THUMBNAIL_SIDE = 80  # pixels on the page; drawn at twice that for dense screens
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
        st.caption(f"Already here as “{present}”; the drawn faces are the same every time.")
    if once_button("Add drawn faces", key="add-drawn", type="primary", icon=":material/draw:", disabled=busy):
        _start_adding("drawn", None, "Adding drawn faces")


def _offer_upload(busy: bool) -> None:
    st.markdown(
        "A zip with one folder for each expression, such as `train/happy/…` and `test/happy/…`; the FER2013 zip is one."
    )
    round_ = st.session_state.setdefault("upload-round", 0)
    upload = st.file_uploader("Zip file", type=["zip"], key=f"upload-{round_}")
    name = st.text_input("Name (optional)", key=f"upload-name-{round_}", placeholder="made from the file's name")
    if once_button("Add this zip", key="add-upload", type="primary", icon=":material/upload:", disabled=busy):
        if upload is None:
            st.warning("Drop a zip file above first.", icon=":material/upload_file:")
        else:
            _start_adding_upload(upload, upload.name, name)


def _offer_path(busy: bool) -> None:
    st.markdown(
        "A zip, or a folder with one subfolder for each expression. A zip is unpacked into the app's own folder; a "
        "folder is used where it is and never changed."
    )
    path = st.text_input("Path to a zip or a folder", key="add-path-source", placeholder="/home/me/fer2013.zip")
    name = st.text_input("Name (optional)", key="add-path-name", placeholder="made from the path")
    if once_button("Add from this path", key="add-path", type="primary", icon=":material/folder_open:", disabled=busy):
        path = path.strip().strip("\"'")
        if not path:
            st.warning("Type the path of a zip or a folder first.", icon=":material/folder_open:")
        else:
            source = Path(path).expanduser().absolute()
            _start_adding(str(source), name, f"Adding {source.name}")


def _start_adding(source: str, name: str | None, title: str, *, delete_source: bool = False) -> None:
    arguments = {"source": source, "name": (name or "").strip() or None, "delete_source": delete_source}
    try:
        start_job(adding_folder(), _TARGET, arguments, title=title)
    except JobError as error:
        if delete_source:
            Path(source).unlink(missing_ok=True)
        st.session_state["adding-error"] = str(error)
    st.rerun()


def _start_adding_upload(upload: BinaryIO, file_name: str, name: str) -> None:
    """Copy the upload to disk in chunks, free the server's memory, start the job that deletes the copy."""
    stem = re.sub(r"[^\w.-]+", "-", Path(file_name).stem).strip("-._") or "dataset"
    folder = adding_folder() / f"upload-{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True)
        copy = folder / f"{stem}.zip"
        with copy.open("wb") as file:
            shutil.copyfileobj(upload, file, _UPLOAD_CHUNK)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        st.error(f"The upload cannot be stored ({error}). Free some disk space and drop the file again.")
        return
    st.session_state["upload-round"] += 1
    _start_adding(str(copy), name, f"Adding {file_name}", delete_source=True)


def show_facts(dataset: Dataset, index: DatasetIndex) -> None:
    """Show how much there is, where it came from, and which files could not be read."""
    unreadable = index.select(readable=False)
    images, classes, size, broken = st.columns(4)
    images.metric("Images", f"{len(index.table) - len(unreadable):,}", help="Readable images in all splits")
    classes.metric("Classes", len(index.class_names), help=", ".join(index.class_names))
    size.metric("Picture size", _picture_size(index.select()), help="Width × height of the files in pixels")
    broken.metric("Unreadable files", f"{len(unreadable):,} of {len(index.table):,}")
    origin = {
        "drawn": "Drawn by this program",
        "zip": f"Unpacked from `{Path(dataset.source).name}`",
        "folder": f"Used in place from `{dataset.files_folder}`",
    }
    st.caption(f"{origin[dataset.kind]}, added {dataset.added_at[:16].replace('T', ' ')} UTC.")
    if len(unreadable):
        with st.expander(
            f"{len(unreadable):,} files could not be read and are left out", icon=":material/broken_image:"
        ):
            st.dataframe(unreadable[["path", "split", "label"]], hide_index=True, width="stretch")


def _picture_size(rows: pd.DataFrame) -> str:
    small = f"{rows['width'].min()} × {rows['height'].min()}"
    large = f"{rows['width'].max()} × {rows['height'].max()}"
    return f"{small} px" if small == large else f"{small} to {large} px"


def show_samples(index: DatasetIndex, *, split: str, seed: int, num_faces: int = 12) -> None:
    """Show a few faces of each class, drawn by seed."""
    for number, label in enumerate(index.class_names):
        rows = index.select(split=split, label=label)
        chosen = rows.sample(min(num_faces, len(rows)), random_state=np.random.default_rng([seed, number])).sort_values(
            "image_id"
        )
        st.markdown(f"**{label}** · {len(chosen)} of {len(rows):,}")
        if len(chosen):
            pictures = [_enlarged(index.images[image_id]) for image_id in chosen["image_id"]]
            st.image(pictures, width=_THUMBNAIL_SIDE, alt=[f"{label}: {path}" for path in chosen["path"]])


def _enlarged(face: npt.NDArray[np.uint8]) -> Image.Image:
    """Enlarge one face (size, size, 1) smoothly; a browser would blur it."""
    side = 2 * _THUMBNAIL_SIDE
    return Image.fromarray(np.ascontiguousarray(face[..., 0])).resize((side, side), Image.Resampling.LANCZOS)


def show_removal(dataset: Dataset) -> None:
    """Say what removing a dataset deletes, and do it when the person agrees."""
    with st.popover("Remove this dataset", icon=":material/delete:"):
        if dataset.kind == "folder":
            place = literal(str(dataset.files_folder))
            st.markdown(f"The app forgets **{literal(dataset.name)}**. The pictures in {place} stay untouched.")
        else:
            st.markdown(f"Deletes **{literal(dataset.name)}** with the pictures that were unpacked for this app.")
        st.caption("Models that were trained on it stay.")
        if st.button("Remove", type="primary", key=f"remove-{dataset.name}", icon=":material/delete:"):
            _remove(dataset.name)


def _remove(name: str) -> None:
    users = [run.name for run in list_runs() if run.status().is_live and run.config.dataset == name]
    if users:
        st.error(f"{literal(users[0])} is being trained on it. Wait for its end or stop it first.")
        return
    try:
        remove_dataset(name)
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.session_state.pop("dataset", None)
    st.rerun()
