"""What pages open again and again: predictors and dataset indexes, kept in memory between runs of a page.

Each cache key holds a fingerprint of the files, so a package or dataset that was replaced under the same name is
opened afresh, and an edit by anybody is seen at once. Lists of datasets, models and runs are read from disk every
time: they are small and change.
"""

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.dataset.corrections.file import CORRECTIONS_NAME
from fer_core.dataset.duplicates.pairs import load_duplicates
from fer_core.dataset.index import IMAGES_NAME, TABLE_NAME
from fer_core.models import ModelPackage, find_model
from fer_core.prediction import Predictor, load_predictor
from fer_core.training import TrainConfig
from fer_core.training.learning_split import learning_split

_INDEX_FILES = (TABLE_NAME, IMAGES_NAME)

Stamp = tuple[tuple[str, int, int], ...]


def predictor_for(package: ModelPackage) -> Predictor:
    """Return a package's predictor, which several sessions share; it is thread-safe."""
    return _predictor(str(package.folder), package.digest())


def index_of(dataset: Dataset) -> DatasetIndex:
    """Return a dataset's index without corrections; its pixels stay on disk until they are used."""
    return _index(dataset.name, str(dataset.folder), file_stamp(dataset.folder / name for name in _INDEX_FILES))


def view_of(dataset: Dataset, without_leaks: bool = False) -> DatasetIndex:
    """Return a dataset with its corrections applied, as training and evaluation see it.

    Args:
        dataset: The dataset.
        without_leaks: Leave out the pictures that recur in another split as well; duplicates must be known.
    """
    files = _view_files(dataset) + (_duplicates_files(dataset) if without_leaks else [])
    return _view(dataset.name, str(dataset.folder), file_stamp(files), without_leaks)


def part_sizes(dataset: Dataset, config: TrainConfig) -> tuple[int, int]:
    """Return how many images a training learns from and how many it holds back."""
    files = _view_files(dataset) + _duplicates_files(dataset)
    return _part_sizes(str(dataset.folder), file_stamp(files), config)


def knows_duplicates(dataset: Dataset) -> bool:
    """Tell whether anybody has looked for the duplicates of a dataset's pictures."""
    files = [dataset.folder / name for name in _INDEX_FILES] + _duplicates_files(dataset)
    return _knows_duplicates(dataset.name, str(dataset.folder), file_stamp(files))


def view_stamp(dataset: Dataset) -> Stamp:
    """Return what changes when a dataset's index or its corrections do."""
    return file_stamp(_view_files(dataset))


def file_stamp(files: Iterable[Path]) -> Stamp:
    """Return name, size and time of some files, those that are there: what changes when one of them does."""
    stats = [(path.name, path.stat()) for path in files if path.is_file()]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _view_files(dataset: Dataset) -> list[Path]:
    return [dataset.folder / name for name in (*_INDEX_FILES, CORRECTIONS_NAME)]


def _duplicates_files(dataset: Dataset) -> list[Path]:
    return sorted(dataset.audit_folder.glob("duplicates*"))


@st.cache_resource(max_entries=4, show_spinner="Loading the model")
def _predictor(folder: str, digest: str) -> Predictor:
    return load_predictor(find_model(folder))


@st.cache_resource(max_entries=8, show_spinner="Opening the dataset")
def _index(name: str, folder: str, stamp: Stamp) -> DatasetIndex:
    return open_dataset(name).index


@st.cache_resource(max_entries=8, show_spinner="Opening the dataset")
def _view(name: str, folder: str, stamp: Stamp, without_leaks: bool) -> DatasetIndex:
    return open_dataset(name).view(without_leaks=without_leaks)


@st.cache_data(max_entries=32, show_spinner=False)
def _part_sizes(folder: str, stamp: Stamp, config: TrainConfig) -> tuple[int, int]:
    _, split = learning_split(open_dataset(config.dataset), config)
    return len(split.train), len(split.validation)


@st.cache_data(max_entries=32, show_spinner=False)
def _knows_duplicates(name: str, folder: str, stamp: Stamp) -> bool:
    return load_duplicates(open_dataset(name)) is not None
