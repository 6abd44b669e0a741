"""What happens beside the steps of a fit: progress and stop requests, and the order of the pictures.

Each callback is driven by Keras; none of them decides what the network learns.
"""

import math
import time
from collections.abc import Mapping
from typing import Any, Protocol

import keras

from fer_core.errors import Cancelled
from fer_core.training.fitting.stream import TrainingStream


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
        self.is_stopped = False  # somebody asked for it
        self.has_diverged = False  # the loss became infinite

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the clock of the epoch."""
        self.epoch = epoch
        self.epoch_began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Report the step; a stop request or a loss that is no number ends the fitting here."""
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
            self.stop()
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            self.diverge()

    def stop(self) -> None:
        """End the fitting because somebody asked for it."""
        self.is_stopped = self.model.stop_training = True

    def diverge(self) -> None:
        """End the fitting because its numbers became infinite."""
        self.has_diverged = self.model.stop_training = True


class EpochOrder(keras.callbacks.Callback):  # type: ignore[misc]
    """Puts the pictures into the order of each epoch.

    Args:
        stream: The batches that the fit reads.
    """

    def __init__(self, stream: TrainingStream) -> None:
        super().__init__()
        self.stream = stream

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Take up the order of the epoch."""
        self.stream.start_epoch(epoch)
