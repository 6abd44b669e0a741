"""Datasets: from a zip, a folder or a drawing program to a table and an array of faces."""

from fer_core.dataset.catalog import Dataset, add_dataset, list_datasets, open_dataset, remove_dataset
from fer_core.dataset.index import DatasetIndex
from fer_core.dataset.merge import merge_datasets
from fer_core.dataset.splits import TrainingSplit, training_split

__all__ = [
    "Dataset",
    "DatasetIndex",
    "TrainingSplit",
    "add_dataset",
    "list_datasets",
    "merge_datasets",
    "open_dataset",
    "remove_dataset",
    "training_split",
]
