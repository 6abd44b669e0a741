"""Judging a network on the validation part: one pass gives every figure that an epoch is remembered by.

A network and the pictures held back come in; loss, accuracy, macro F1, confusion, recall and F1 of each class, and
the probabilities of a few watched faces go out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.dataset import DatasetIndex
from fer_core.evaluation import classification_report
from fer_core.training.fitting.callbacks import Reporter
from fer_core.training.runs.epoch_records import EpochRecord, WatchedFaces

NUM_WATCHED = 12

_BATCH = 256  # pictures in one call
_DIGITS = 5  # of a probability on disk
_SMALLEST = 1e-7  # keras.config.epsilon(): where Keras' own loss clips a probability


@dataclass(frozen=True)
class EpochScore:
    """How the validation part was judged.

    Args:
        metrics: `val_loss` (cross entropy with the training's label smoothing), `val_accuracy` and `val_macro_f1`.
        record: The details.
    """

    metrics: dict[str, float]
    record: EpochRecord


class Validation:
    """The validation part of a training.

    Args:
        index: The dataset.
        rows: (n,) row numbers of the pictures.
        label_smoothing: As in the training's loss, so that both losses can be compared.
        seed: Decides which faces are watched.
    """

    def __init__(
        self, index: DatasetIndex, rows: npt.NDArray[np.int64], *, label_smoothing: float = 0.0, seed: int = 0
    ) -> None:
        self.class_names = index.class_names
        self.images = np.ascontiguousarray(index.images[rows])
        self.y_true = index.label_numbers(index.table.loc[rows])
        self.label_smoothing = label_smoothing
        self._positions = _watched_positions(self.y_true, seed)
        self.watched = WatchedFaces(
            class_names=list(self.class_names),
            image_ids=[int(rows[position]) for position in self._positions],
            labels=[self.class_names[self.y_true[position]] for position in self._positions],
        )

    def judge(self, network: Any, epoch: int, reporter: Reporter, *, done: int, total: int) -> EpochScore | None:
        """Judge a network at the end of an epoch.

        Args:
            network: A `keras.Model` from (n, size, size, channels) 0-255 to (n, classes) probabilities.
            epoch: Number of the epoch, from 1.
            reporter: Asked between two batches whether to stop.
            done: Steps of the training done.
            total: Steps of the training in all.

        Returns:
            None if the network gives numbers that are no probabilities.

        Raises:
            Cancelled: If somebody asked the training to stop.
        """
        parts = []
        for start in range(0, len(self.images), _BATCH):
            batch = self.images[start : start + _BATCH].astype(np.float32)
            parts.append(np.asarray(network.predict_on_batch(batch), np.float32))
            reporter.progress(done, total)
        y_prob = np.concatenate(parts)
        return self._score(y_prob, epoch) if np.isfinite(y_prob).all() else None

    def _score(self, y_prob: npt.NDArray[np.float32], epoch: int) -> EpochScore:
        report = classification_report(self.y_true, y_prob, self.class_names)
        metrics = {
            "val_loss": self._loss(y_prob),
            "val_accuracy": report["accuracy"],
            "val_macro_f1": report["macro_f1"],
        }
        record = EpochRecord(
            epoch=epoch,
            confusion=report["confusion"],
            recall={row["class_name"]: round(row["recall"], _DIGITS) for row in report["per_class"]},
            f1={row["class_name"]: round(row["f1"], _DIGITS) for row in report["per_class"]},
            faces=[[round(float(p), _DIGITS) for p in y_prob[position]] for position in self._positions],
        )
        return EpochScore(metrics, record)

    def _loss(self, y_prob: npt.NDArray[np.float32]) -> float:
        """Mean cross entropy in nats, with smoothed targets (Szegedy et al. 2016)."""
        logs = -np.log(np.clip(y_prob.astype(np.float64), _SMALLEST, 1.0 - _SMALLEST))
        of_truth = logs[np.arange(len(logs)), self.y_true]
        return float(np.mean((1 - self.label_smoothing) * of_truth + self.label_smoothing * logs.mean(axis=1)))


def _watched_positions(y_true: npt.NDArray[np.int64], seed: int) -> list[int]:
    """Choose up to `NUM_WATCHED` positions: one of each class in turn, sorted by class."""
    order = np.random.default_rng(seed).permutation(len(y_true))
    turn_of = np.empty(len(y_true), np.int64)  # how many of its class come before it in that order
    seen: dict[int, int] = {}
    for position in order:
        turn_of[position] = seen.get(y_true[position], 0)
        seen[y_true[position]] = turn_of[position] + 1
    rank = np.lexsort((y_true, turn_of))
    return sorted(rank[:NUM_WATCHED].tolist(), key=lambda position: (int(y_true[position]), position))
