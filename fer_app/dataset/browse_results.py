"""What other parts of the app have found out about a dataset, as far as it is there: findings, twins, predictions.

Each is read from the dataset's audit folder and kept in memory until its file changes; nothing is computed here.
"""

from pathlib import Path

import pandas as pd
import streamlit as st

from fer_app.loaders import Stamp, file_stamp
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.audit import read_findings
from fer_core.dataset.corrections.edits import read_corrections
from fer_core.dataset.corrections.file import CORRECTIONS_NAME
from fer_core.dataset.duplicates.pairs import load_duplicates
from fer_core.models import ModelPackage, list_models
from fer_core.models.predictions import load_predictions


def findings_of(dataset: Dataset, view: DatasetIndex) -> pd.DataFrame | None:
    """Return what the audit found: check, image_id, group, score; None without an audit."""
    return _findings(dataset.name, _stamps(dataset, dataset.audit_folder), dataset, view)


def twins_of(dataset: Dataset, image_id: int) -> pd.DataFrame | None:
    """Return the twins of one picture: twin_id, similarity, relation; None where nobody has looked for any."""
    pairs = _duplicates(dataset.name, file_stamp(sorted(dataset.audit_folder.iterdir())), dataset)
    if pairs is None:
        return None
    columns = ["twin_id", "similarity", "relation"]
    as_first = pairs.loc[pairs["image_id"] == image_id, columns]
    as_second = pairs[pairs["twin_id"] == image_id].assign(twin_id=lambda rows: rows["image_id"])[columns]
    return pd.concat([as_first, as_second]).sort_values("similarity", ascending=False)


def history_of(dataset: Dataset, path: str) -> pd.DataFrame:
    """Return the corrections of one picture, oldest first."""
    corrections = read_corrections(dataset)
    return corrections[corrections["path"] == path]


def models_with_predictions(dataset: Dataset) -> list[str]:
    """Return the names of the models that have read this dataset."""
    folder = dataset.audit_folder / "predictions"
    if not folder.is_dir():
        return []
    stamp, models = file_stamp(sorted(folder.rglob("*"))), list_models()
    return _models(dataset.name, stamp, tuple(_identity(model) for model in models), dataset, models)


def predictions_of(dataset: Dataset, view: DatasetIndex, model: str) -> pd.DataFrame | None:
    """Return what a model says about the pictures, against the labels of now; None if there is nothing."""
    package = next((package for package in list_models() if package.name == model), None) if model else None
    if package is None:
        return None
    stamp = _stamps(dataset, dataset.audit_folder / "predictions")
    return _predictions(_identity(package), dataset.name, stamp, package, dataset, view)


@st.cache_resource(max_entries=8, show_spinner=False)
def _findings(name: str, stamp: Stamp, _dataset: Dataset, _view: DatasetIndex) -> pd.DataFrame | None:
    return read_findings(_dataset, _view)


@st.cache_resource(max_entries=8, show_spinner=False)
def _duplicates(name: str, stamp: Stamp, _dataset: Dataset) -> pd.DataFrame | None:
    return load_duplicates(_dataset)


@st.cache_data(max_entries=20, show_spinner=False)
def _models(
    name: str, stamp: Stamp, identities: tuple[tuple[str, str], ...], _dataset: Dataset, _models: list[ModelPackage]
) -> list[str]:
    return [package.name for package in _models if load_predictions(package, _dataset) is not None]


@st.cache_resource(max_entries=4, show_spinner=False)
def _predictions(
    identity: tuple[str, str],
    name: str,
    stamp: Stamp,
    _package: ModelPackage,
    _dataset: Dataset,
    _view: DatasetIndex,
) -> pd.DataFrame | None:
    return load_predictions(_package, _dataset, index=_view)


def _identity(package: ModelPackage) -> tuple[str, str]:
    return str(package.folder), package.info.created_at


def _stamps(dataset: Dataset, folder: Path) -> Stamp:
    """Return the stamp of a dataset's corrections and of all files below a folder."""
    return file_stamp([dataset.folder / CORRECTIONS_NAME, *sorted(folder.rglob("*"))])
