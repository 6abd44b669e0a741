"""The one job that adds a dataset: started from any tab, found again by a reload, and asked what labels mean.

Uploaded files are copied into the job's folder. They stay while the job asks a question, so that nobody has to drop a
file twice, and go with the folder.
"""

import math
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import streamlit as st

from fer_app.controls import lead_to
from fer_app.job_view import begin_job
from fer_app.markdown import literal
from fer_core.dataset.sources.archive_names import safe_name
from fer_core.dataset.sources.source import find_source, forget_download
from fer_core.errors import DatasetError, JobError
from fer_core.jobs import JobStatus, read_arguments, read_result, read_status, remove_job
from fer_core.settings import load_settings

_ADD = "fer_core.dataset.catalog:add_dataset_job"
_MERGE = "fer_core.dataset.merge:merge_datasets_job"
_ADDED = "dataset-added"  # session state key: the dataset added last, and when
_SECONDS_OF_LEAD = 8
_UPLOAD_CHUNK = 8 * 1024 * 1024  # bytes


def adding_folder() -> Path:
    """Return the folder of the job that adds a dataset."""
    return load_settings().jobs_folder / "add-dataset"


def adding_status() -> JobStatus | None:
    """Return how the job stands, None where there is none."""
    try:
        return read_status(adding_folder())
    except JobError:
        return None


def is_adding() -> bool:
    """Tell whether a dataset is being added right now."""
    status = adding_status()
    return status is not None and status.is_live


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


def show_added_dataset() -> None:
    """Lead the page to a dataset that has just been added.

    For some seconds the browser may still send the dataset that it showed before; until then each run leads to the new
    one.
    """
    if added := take_added_dataset():
        st.session_state[_ADDED] = (added, time.monotonic())
        st.query_params.from_dict({"dataset": added})
        st.toast(f"“{literal(added)}” is ready.", icon=":material/check:")
    name, since = st.session_state.get(_ADDED, ("", -math.inf))
    if time.monotonic() - since < _SECONDS_OF_LEAD:
        lead_to("dataset", name)


def start_adding(
    key: str,
    title: str,
    arguments: Mapping[str, Any],
    *,
    uploads: Mapping[str, tuple[str, BinaryIO] | None] | None = None,
) -> bool:
    """Start the job that adds a dataset, or say why it cannot be started.

    Args:
        key: The start button's key.
        title: What the job does, for people.
        arguments: For `add_dataset_job`.
        uploads: Argument -> (file name, stream) whose copy becomes that argument; None where nothing was dropped.

    Returns:
        Whether it was started.
    """
    if is_adding():
        st.error("Another dataset is being added. Wait for its end or cancel it, then add this one.")
        return False
    folder = adding_folder() / f"upload-{uuid.uuid4().hex[:8]}"
    given = {name: upload for name, upload in (uploads or {}).items() if upload is not None}
    try:
        _drop_uploads()
        copies = {name: _stored(folder / name, *upload) for name, upload in given.items()}
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        st.error(f"The upload cannot be stored ({literal(str(error))}). Free some disk space and drop the file again.")
        return False
    return _start(key, _ADD, {**arguments, **copies, "delete_source": "source" in copies}, title)


def start_merging(key: str, names: list[str], name: str, label_maps: dict[str, dict[str, str]]) -> bool:
    """Start the job that merges datasets, or say why it cannot be started."""
    arguments = {"names": names, "name": name, "label_maps": label_maps}
    return _start(key, _MERGE, arguments, f"Merging {' and '.join(names)}")


def continue_adding(key: str, label_map: Mapping[str, str]) -> bool:
    """Start the job again with what the labels mean; files that were dropped or downloaded are still there."""
    try:
        title, arguments = read_status(adding_folder()).title, read_arguments(adding_folder())
    except JobError as error:
        st.error(literal(str(error)))
        return False
    known = arguments.get("label_map") or {}
    return _start(key, _ADD, {**arguments, "label_map": {**known, **label_map}}, title)


def dismiss_adding() -> None:
    """Give up an answer that is due: the job goes, with everything that was dropped or downloaded for it."""
    try:
        source = str(read_arguments(adding_folder()).get("source", ""))
        remove_job(adding_folder())
        forget_download(find_source(source))
    except JobError as error:
        st.toast(str(error), icon=":material/error:")
    except DatasetError:
        return  # the dropped file, which went with its job


def _start(key: str, target: str, arguments: dict[str, Any], title: str) -> bool:
    return begin_job(adding_folder(), target, arguments, title=title, keys=[key])


def _stored(folder: Path, name: str, stream: BinaryIO) -> str:
    """Copy an upload to disk in parts and return its path."""
    folder.mkdir(parents=True)
    copy = folder / safe_name(Path(name).name)
    with copy.open("wb") as file:
        shutil.copyfileobj(stream, file, _UPLOAD_CHUNK)
    return str(copy)


def _drop_uploads() -> None:
    """Delete what an earlier job left that was killed, or whose question was never answered."""
    for folder in adding_folder().glob("upload-*"):
        shutil.rmtree(folder, ignore_errors=True)
