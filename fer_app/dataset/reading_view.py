"""Letting a model read a whole dataset: the way from "not yet" to probabilities and embeddings of every picture."""

from pathlib import Path

import streamlit as st

from fer_app.controls import start_button
from fer_app.job_folders import job_folder_of
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.loaders import index_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset
from fer_core.models import ModelPackage
from fer_core.models.predictions import has_predictions

_TARGET = "fer_core.models.predictions:predict_dataset_job"


def show_reading(package: ModelPackage, dataset: Dataset) -> bool:
    """Offer to read a dataset with a model, or show how far that is.

    Returns:
        Whether it has been read: then nothing is shown.
    """
    folder = _job_folder(package, dataset)
    if has_predictions(package, dataset, index=index_of(dataset)):
        clear_ended_job(folder)
        return True
    status = watch_job(folder)
    if status is not None and status.is_live:
        return False
    num_images = int(index_of(dataset).table["readable"].sum())
    st.info(f"**{literal(package.name)}** has not read **{literal(dataset.name)}** yet.", icon=":material/visibility:")
    if start_button(f"Read {num_images:,} pictures with it", key="read-dataset", icon=":material/play_arrow:"):
        arguments = {"model": str(package.folder), "dataset": dataset.name}
        title = f"Reading {dataset.name} with {package.name}"
        if begin_job(folder, _TARGET, arguments, title=title, keys=["read-dataset"]):
            st.rerun()
    return False


def _job_folder(package: ModelPackage, dataset: Dataset) -> Path:
    return job_folder_of("read", package.digest(), dataset.name, dataset.added_at)
