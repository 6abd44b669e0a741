"""How good a model is on a dataset: a package and a dataset's split come in, one report goes out.

A report is kept under FER_HOME/evaluations with the predictions it was computed from, and found again by what decides
it: the network and how it is read, the fingerprint of the corrected dataset, whether its duplicates are known, the
split, the views and the label map.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.dataset.duplicates.pairs import load_duplicates
from fer_core.evaluation.calibration import apply_temperature
from fer_core.evaluation.full_report import calibration_figures
from fer_core.jobs.folder import read_json, write_json, write_whole
from fer_core.models.catalog import find_model
from fer_core.models.group_metadata import metadata_digest
from fer_core.models.kept_readings import read_once
from fer_core.models.package import ModelPackage
from fer_core.models.reading import OnProgress, read_pictures
from fer_core.models.scoring import ScoredPictures, labelled_pictures, predictions_table, report_on
from fer_core.models.views import check_views
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

_METHOD = 3  # raised when a report says more than before: what is kept is then measured again


def score_model(
    package: ModelPackage,
    index: DatasetIndex,
    split: str,
    *,
    views: str = "all",
    label_map: Mapping[str, str] | None = None,
    keep: bool = False,
    on_progress: OnProgress | None = None,
) -> ScoredPictures:
    """Let a model read the pictures of a split.

    Args:
        package: The model.
        index: The dataset, with corrections applied.
        split: A split that `index.select` knows.
        views: A name of `VIEWS`.
        label_map: Label of the dataset -> class of the model; "" leaves its pictures out.
        keep: Keep what the model says, and read only what it has not said before: a corrected label changes nothing.
        on_progress: Called with (pictures done, pictures in all).

    Raises:
        ModelError: If the split has classes that the model does not know.
        DatasetError: If there is no such split, or no readable picture in it.
    """
    check_views(views)
    class_names = package.info.class_names
    rows = labelled_pictures(index, split, class_names, label_map)
    image_ids = rows["image_id"].to_numpy(np.int64)
    if keep:
        y_prob = read_once(package, index, image_ids, views=views, on_progress=on_progress)
    else:
        y_prob, _ = read_pictures(package, index, image_ids, views=views, on_progress=on_progress)
    return ScoredPictures(rows, y_prob, class_names)


def evaluate_model(
    package: ModelPackage,
    index: DatasetIndex,
    split: str,
    *,
    views: str = "all",
    duplicates: pd.DataFrame | None = None,
    label_map: Mapping[str, str] | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measure a model on one split; arguments as for `score_model` and `evaluation_of`."""
    started_at = time.perf_counter()
    scored = score_model(package, index, split, views=views, label_map=label_map, on_progress=on_progress)
    report = evaluation_of(package, scored, index, split, views=views, duplicates=duplicates, label_map=label_map)
    return report | {"seconds": round(time.perf_counter() - started_at, 3)}


def evaluation_of(
    package: ModelPackage,
    scored: ScoredPictures,
    index: DatasetIndex,
    split: str,
    *,
    views: str,
    duplicates: pd.DataFrame | None = None,
    label_map: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Report on what a model said about a split.

    Args:
        package: The model.
        scored: What `score_model` returned.
        index: The dataset, with corrections applied.
        split: The split.
        views: A name of `VIEWS`.
        duplicates: The dataset's pairs, None where nobody has looked for them.
        label_map: As for `score_model`.

    Returns:
        What `report_on` returns, in the order of the model's classes, with `num_unreadable` (pictures left out),
        `model`, `network` (its `answers_digest`), `split`, `views`, `fingerprint` (of the dataset), `label_map`,
        `unsure_threshold`, `training_fingerprint` (of the data that the model learned from) and `before_temperature`:
        the temperature, and what `calibration_figures` says of the probabilities without it.
    """
    return report_on(scored, index, duplicates) | {
        "num_unreadable": len(index.select(split=split, readable=False)),
        "model": package.name,
        "network": package.answers_digest(),
        "split": split,
        "views": views,
        "fingerprint": index.fingerprint,
        "label_map": dict(label_map or {}),
        "unsure_threshold": package.info.unsure_threshold[views],
        "training_fingerprint": package.info.training_data["fingerprint"],
        "before_temperature": _before_temperature(scored, package.info.temperature[views]),
    }


def _before_temperature(scored: ScoredPictures, temperature: float) -> dict[str, Any]:
    """Return the calibration of what the network itself said: the temperature is taken back by its inverse."""
    uncalibrated = apply_temperature(scored.y_prob, 1 / temperature)
    return {"temperature": temperature} | calibration_figures(scored.y_true, uncalibrated)


def evaluate_job(
    *,
    reporter: "JobReporter",
    model: str,
    dataset: str,
    split: str,
    views: str = "all",
    label_map: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Job: measure a model on a split of a dataset, or find the report of an earlier measurement.

    Args:
        reporter: Told about the progress.
        model: Name or package folder.
        dataset: Name of the dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        label_map: As for `score_model`.

    Returns:
        What `evaluate_model` returns, with `dataset` (its name).
    """
    started_at = time.perf_counter()
    package, its_dataset = find_model(model), open_dataset(dataset)
    index, pairs = its_dataset.view(), load_duplicates(its_dataset)  # what holds now, whatever is edited meanwhile
    path = _cache_path(package, index, split, views, label_map=label_map, knows_duplicates=pairs is not None)
    report = read_json(path)
    if report is None:
        scored = score_model(
            package, index, split, views=views, label_map=label_map, keep=True, on_progress=reporter.progress
        )
        report = evaluation_of(package, scored, index, split, views=views, duplicates=pairs, label_map=label_map)
        report |= {"dataset": dataset, "seconds": round(time.perf_counter() - started_at, 3)}
        _keep(path, report, predictions_table(scored, index, pairs))
    return report | {"model": package.name, "dataset": dataset}


def keep_evaluation(package: ModelPackage, index: DatasetIndex, report: dict[str, Any], table: pd.DataFrame) -> None:
    """Keep an evaluation that was made without a job where `read_cached_evaluation` finds it.

    Args:
        package: The model.
        index: The dataset, with corrections applied.
        report: What `evaluation_of` returned for known duplicates, with `dataset`.
        table: What `predictions_table` returned.
    """
    path = _cache_path(
        package, index, report["split"], report["views"], label_map=report["label_map"], knows_duplicates=True
    )
    _keep(path, report, table)


def _keep(path: Path, report: dict[str, Any], table: pd.DataFrame) -> None:
    """Write both files, the report last: it is what is looked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path.with_suffix(".parquet"), lambda partial: table.to_parquet(partial, index=False))
    write_json(path, report)


def read_cached_evaluation(
    package: ModelPackage,
    dataset: Dataset,
    split: str,
    views: str = "all",
    *,
    label_map: Mapping[str, str] | None = None,
    index: DatasetIndex | None = None,
) -> dict[str, Any] | None:
    """Return what `evaluate_job` returned for the same network, pictures, labels, split, views and label map.

    Args:
        package: The model.
        dataset: The dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        label_map: As for `score_model`.
        index: The dataset's view where it is at hand already.

    Returns:
        The report, None if it was not measured since the model, a correction or the duplicates changed.
    """
    report = read_json(_path_of(package, dataset, split, views, label_map, index))
    return None if report is None else report | {"model": package.name, "dataset": dataset.name}


def read_cached_predictions(
    package: ModelPackage,
    dataset: Dataset,
    split: str,
    views: str = "all",
    *,
    label_map: Mapping[str, str] | None = None,
    index: DatasetIndex | None = None,
) -> pd.DataFrame | None:
    """Return the `predictions_table` that belongs to `read_cached_evaluation`, None where there is none."""
    try:
        return pd.read_parquet(_path_of(package, dataset, split, views, label_map, index).with_suffix(".parquet"))
    except (OSError, ValueError):
        return None


def _path_of(
    package: ModelPackage,
    dataset: Dataset,
    split: str,
    views: str,
    label_map: Mapping[str, str] | None,
    index: DatasetIndex | None,
) -> Path:
    knows_duplicates = load_duplicates(dataset) is not None
    index = dataset.view() if index is None else index
    return _cache_path(package, index, split, views, label_map=label_map, knows_duplicates=knows_duplicates)


def _cache_path(
    package: ModelPackage,
    index: DatasetIndex,
    split: str,
    views: str,
    *,
    label_map: Mapping[str, str] | None,
    knows_duplicates: bool,
) -> Path:
    leaks = "with leaks" if knows_duplicates else "leaks unknown"
    size = str(index.images.shape[1:])  # the fingerprint is that of the files, however large the index keeps them
    renamed = json.dumps(label_map or {}, sort_keys=True)
    measured = [str(_METHOD), package.answers_digest(), index.fingerprint, size, split, views, renamed, leaks]
    people = metadata_digest(index)
    decisive = "\n".join([*measured, people] if people else measured)
    return load_settings().evaluations_folder / f"{hashlib.sha256(decisive.encode()).hexdigest()}.json"
