"""How good a model is on a dataset: a package and a dataset's split come in, one report goes out.

Labels are matched by name, never by position. A report is kept under FER_HOME/evaluations and found again by what
decides it: the network, its `model.json`, the fingerprint of the corrected dataset, whether its duplicates are known,
the split and the views.
"""

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.dataset.duplicates.pairs import leaked_ids, load_duplicates
from fer_core.errors import DatasetError, ModelError
from fer_core.evaluation import classification_report
from fer_core.jobs.folder import read_json, write_json
from fer_core.models.catalog import find_model
from fer_core.models.info import ModelInfo
from fer_core.models.package import ModelPackage
from fer_core.models.reading import OnProgress, read_pictures
from fer_core.models.views import check_views
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter


def evaluate_model(
    package: ModelPackage,
    index: DatasetIndex,
    split: str,
    *,
    views: str = "all",
    leaks: npt.ArrayLike | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measure a model on one split.

    Args:
        package: The model.
        index: The dataset, with corrections applied.
        split: A split that `index.select` knows.
        views: A name of `VIEWS`.
        leaks: (m,) image_ids of pictures that recur in another split, None where nobody has looked for them.
        on_progress: Called with (pictures done, pictures in all).

    Returns:
        What `classification_report` returns, in the order of the model's classes, with `num_unreadable` (pictures
        left out), `model`, `split`, `views`, `fingerprint` (of the dataset), `seconds` and `without_leaks`:
        `num_images`, `accuracy` and `macro_f1` of the pictures that do not recur in another split, from the same
        predictions; None where `leaks` is, or no picture is left.

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
    image_ids = rows["image_id"].to_numpy(np.int64)
    y_prob, _ = read_pictures(package, index, image_ids, views=views, on_progress=on_progress)
    return classification_report(y_true, y_prob, package.info.class_names) | {
        "num_unreadable": num_unreadable,
        "model": package.name,
        "split": split,
        "views": views,
        "fingerprint": index.fingerprint,
        "without_leaks": _without_leaks(y_true, y_prob, rows, package.info, leaks),
        "seconds": round(time.perf_counter() - started_at, 3),
    }


def _without_leaks(
    y_true: npt.NDArray[np.int64],
    y_prob: npt.NDArray[np.float32],
    rows: pd.DataFrame,
    info: ModelInfo,
    leaks: npt.ArrayLike | None,
) -> dict[str, Any] | None:
    if leaks is None:
        return None
    is_own = ~np.isin(rows["image_id"].to_numpy(), np.asarray(leaks, np.int64))
    if not is_own.any():
        return None
    report = classification_report(y_true[is_own], y_prob[is_own], info.class_names)
    return {key: report[key] for key in ("num_images", "accuracy", "macro_f1")}


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
    index, pairs = its_dataset.view(), load_duplicates(its_dataset)  # what holds now, whatever is edited meanwhile
    path = _cache_path(package, index, split, views, knows_duplicates=pairs is not None)
    report = read_json(path)
    if report is None:
        leaks = None if pairs is None else leaked_ids(index, pairs)
        report = evaluate_model(package, index, split, views=views, leaks=leaks, on_progress=reporter.progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, report)
    return report | {"model": package.name, "dataset": dataset}


def read_cached_evaluation(
    package: ModelPackage, dataset: Dataset, split: str, views: str = "all", *, index: DatasetIndex | None = None
) -> dict[str, Any] | None:
    """Return what `evaluate_job` returned for the same network, pictures, labels, split and views.

    Args:
        package: The model.
        dataset: The dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        index: The dataset's view where it is at hand already.

    Returns:
        The report, None if it was not measured since the model, a correction or the duplicates changed.
    """
    knows_duplicates = load_duplicates(dataset) is not None
    report = read_json(_cache_path(package, index or dataset.view(), split, views, knows_duplicates=knows_duplicates))
    return None if report is None else report | {"model": package.name, "dataset": dataset.name}


def _cache_path(package: ModelPackage, index: DatasetIndex, split: str, views: str, *, knows_duplicates: bool) -> Path:
    leaks = "with leaks" if knows_duplicates else "leaks unknown"
    size = str(index.images.shape[1:])  # the fingerprint is that of the files, however large the index keeps them
    decisive = "\n".join([package.digest(), index.fingerprint, size, split, views, leaks])
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
