"""What pages open again and again: predictors and dataset indexes, kept in memory between runs of a page.

Each cache key holds a fingerprint of the files, so a package or dataset that was replaced under the same name is
opened afresh. Lists of datasets, models and runs are read from disk every time: they are small and change.
"""

import streamlit as st

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.models import ModelPackage, find_model
from fer_core.prediction import Predictor, load_predictor


def predictor_for(package: ModelPackage) -> Predictor:
    """Return a package's predictor, which several sessions share; it is thread-safe."""
    return _predictor(str(package.folder), package.digest())


def index_of(dataset: Dataset) -> DatasetIndex:
    """Return a dataset's index; its pixels stay on disk until they are used."""
    files = sorted(path for path in dataset.folder.iterdir() if path.is_file())
    stamp = tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files)
    return _index(dataset.name, str(dataset.folder), stamp)


@st.cache_resource(max_entries=4, show_spinner="Loading the model")
def _predictor(folder: str, digest: str) -> Predictor:
    return load_predictor(find_model(folder))


@st.cache_resource(max_entries=8, show_spinner="Opening the dataset")
def _index(name: str, folder: str, stamp: tuple[tuple[str, int, int], ...]) -> DatasetIndex:
    return open_dataset(name).index
