"""A map of a dataset: similar pictures lie close together, as a model's embedding or the bare pixels have it.

A dataset and, if there is one, a model come in; a table with the place of each picture on the map goes out. Large
datasets are drawn as a sample, stratified by split and label. UMAP's maps take long and are kept once made.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.errors import ModelError
from fer_core.evaluation.projection import PCA, explained_share, project
from fer_core.jobs.folder import write_whole
from fer_core.models.catalog import find_model
from fer_core.models.package import ModelPackage
from fer_core.models.predictions import load_embeddings, load_predictions, predict_dataset

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

OnProgress = Callable[[int, int], None]

MAX_PICTURES = 10_000  # points that a browser still draws and turns over smoothly

_FOLDER = "maps"
_PIXEL_SIDE = 24  # pixels: half of FER2013's, beyond which neighbours are told apart by noise


@dataclass(frozen=True)
class Points:
    """The pictures of a dataset as points of many dimensions.

    Args:
        image_ids: (n,) of the readable pictures, ascending.
        values: (n, d) float32; row i belongs to image_ids[i].
    """

    image_ids: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]

    def rows_of(self, image_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return (m,) the rows of some of the pictures."""
        return np.searchsorted(self.image_ids, image_ids).astype(np.int64)


def embedding_points(dataset: Dataset, package: ModelPackage, index: DatasetIndex) -> Points | None:
    """Return a model's embeddings of all readable pictures, None if it has not read this dataset yet.

    Args:
        dataset: The dataset.
        package: The model.
        index: The dataset's index, opened before.
    """
    predictions = load_predictions(package, dataset, index=index)
    embeddings = load_embeddings(package, dataset, index=index)
    if predictions is None or embeddings is None:
        return None
    return Points(predictions["image_id"].to_numpy(np.int64), embeddings)


def pixel_points(index: DatasetIndex, image_ids: npt.NDArray[np.int64]) -> Points:
    """Return some pictures as grey values at a small size, each brought to mean 0 and standard deviation 1.

    Args:
        index: The dataset.
        image_ids: (n,) of readable pictures, ascending.
    """
    size = (_PIXEL_SIDE, _PIXEL_SIDE)
    small = np.empty((len(image_ids), _PIXEL_SIDE**2), np.float32)
    for row, image_id in enumerate(image_ids):
        picture = np.asarray(index.images[image_id])
        grey = picture[..., 0] if picture.shape[2] == 1 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        small[row] = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).ravel()
    small -= small.mean(axis=1, keepdims=True)
    return Points(image_ids, small / np.maximum(small.std(axis=1, keepdims=True), 1.0))


def sample_images(index: DatasetIndex, *, seed: int, num_images: int = MAX_PICTURES) -> npt.NDArray[np.int64]:
    """Return the ids of at most about `num_images` usable pictures, ascending: of each label of each split its share.

    Every label of every split is represented by at least one picture.
    """
    rows = index.usable
    if len(rows) <= num_images:
        return rows["image_id"].to_numpy(np.int64)
    generator = np.random.default_rng(seed)
    chosen = []
    for _, members in rows.groupby(["split", "label"], sort=True):
        share = max(1, round(num_images * len(members) / len(rows)))
        chosen.append(generator.choice(members["image_id"].to_numpy(np.int64), share, replace=False))
    return np.sort(np.concatenate(chosen))


def draw_map(
    points: Points, image_ids: npt.NDArray[np.int64], *, method: str = PCA, seed: int = 0
) -> tuple[pd.DataFrame, float]:
    """Place pictures on a map.

    Args:
        points: What `embedding_points` or `pixel_points` returned.
        image_ids: (n,) of the pictures to show, a part of those of `points`.
        method: One of `fer_core.evaluation.projection.available_projections()`.
        seed: Decides UMAP's map.

    Returns:
        `image_id`, `x` and `y` (float32), and the share of the variance among the pictures that the map shows, 0-1;
        it means something for principal components only.
    """
    chosen = points.values[points.rows_of(image_ids)]
    places = project(chosen, method, seed=seed)
    drawn = pd.DataFrame({"image_id": image_ids, "x": places[:, 0], "y": places[:, 1]})
    return drawn, explained_share(chosen, places)


def draw_map_job(*, reporter: "JobReporter", dataset: str, model: str = "", method: str = PCA, seed: int = 0) -> None:
    """Job: draw a map that takes long, and keep it for `load_map`.

    Args:
        reporter: Told about the progress; the drawing itself has none.
        dataset: Name of the dataset.
        model: Name or package folder; "" takes the pixels.
        method: One of `fer_core.evaluation.projection.available_projections()`.
        seed: Decides sample and map.

    Raises:
        ModelError: If there is no such model, or it is damaged.
    """
    opened = open_dataset(dataset)
    package = find_model(model) if model else None
    if package is not None:
        predict_dataset(package, opened, on_progress=reporter.progress)
    image_ids = sample_images(opened.index, seed=seed)
    points = (
        embedding_points(opened, package, opened.index)
        if package is not None
        else pixel_points(opened.index, image_ids)
    )
    if points is None:
        raise ModelError(f"What {model!r} says about {dataset!r} was removed meanwhile. Try again.")
    reporter.progress(0, 0, "Drawing the map")
    path = _map_path(opened, package, method, seed, image_ids)
    drawn, _ = draw_map(points, image_ids, method=method, seed=seed)
    reporter.progress(0, 0)  # the last moment at which a stop request leaves nothing
    path.parent.mkdir(exist_ok=True)
    write_whole(path, lambda partial: drawn.to_parquet(partial, index=False))


def load_map(
    dataset: Dataset, package: ModelPackage | None, image_ids: npt.NDArray[np.int64], *, method: str, seed: int
) -> pd.DataFrame | None:
    """Return the map of these pictures that `draw_map_job` has kept: image_id, x, y; None if there is none."""
    try:
        return pd.read_parquet(_map_path(dataset, package, method, seed, image_ids))
    except (OSError, ValueError):
        return None


def _map_path(
    dataset: Dataset, package: ModelPackage | None, method: str, seed: int, image_ids: npt.NDArray[np.int64]
) -> Path:
    decisive = "\n".join([package.digest() if package else "pixels", method, str(seed), *map(str, image_ids)])
    return dataset.audit_folder / _FOLDER / f"{hashlib.sha256(decisive.encode()).hexdigest()[:32]}.parquet"
