"""What happens beside the fitting: progress and stop requests, the history file, the best weights.

Each callback is driven by Keras and writes to one place only; none of them decides what the network learns.
"""

import csv
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import keras

from fer_core.errors import Cancelled
from fer_core.training.epoch_records import HISTORY_COLUMNS


class Reporter(Protocol):
    """Who is told how far a training is: a `JobReporter`, or one who counts several trainings together."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Report steps done of steps in all; raises `Cancelled` once a stop was asked for."""

    def update(self, **details: Any) -> None:
        """Merge JSON values into what is known about the training."""


class ProgressReport(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports every step to the job, and ends the fitting after the step in which a stop was asked for.

    Args:
        reporter: The job's reporter.
        batch_size: Pictures a step, for the rate.
        steps: Steps an epoch.
        epochs: Epochs in all.
    """

    def __init__(self, reporter: Reporter, *, batch_size: int, steps: int, epochs: int) -> None:
        super().__init__()
        self.reporter = reporter
        self.batch_size = batch_size
        self.steps = steps
        self.epochs = epochs
        self.epoch = 0
        self.epoch_began = 0.0
        self.images_per_second = 0.0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the clock of the epoch."""
        self.epoch = epoch
        self.epoch_began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Report the step; a stop request ends the fitting here."""
        step = batch + 1
        self.images_per_second = step * self.batch_size / max(time.monotonic() - self.epoch_began, 1e-9)
        self.reporter.update(
            epoch=self.epoch + 1,
            epochs=self.epochs,
            step=step,
            steps=self.steps,
            images_per_second=round(self.images_per_second, 1),
        )
        try:
            message = f"epoch {self.epoch + 1} of {self.epochs}"
            self.reporter.progress(self.epoch * self.steps + step, self.epochs * self.steps, message)
        except Cancelled:
            self.model.stop_training = True


class HistoryFile(keras.callbacks.Callback):  # type: ignore[misc]
    """Appends one row an epoch to a CSV that another process may be reading.

    Args:
        path: The file; its header is written at the start.
        progress: Where the rate of the epoch comes from.
    """

    def __init__(self, path: Path, progress: ProgressReport) -> None:
        super().__init__()
        self.path = path
        self.progress = progress

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Write the header."""
        self._append(dict(zip(HISTORY_COLUMNS, HISTORY_COLUMNS, strict=True)))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Write the epoch's row in one piece."""
        metrics = {name: f"{value:.6g}" for name, value in (logs or {}).items() if name in HISTORY_COLUMNS}
        self._append(
            {
                "epoch": str(epoch + 1),
                **metrics,
                "learning_rate": f"{float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)):.6g}",
                "seconds": f"{time.monotonic() - self.progress.epoch_began:.2f}",
                "images_per_second": f"{self.progress.images_per_second:.1f}",
            }
        )

    def _append(self, row: Mapping[str, str]) -> None:
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, HISTORY_COLUMNS).writerow(row)


class BestWeights(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the weights of the epoch with the best validation accuracy; ties go to the lower loss.

    Args:
        network: The network inside the training model, the part that is kept.
        path: Where to keep the weights, ending in `.weights.h5`.
        reporter: Told of every new best.
    """

    def __init__(self, network: keras.Model, path: Path, reporter: Reporter) -> None:
        super().__init__()
        self.network = network
        self.path = path
        self.reporter = reporter
        self.best: tuple[float, float] = (-1.0, 0.0)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Save if this epoch is the best so far."""
        logs = logs or {}
        score = (float(logs["val_accuracy"]), -float(logs["val_loss"]))
        if score <= self.best:
            return
        self.best = score
        partial = self.path.with_name(f"partial-{self.path.name}")
        self.network.save_weights(partial)
        os.replace(partial, self.path)
        self.reporter.update(best_epoch=epoch + 1, best_val_accuracy=round(score[0], 5))
