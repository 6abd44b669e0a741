"""What a model says about every picture of a dataset: read once, then opened instantly.

A package and a dataset come in; a table with one row a readable picture and an array of embeddings go out. Kept in
the dataset's audit folder is only what the network says; what is right or wrong is worked out against the labels of
the moment, because corrections change them.
"""

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.errors import DatasetError
from fer_core.models.catalog import find_model
from fer_core.models.package import ModelPackage
from fer_core.models.reading import OnProgress, read_pictures
from fer_core.models.views import check_views

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

_FOLDER, _TABLE, _EMBEDDINGS = "predictions", "probabilities.parquet", "embeddings.npy"
_MAX_KEPT = 8  # models whose predictions are kept for one dataset; FER2013's take 18 MB each
_SMALLEST_PROBABILITY = 1e-12  # float32 probabilities underflow to 0, and no loss is infinite


def predict_dataset(
    package: ModelPackage, dataset: Dataset, *, views: str = "one", on_progress: OnProgress | None = None
) -> pd.DataFrame:
    """Read every readable picture of a dataset with a model, or find what an earlier reading kept.

    Args:
        package: The model.
        dataset: The dataset; excluded pictures are read too, as they may be restored.
        views: A name of `VIEWS`.
        on_progress: Called with (pictures done, pictures in all); what it raises ends the reading, and nothing is kept.

    Returns:
        What `load_predictions` returns.

    Raises:
        ModelError: If the network is damaged.
        DatasetError: If no picture can be read.
    """
    check_views(views)
    folder = _folder(package, dataset, views)
    if not has_predictions(package, dataset, views=views):
        readable = dataset.index.table["readable"].to_numpy(bool)
        image_ids = np.flatnonzero(readable)
        if not image_ids.size:
            raise DatasetError(f"No picture of {dataset.name!r} can be read. Add the dataset again.")
        y_prob, embeddings = read_pictures(package, dataset.index, image_ids, views=views, on_progress=on_progress)
        _keep(folder, _table(image_ids, y_prob, package.info.class_names), embeddings)
    predictions = load_predictions(package, dataset, views=views)
    if predictions is None:
        raise DatasetError(f"The predictions for {dataset.name!r} were removed while they were being read. Try again.")
    return predictions


def predict_dataset_job(*, reporter: "JobReporter", model: str, dataset: str, views: str = "one") -> dict[str, int]:
    """Job: read every picture of a dataset with a model.

    Args:
        reporter: Told about the progress.
        model: Name or package folder.
        dataset: Name of the dataset.
        views: A name of `VIEWS`.

    Returns:
        `num_images`, the pictures read.
    """
    predictions = predict_dataset(find_model(model), open_dataset(dataset), views=views, on_progress=reporter.progress)
    return {"num_images": len(predictions)}


def has_predictions(
    package: ModelPackage, dataset: Dataset, *, views: str = "one", index: DatasetIndex | None = None
) -> bool:
    """Tell whether a model has read a dataset, without opening what it said; see `load_predictions`."""
    return (_folder(package, dataset, views, index) / _TABLE).is_file()


def load_predictions(
    package: ModelPackage, dataset: Dataset, *, views: str = "one", index: DatasetIndex | None = None
) -> pd.DataFrame | None:
    """Return what a model said about the pictures of a dataset, against the labels of now.

    Args:
        package: The model.
        dataset: The dataset.
        views: A name of `VIEWS`.
        index: A view of the dataset whose labels count, opened before; by default the corrected one.

    Returns:
        One row a readable picture, by image_id: `image_id`, `predicted` (class name), `confidence` (its probability),
        `loss` (negative logarithm of the probability of the current label, NaN where the model does not know the
        label) and `p_<class>` in the model's order. None if the model has not read this dataset yet.
    """
    try:
        predictions = pd.read_parquet(_folder(package, dataset, views, index) / _TABLE)
    except (OSError, ValueError):
        return None
    labels = (dataset.view() if index is None else index).table["label"].to_numpy()[predictions["image_id"]]
    return _judged(predictions, labels, package.info.class_names)


def load_embeddings(
    package: ModelPackage, dataset: Dataset, *, views: str = "one", index: DatasetIndex | None = None
) -> npt.NDArray[np.float32] | None:
    """Return (n, d) float32, row i belonging to row i of `load_predictions`; None if there is nothing yet."""
    try:
        kept = np.load(_folder(package, dataset, views, index) / _EMBEDDINGS, allow_pickle=False)
    except (OSError, ValueError):
        return None
    return np.asarray(kept, np.float32)


def _folder(package: ModelPackage, dataset: Dataset, views: str, index: DatasetIndex | None = None) -> Path:
    """Where the predictions of this network for these pixels are kept; any view of the dataset has the same pixels."""
    index = dataset.index if index is None else index
    pixels = "\n".join([str(index.images.shape), *index.table["digest"].astype(str)])
    decisive = "\n".join([package.digest(), views, pixels])
    return dataset.audit_folder / _FOLDER / hashlib.sha256(decisive.encode()).hexdigest()[:32]


def _table(
    image_ids: npt.NDArray[np.int64], y_prob: npt.NDArray[np.float32], class_names: tuple[str, ...]
) -> pd.DataFrame:
    probabilities = {f"p_{name}": y_prob[:, number] for number, name in enumerate(class_names)}
    return pd.DataFrame({"image_id": image_ids, **probabilities})


def _judged(predictions: pd.DataFrame, labels: npt.NDArray[np.object_], class_names: tuple[str, ...]) -> pd.DataFrame:
    """Add what depends on the labels: (n,) class names, of which the model may not know some."""
    y_prob = predictions[[f"p_{name}" for name in class_names]].to_numpy(np.float32)
    known = pd.Index(class_names).get_indexer(pd.Index(labels))
    of_label = np.maximum(y_prob[np.arange(len(labels)), known], _SMALLEST_PROBABILITY)
    return pd.DataFrame(
        {
            "image_id": predictions["image_id"],
            "predicted": np.array(class_names, dtype=object)[y_prob.argmax(axis=1)],
            "confidence": y_prob.max(axis=1),
            "loss": np.where(known >= 0, -np.log(of_label), np.nan).astype(np.float32),
            **{f"p_{name}": y_prob[:, number] for number, name in enumerate(class_names)},
        }
    )


def _keep(folder: Path, table: pd.DataFrame, embeddings: npt.NDArray[np.float16]) -> None:
    """Write both files so that they appear together."""
    folder.parent.mkdir(exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{uuid4().hex}.tmp")
    unfinished.mkdir()
    try:
        table.to_parquet(unfinished / _TABLE, index=False)
        np.save(unfinished / _EMBEDDINGS, embeddings)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _forget_old(folder.parent)


def _forget_old(parent: Path) -> None:
    """Delete the oldest predictions beyond the limit, and what a killed process left behind."""
    newest_first = sorted(parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    leftovers = [
        path for path in newest_first if path.name.startswith(".") and time.time() - path.stat().st_mtime > 600
    ]
    for old in [*leftovers, *[path for path in newest_first if not path.name.startswith(".")][_MAX_KEPT:]]:
        shutil.rmtree(old, ignore_errors=True)
