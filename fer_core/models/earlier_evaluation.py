"""An evaluation from before the labels changed: still worth a look, until the split is measured again.

A package, a dataset and what was asked of them come in; the newest report about the same network and pictures goes
out, with its predictions. Corrected labels are what it may differ in, and nothing else.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex
from fer_core.jobs.folder import read_json
from fer_core.models.kept_readings import were_read
from fer_core.models.package import ModelPackage
from fer_core.settings import load_settings


def read_earlier_evaluation(
    package: ModelPackage,
    dataset: Dataset,
    split: str,
    views: str,
    *,
    label_map: Mapping[str, str] | None = None,
    index: DatasetIndex,
) -> tuple[dict[str, Any], pd.DataFrame] | None:
    """Return the newest report about a split and its predictions, whatever was corrected since.

    Args:
        package: The model.
        dataset: The dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        label_map: As for `score_model`.
        index: The dataset's view.

    Returns:
        What `read_cached_evaluation` and `read_cached_predictions` returned at the time; None where there was no such
        measurement, or the dataset's files have changed.
    """
    subject = {
        "network": package.answers_digest(),
        "dataset": dataset.name,
        "split": split,
        "views": views,
        "label_map": dict(label_map or {}),
    }
    paths = load_settings().evaluations_folder.glob("[!.]*.json")
    for path in sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True):
        report = read_json(path)
        if report is None or "confusion" not in report or any(report.get(key) != subject[key] for key in subject):
            continue
        try:
            table = pd.read_parquet(path.with_suffix(".parquet"))
        except (OSError, ValueError):
            continue
        if were_read(package, index, table["image_id"].to_numpy(np.int64), views):  # ids alone may mean others by now
            return report | {"model": package.name}, table
    return None


def num_corrected(table: pd.DataFrame, index: DatasetIndex, label_map: Mapping[str, str] | None = None) -> int:
    """Return how many pictures bear another label than when they were scored, or are excluded since.

    Args:
        table: What `predictions_table` returned.
        index: The dataset's view of now.
        label_map: As for `score_model`.
    """
    rows = index.table.iloc[table["image_id"].to_numpy(np.int64)]
    labels = rows["label"].replace(dict(label_map or {})).to_numpy(object)
    changed = labels != table["label"].to_numpy(object)
    if "excluded" in rows:
        changed |= rows["excluded"].to_numpy(bool)
    return int(changed.sum())
