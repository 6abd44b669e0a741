"""What the map shows, kept in memory between runs of a page: places of the pictures, and what colours them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from fer_app.loaders import index_of
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.suspicious import examined_images, read_suspicious
from fer_core.labels import class_colors
from fer_core.models import ModelPackage
from fer_core.models.picture_map import Points, draw_map, embedding_points, pixel_points

LABEL, SPLIT, SUSPICIOUS, PREDICTION, AGREEMENT = "label", "split", "suspicious", "prediction", "agreement"
COLORED_BY: dict[str, str] = {
    LABEL: "Label",
    SPLIT: "Split",
    SUSPICIOUS: "Suspicious label",
    PREDICTION: "What the model says",
    AGREEMENT: "Whether the model agrees",
}
_QUIET, _LOUD = "#8A8D91", "#D55E00"
_SPLIT_COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9")


@dataclass(frozen=True)
class Coloring:
    """What decides the colours of the points.

    Args:
        groups: (n,) the group of each picture, in the order asked for.
        colors: Group -> hex colour, in the order of the legend.
    """

    groups: npt.NDArray[np.object_]
    colors: Mapping[str, str]


def points_of(dataset: Dataset, package: ModelPackage | None, image_ids: npt.NDArray[np.int64]) -> Points | None:
    """Return a model's embeddings of all pictures, or the pixels of some; None if the model has not read them."""
    if package is None:
        return _pixels(dataset.name, dataset.added_at, image_ids, dataset)
    return _embeddings(dataset.name, dataset.added_at, package.digest(), dataset, package)


def pca_map(
    dataset: Dataset, package: ModelPackage | None, points: Points, image_ids: npt.NDArray[np.int64]
) -> tuple[pd.DataFrame, float]:
    """Return what `draw_map` returns for principal components."""
    return _pca_map(dataset.name, dataset.added_at, package.digest() if package else "", image_ids, points)


def coloring(
    dataset: Dataset,
    view: DatasetIndex,
    image_ids: npt.NDArray[np.int64],
    colored_by: str,
    predictions: pd.DataFrame | None,
) -> Coloring:
    """Group pictures by one of `COLORED_BY`; the last two need predictions."""
    rows = view.table.iloc[image_ids]
    if colored_by == SPLIT:
        return _by_name(rows["split"].to_numpy(object), view.splits, _SPLIT_COLORS)
    if colored_by == SUSPICIOUS:
        return _by_suspicion(dataset, view, image_ids)
    labels = rows["label"].to_numpy(object)
    if predictions is None or colored_by == LABEL:
        return _by_name(labels, sorted(set(labels)), class_colors(sorted(set(labels))))
    predicted = predictions.set_index("image_id")["predicted"].reindex(image_ids).to_numpy(object)
    if colored_by == PREDICTION:
        names = [column.removeprefix("p_") for column in predictions.columns if column.startswith("p_")]
        return _by_name(predicted, names, class_colors(names))
    says = np.where(predicted == labels, "the model agrees with the label", "the model says another class")
    return Coloring(
        says.astype(object), {"the model agrees with the label": _QUIET, "the model says another class": _LOUD}
    )


def _by_name(groups: npt.NDArray[np.object_], names: Sequence[str], colors: Sequence[str]) -> Coloring:
    return Coloring(groups, {name: colors[number % len(colors)] for number, name in enumerate(names)})


def _by_suspicion(dataset: Dataset, view: DatasetIndex, image_ids: npt.NDArray[np.int64]) -> Coloring:
    found = read_suspicious(dataset, view)
    doubted = np.zeros(len(image_ids), bool) if found is None else np.isin(image_ids, found["image_id"])
    examined = np.isin(image_ids, examined_images(dataset))
    groups = np.select([doubted, examined], ["suspicious", "not suspicious"], "not examined").astype(object)
    colors = {"not examined": "#C3C7CE", "not suspicious": "#56B4E9", "suspicious": _LOUD}
    return Coloring(groups, colors)


@st.cache_resource(max_entries=2, show_spinner="Opening the embeddings")
def _embeddings(name: str, added_at: str, digest: str, _dataset: Dataset, _package: ModelPackage) -> Points | None:
    return embedding_points(_dataset, _package, index_of(_dataset))


@st.cache_resource(max_entries=2, show_spinner="Comparing the pixels")
def _pixels(name: str, added_at: str, image_ids: npt.NDArray[np.int64], _dataset: Dataset) -> Points:
    return pixel_points(index_of(_dataset), image_ids)


@st.cache_data(max_entries=8, show_spinner="Drawing the map")
def _pca_map(
    name: str, added_at: str, digest: str, image_ids: npt.NDArray[np.int64], _points: Points
) -> tuple[pd.DataFrame, float]:
    return draw_map(_points, image_ids)
