"""How good a model is on a dataset: a package and a dataset's split come in, one report goes out.

Labels are matched by name, never by position. A report is kept under FER_HOME/evaluations and found again by what
decides it: the network, its `model.json`, the dataset's fingerprint, the split and the views.
"""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.errors import DatasetError, ModelError
from fer_core.evaluation import classification_report
from fer_core.jobs.folder import read_json, write_json
from fer_core.models.catalog import find_model
from fer_core.models.classifier import load_classifier
from fer_core.models.info import ModelInfo
from fer_core.models.model_input import fit_images
from fer_core.models.package import ModelPackage
from fer_core.models.views import check_views
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

OnProgress = Callable[[int, int], None]

_BATCH = 64  # pictures between two reports of progress


def evaluate_model(
    package: ModelPackage,
    index: DatasetIndex,
    split: str,
    *,
    views: str = "all",
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measure a model on one split.

    Args:
        package: The model.
        index: The dataset.
        split: One of `index.splits`.
        views: A name of `VIEWS`.
        on_progress: Called with (pictures done, pictures in all).

    Returns:
        What `classification_report` returns, in the order of the model's classes, with `num_unreadable` (pictures
        left out), `model`, `split`, `views`, `fingerprint` (of the dataset) and `seconds`.

    Raises:
        ModelError: If the split has classes that the model does not know.
        DatasetError: If there is no such split, or no readable picture in it.
    """
    check_views(views)
    started_at = time.perf_counter()
    rows = index.select(split=split)
    num_unreadable = len(index.select(split=split, readable=False))
    if rows.empty:
        raise DatasetError(f"None of the {num_unreadable:,} pictures in {split!r} can be read. Choose another split.")
    y_true = _class_numbers(rows, package.info)
    y_prob = _predict(package, index, rows, views, on_progress)
    return classification_report(y_true, y_prob, package.info.class_names) | {
        "num_unreadable": num_unreadable,
        "model": package.name,
        "split": split,
        "views": views,
        "fingerprint": index.fingerprint,
        "seconds": round(time.perf_counter() - started_at, 3),
    }


def evaluate_job(
    *, reporter: "JobReporter", model: str, dataset: str, split: str, views: str = "all"
) -> dict[str, Any]:
    """Job: measure a model on a split of a dataset, or find the report of an earlier measurement.

    Args:
        reporter: Told about the progress.
        model: Name or package folder.
        dataset: Name of the dataset.
        split: One of its splits.
        views: A name of `VIEWS`.

    Returns:
        What `evaluate_model` returns, with `dataset` (its name).
    """
    package, its_dataset = find_model(model), open_dataset(dataset)
    report = read_cached_evaluation(package, its_dataset, split, views)
    if report is None:
        report = evaluate_model(package, its_dataset.index, split, views=views, on_progress=reporter.progress)
        path = _cache_path(package, its_dataset, split, views)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, report)
    return report | {"dataset": dataset}


def read_cached_evaluation(
    package: ModelPackage, dataset: Dataset, split: str, views: str = "all"
) -> dict[str, Any] | None:
    """Return what `evaluate_job` returned for the same network, pictures, split and views, None if it never ran."""
    report = read_json(_cache_path(package, dataset, split, views))
    return None if report is None else report | {"model": package.name, "dataset": dataset.name}


def _cache_path(package: ModelPackage, dataset: Dataset, split: str, views: str) -> Path:
    decisive = "\n".join([package.digest(), dataset.index.fingerprint, split, views])
    return load_settings().evaluations_folder / f"{hashlib.sha256(decisive.encode()).hexdigest()}.json"


def _class_numbers(rows: pd.DataFrame, info: ModelInfo) -> npt.NDArray[np.int64]:
    """Return the labels as (n,) positions in the model's class names."""
    known = {name: number for number, name in enumerate(info.class_names)}
    labels = sorted(rows["label"].unique())
    unknown = [label for label in labels if label not in known]
    if unknown:
        raise ModelError(
            f"The model does not know the class {', '.join(map(repr, unknown))}. The pictures have the classes "
            f"{', '.join(labels)}; the model knows {', '.join(info.class_names)}. Choose a model trained on them."
        )
    return np.array([known[label] for label in rows["label"]], np.int64)


def _predict(
    package: ModelPackage, index: DatasetIndex, rows: pd.DataFrame, views: str, on_progress: OnProgress | None
) -> npt.NDArray[np.float32]:
    classifier = load_classifier(package, num_threads=os.cpu_count() or 1)
    image_ids = rows["image_id"].to_numpy()
    y_prob = []
    for start in range(0, len(image_ids), _BATCH):
        faces = fit_images(index.images[image_ids[start : start + _BATCH]], package.info)
        y_prob.append(classifier.predict(faces, views))
        if on_progress:
            on_progress(min(start + _BATCH, len(image_ids)), len(image_ids))
    return np.concatenate(y_prob)
