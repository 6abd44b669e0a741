"""Files of somebody else's predictions, kept here and measured like a model of our own.

The bytes of a file come in and are kept under FER_HOME/evaluations by what they hold; a report and its predictions go
out for each dataset, split and label map, measured once.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.dataset.duplicates.pairs import load_duplicates
from fer_core.dataset.sources.archive_names import safe_name
from fer_core.errors import ModelError
from fer_core.jobs.folder import read_json, write_json, write_whole
from fer_core.models.foreign_predictions import predicted_classes, read_predictions
from fer_core.models.scoring import predictions_table, report_on
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

_FOLDER = "predictions"
_SUFFIXES = (".csv", ".parquet")
_METHOD = 1  # raised when a report says more than before


@dataclass(frozen=True)
class PredictionsFile:
    """A file of predictions that is kept here.

    Args:
        path: The file, in a folder of its own that is named after its content.
    """

    path: Path

    @property
    def name(self) -> str:
        """What its owner called it."""
        return self.path.name

    @property
    def digest(self) -> str:
        """The start of the SHA-256 of its content."""
        return self.path.parent.name


def keep_predictions_file(name: str, content: bytes) -> PredictionsFile:
    """Keep a file of predictions; the same content is kept once, under the last name.

    Args:
        name: Its name; the suffix .parquet says that it is one, anything else is read as CSV.
        content: Its bytes.

    Raises:
        ModelError: If it holds no predictions; it is not kept then.
    """
    folder = _folder() / hashlib.sha256(content).hexdigest()[:16]
    safe = Path(safe_name(Path(name).name))
    path = folder / (safe.name if safe.suffix in _SUFFIXES else f"{safe.name}.csv")
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda partial: partial.write_bytes(content))
    try:
        predicted_classes(path)
    except ModelError:
        path.unlink()
        if is_new:
            shutil.rmtree(folder)
        raise
    for other in _files_in(folder):
        if other != path:
            other.unlink()
    return PredictionsFile(path)


def list_predictions_files() -> list[PredictionsFile]:
    """Return the files that are kept, the newest first."""
    paths = [path for folder in _folder().glob("*") for path in _files_in(folder)]
    return [PredictionsFile(path) for path in sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)]


def remove_predictions_file(file: PredictionsFile) -> None:
    """Delete a file and everything that was measured of it."""
    shutil.rmtree(file.path.parent, ignore_errors=True)


def evaluate_predictions_job(
    *,
    reporter: "JobReporter",
    predictions: str,
    dataset: str,
    split: str,
    label_map: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Job: measure a file of predictions on a split, or find the report of an earlier measurement.

    Args:
        reporter: Told what is being done; it takes moments.
        predictions: A file that `keep_predictions_file` has kept.
        dataset: Name of the dataset.
        split: One of its splits.
        label_map: Label of the dataset -> class of the file; "" leaves its pictures out.

    Returns:
        What `report_on` returns, with `predictions` (name of the file), `dataset`, `split`, `label_map`, `num_missing`
        (pictures without a prediction) and `num_unreadable`.
    """
    started_at, file, its_dataset = time.perf_counter(), PredictionsFile(Path(predictions)), open_dataset(dataset)
    index, pairs = its_dataset.view(), load_duplicates(its_dataset)
    reporter.progress(0, 0, "Comparing with the labels")
    scored, num_missing = read_predictions(file.path, index, split, label_map=label_map)
    report = report_on(scored, index, pairs) | {
        "predictions": file.name,
        "dataset": dataset,
        "split": split,
        "label_map": dict(label_map or {}),
        "num_missing": num_missing,
        "num_unreadable": len(index.select(split=split, readable=False)),
    }
    report |= {"seconds": round(time.perf_counter() - started_at, 3)}
    path = _report_path(file, index, split, label_map, knows_duplicates=pairs is not None)
    table = predictions_table(scored, index, pairs)
    write_whole(path.with_suffix(".scored"), lambda partial: table.to_parquet(partial, index=False))
    write_json(path, report)
    return report


def read_foreign_evaluation(
    file: PredictionsFile,
    dataset: Dataset,
    split: str,
    *,
    label_map: Mapping[str, str] | None = None,
    index: DatasetIndex,
) -> tuple[dict[str, Any], pd.DataFrame] | None:
    """Return what `evaluate_predictions_job` has found for the labels of now, with its `predictions_table`.

    Args:
        file: The file.
        dataset: The dataset.
        split: One of its splits.
        label_map: As for `evaluate_predictions_job`.
        index: The dataset's view.

    Returns:
        Report and table, None if it was not measured since a label or the duplicates changed.
    """
    path = _report_path(file, index, split, label_map, knows_duplicates=load_duplicates(dataset) is not None)
    report = read_json(path)
    try:
        table = pd.read_parquet(path.with_suffix(".scored"))
    except (OSError, ValueError):
        return None
    return None if report is None else (report | {"predictions": file.name, "dataset": dataset.name}, table)


def _folder() -> Path:
    return load_settings().evaluations_folder / _FOLDER


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.glob("[!.]*") if path.suffix in _SUFFIXES]


def _report_path(
    file: PredictionsFile,
    index: DatasetIndex,
    split: str,
    label_map: Mapping[str, str] | None,
    *,
    knows_duplicates: bool,
) -> Path:
    renamed = json.dumps(label_map or {}, sort_keys=True)
    decisive = "\n".join([str(_METHOD), index.fingerprint, split, renamed, str(knows_duplicates)])
    return file.path.parent / f"{hashlib.sha256(decisive.encode()).hexdigest()[:32]}.json"
