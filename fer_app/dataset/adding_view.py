"""Adding a dataset: a tab for each way to get one, and the job that does it.

All of them use one job, so one dataset is added at a time; a reload, a second tab or a second click find the same job.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from fer_app.controls import start_button
from fer_app.dataset.adding_job import adding_folder, is_adding, start_adding
from fer_app.dataset.label_questions import is_asking, show_label_questions
from fer_app.dataset.merging_view import show_merging
from fer_app.job_view import watch_job
from fer_app.markdown import literal
from fer_core.dataset import Dataset
from fer_core.dataset.sources.kaggle import is_client_installed, kaggle_slug
from fer_core.dataset.sources.source import find_source
from fer_core.errors import DownloadError

_PACKED = ["zip", "tar", "tgz", "gz", "bz2", "xz", "csv"]
_METADATA_HELP = (
    "Optional: a CSV with a column `path` and columns of groups, such as subject or self-declared group. Paths are "
    "those inside the dataset, or file names where these are unique."
)


def show_adding() -> None:
    """Show how far the adding is; where it has stopped at unknown labels, ask what they mean."""
    with st.container():  # one place, whether there is a job or not, so that what stands below keeps its state
        if not show_label_questions():
            watch_job(adding_folder())


def show_ways_to_add(datasets: Sequence[Dataset]) -> None:
    """Offer every way to get data."""
    busy = is_adding() or is_asking()
    note = st.empty()  # always there: elements below that change their place lose their state
    if busy:
        note.caption("One dataset is added at a time: the one above comes first.")
    names = ["Drawn faces", "Drop a file", "Web address", "Path on this computer", "Kaggle", "Merge datasets"]
    drawn, dropped, address, path, kaggle, merge = st.tabs(names)
    with drawn:
        _offer_drawn_faces(datasets, busy)
    with dropped:
        _offer_upload(busy)
    with address:
        _offer_address(busy)
    with path:
        _offer_path(busy)
    with kaggle:
        _offer_kaggle(busy)
    with merge:
        show_merging(datasets, busy)


def _offer_drawn_faces(datasets: Sequence[Dataset], busy: bool) -> None:
    st.markdown(
        "910 small grey faces drawn by a program in seven expressions: no download, no licence, ready in seconds. "
        "Good for a first walk through the app; a network trained on them does not read photographs."
    )
    present = next((dataset.name for dataset in datasets if dataset.kind == "drawn"), None)
    if present:
        st.caption(f"Already here as “{literal(present)}”; the drawn faces are the same every time.")
    if start_button("Add drawn faces", key="add-drawn", icon=":material/draw:", disabled=busy):
        _start("add-drawn", "Adding drawn faces", {"source": "drawn"})


def _offer_upload(busy: bool) -> None:
    st.markdown(
        "A zip or tar with one folder for each expression, such as `train/happy/…` and `test/happy/…`, or FER2013's "
        "CSV, packed or not."
    )
    round_ = st.session_state.setdefault("upload-round", 0)
    upload = st.file_uploader("Zip, tar or CSV file", type=_PACKED, key=f"upload-{round_}")
    name = _name_box(f"upload-name-{round_}", "made from the file's name")
    metadata = _metadata_box("upload")
    is_ready = upload is not None and not busy
    if start_button("Add this file", key="add-upload", icon=":material/upload:", disabled=not is_ready) and upload:
        uploads = {"source": (upload.name, upload), "metadata": metadata}
        _start("add-upload", f"Adding {upload.name}", {"name": name}, uploads)


def _offer_address(busy: bool) -> None:
    st.markdown(
        "The link is fetched by this computer, not by your browser, so it must work without signing in. Share links of "
        "Dropbox and Google Drive work too. A download that breaks off goes on where it stopped."
    )
    url = st.text_input("Web address", key="add-url-source", placeholder="https://example.org/faces.zip").strip()
    sha256 = st.text_input(
        "SHA-256 (optional)",
        key="add-url-sha256",
        placeholder="64 digits, as the page of the dataset gives them",
        help="If the file is another one or was damaged on its way, it is refused and deleted.",
    )
    name = _name_box("add-url-name", "made from the address")
    metadata = _metadata_box("url")
    if start_button("Add from this address", key="add-url", icon=":material/download:", disabled=busy):
        if not url.lower().startswith(("https://", "http://")):
            st.warning("Paste an address that begins with https:// or http:// first.", icon=":material/link:")
        else:
            arguments = {"source": url, "name": name, "sha256": sha256.strip() or None}
            _start("add-url", f"Adding {find_source(url).title}", arguments, {"metadata": metadata})


def _offer_path(busy: bool) -> None:
    st.markdown(
        "A zip, a tar, FER2013's CSV, or a folder with one subfolder for each expression. What is packed is unpacked "
        "into the app's own folder; a folder is used where it is and never changed."
    )
    path = _typed_path("Path to a file or a folder", "add-path-source", "~/Downloads/fer2013.zip")
    metadata = _typed_path("Metadata CSV (optional)", "add-path-metadata", "~/people.csv", help=_METADATA_HELP)
    name = _name_box("add-path-name", "made from the path")
    if start_button("Add from this path", key="add-path", icon=":material/folder_open:", disabled=busy):
        if path is None:
            st.warning("Type the path of a file or a folder first.", icon=":material/folder_open:")
        else:
            arguments = {"source": str(path), "name": name, "metadata": str(metadata) if metadata else None}
            _start("add-path", f"Adding {path.name}", arguments)


def _offer_kaggle(busy: bool) -> None:
    st.markdown(
        "A dataset of [Kaggle](https://www.kaggle.com/datasets) by its name, fetched with Kaggle's own client on this "
        "computer. Some datasets need a token and accepted terms; the error then says where to put it."
    )
    is_installed = is_client_installed()
    if not is_installed:
        st.caption("Kaggle's client is not installed. Run `pip install kaggle`, then start the app again.")
    typed = st.text_input("Owner and name, or the page's address", key="add-kaggle-source", placeholder="owner/name")
    name = _name_box("add-kaggle-name", "made from Kaggle's name")
    metadata = _metadata_box("kaggle")
    disabled = busy or not is_installed
    if start_button("Add from Kaggle", key="add-kaggle", icon=":material/download:", disabled=disabled):
        try:
            slug = kaggle_slug(typed)
        except DownloadError as error:
            st.warning(literal(str(error)), icon=":material/help:")
        else:
            arguments = {"source": f"kaggle:{slug}", "name": name}
            _start("add-kaggle", f"Adding {slug} from Kaggle", arguments, {"metadata": metadata})


def _name_box(key: str, placeholder: str) -> str | None:
    return st.text_input("Name (optional)", key=key, placeholder=placeholder).strip() or None


def _typed_path(label: str, key: str, placeholder: str, help: str | None = None) -> Path | None:
    """A path as people type or paste it, with quotes around it or a tilde in front."""
    typed = st.text_input(label, key=key, placeholder=placeholder, help=help).strip().strip("\"'")
    return Path(os.path.abspath(os.path.expanduser(typed))) if typed else None


def _metadata_box(way: str) -> tuple[str, Any] | None:
    key = f"metadata-{way}-{st.session_state.get('upload-round', 0)}"
    upload = st.file_uploader("Metadata CSV (optional)", type=["csv"], key=key, help=_METADATA_HELP)
    return (upload.name, upload) if upload is not None else None


def _start(key: str, title: str, arguments: dict[str, Any], uploads: dict[str, Any] | None = None) -> None:
    if start_adding(key, title, arguments, uploads=uploads):
        st.session_state["upload-round"] = st.session_state.get("upload-round", 0) + 1  # frees the server's memory
        st.rerun()
