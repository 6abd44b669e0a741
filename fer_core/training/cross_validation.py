"""Judges every training label by a network that never saw it: k trainings, each on all parts but one.

A `TrainConfig` comes in; the probabilities of every picture of the train split, each from the network that was not
trained on it, and the labels they make suspicious go into the dataset's audit folder. Runs in a job's process: this
module imports Keras.
"""

import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, TrainingSplit, open_dataset, training_split
from fer_core.dataset.duplicates.pairs import duplicate_groups, load_duplicates
from fer_core.dataset.folds import assign_folds
from fer_core.dataset.suspicious import Search
from fer_core.errors import Cancelled
from fer_core.evaluation import apply_temperature, fit_temperature
from fer_core.evaluation.label_quality import BUILT_IN
from fer_core.training.config import TrainConfig
from fer_core.training.suspicious_labels import judge_and_keep
from fer_core.training.trainer import fit_network

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

logger = logging.getLogger(__name__)

OUT_OF_FOLD_NAME = "out_of_fold.parquet"
_BATCH = 256  # pictures in one call

Groups = npt.NDArray[np.int64] | None  # (n,) of each row of the index, where duplicates are known


class FoldReporter:
    """Passes on the progress of one training as a part of the progress over all of them.

    Args:
        reporter: The job's reporter.
        fold: Number of this training, from 0.
        num_folds: Number of trainings.
    """

    def __init__(self, reporter: "JobReporter", fold: int, num_folds: int) -> None:
        self._reporter = reporter
        self._fold = fold
        self._num_folds = num_folds

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Report how far this training is; see `JobReporter.progress`."""
        text = f"Part {self._fold + 1} of {self._num_folds}, {message}"
        self._reporter.progress(self._fold * total + done, self._num_folds * total, text)

    def update(self, **details: Any) -> None:
        """Pass the details on; see `JobReporter.update`."""
        self._reporter.update(fold=self._fold + 1, folds=self._num_folds, **details)


def cross_validate_job(
    *, reporter: "JobReporter", config: dict[str, Any], folds: int = 4, method: str = BUILT_IN
) -> dict[str, Any]:
    """Job: train on all parts but one in turn, and judge the labels of each part by the network that did not see it.

    Args:
        reporter: Told about the progress over all trainings; a stop request leaves nothing behind.
        config: The fields of a `TrainConfig`; few epochs do.
        folds: Number of parts and of trainings.
        method: One of `fer_core.evaluation.label_quality.available_methods()`.

    Returns:
        The fields of `Search`.

    Raises:
        DatasetError: If there is no train split, or a class has too few pictures.
        TrainingError: If the settings cannot be used or a training fails.
    """
    settings = TrainConfig(**config)
    dataset = open_dataset(settings.dataset)
    index, pairs = dataset.view(), load_duplicates(dataset)
    groups = None if pairs is None else duplicate_groups(pairs, len(index.table))
    work_folder = reporter.folder / "folds"
    try:
        probabilities = _out_of_fold(settings, index, groups, folds, work_folder, reporter)
    finally:
        shutil.rmtree(work_folder, ignore_errors=True)
    probabilities.to_parquet(dataset.audit_folder / OUT_OF_FOLD_NAME, index=False)
    return asdict(_judge(dataset, settings, folds, probabilities, method))


def _out_of_fold(
    config: TrainConfig,
    index: DatasetIndex,
    groups: Groups,
    num_folds: int,
    work_folder: Path,
    reporter: "JobReporter",
) -> pd.DataFrame:
    """Return image_id, fold and p_<class> of every picture of the train split."""
    _split(config, index, groups)  # says at once what is amiss
    rows = index.select(split="train")
    row_groups = None if groups is None else groups[rows.index.to_numpy(np.int64)]
    fold_of = assign_folds(rows, num_folds, seed=config.seed, groups=row_groups)
    parts = []
    for fold in range(num_folds):
        held_out = rows.index.to_numpy(np.int64)[fold_of == fold]
        folder = work_folder / str(fold + 1)
        folder.mkdir(parents=True)
        y_prob = _judge_part(config, index, groups, held_out, folder, FoldReporter(reporter, fold, num_folds))
        if reporter.cancel_requested():
            raise Cancelled("Stopped on request.")
        columns = {f"p_{name}": y_prob[:, number] for number, name in enumerate(index.class_names)}
        parts.append(pd.DataFrame({"image_id": held_out, "fold": fold, **columns}))
    return pd.concat(parts).sort_values("image_id").reset_index(drop=True)


def _split(config: TrainConfig, index: DatasetIndex, groups: Groups) -> TrainingSplit:
    return training_split(index, validation_share=config.validation_share, seed=config.seed, groups=groups)


def _judge_part(
    config: TrainConfig,
    index: DatasetIndex,
    groups: Groups,
    held_out: npt.NDArray[np.int64],
    folder: Path,
    reporter: FoldReporter,
) -> npt.NDArray[np.float32]:
    """Train on the other parts, a validation part of them held back, and return (n, classes) calibrated."""
    split = _split(config, index.without(held_out), groups)
    logger.info("%d pictures to judge", len(held_out))
    network = fit_network(config, index, split, folder, reporter)
    y_true = index.label_numbers(index.table.loc[split.validation])
    temperature = fit_temperature(y_true, _predict(network, index, split.validation))
    return apply_temperature(_predict(network, index, held_out), temperature).astype(np.float32)


def _predict(network: keras.Model, index: DatasetIndex, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    starts = range(0, len(rows), _BATCH)
    batches = (np.asarray(index.images[rows[start : start + _BATCH]], np.float32) for start in starts)
    return np.concatenate([np.asarray(network.predict_on_batch(batch), np.float32) for batch in batches])


def _judge(dataset: Dataset, config: TrainConfig, folds: int, probabilities: pd.DataFrame, method: str) -> Search:
    epochs = "1 epoch" if config.epochs == 1 else f"{config.epochs} epochs"
    return judge_and_keep(
        dataset,
        probabilities.drop(columns="fold"),
        source=f"{folds} networks trained in turns ({config.architecture}, {epochs})",
        basis="Every picture of train was judged by a network trained without it and its known duplicates.",
        method=method,
    )
