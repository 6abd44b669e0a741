"""What happens when an epoch ends: it is judged, written down, kept if it is the best, and made resumable.

The order matters: whoever dies between two of the steps is resumed from the state before, and what was written after
that state is cut off or replaced.
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np

from fer_core.errors import Cancelled, TrainingError
from fer_core.training.fitting.fit import Fit
from fer_core.training.fitting.optimization import ALL, Phase
from fer_core.training.fitting.state import save_state
from fer_core.training.fitting.validation import EpochScore
from fer_core.training.fitting.weight_averaging import copy_weights
from fer_core.training.runs.run import BEST_WEIGHTS

logger = logging.getLogger(__name__)

_CANDIDATES = "checkpoints/epoch-{}.weights.h5"  # becomes the best once the state that calls it the best is on disk


class EpochEnd(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends the epochs of one phase.

    Args:
        fit: The training.
        phase: The phase that is fitted.
    """

    def __init__(self, fit: Fit, phase: Phase) -> None:
        super().__init__()
        self.fit = fit
        self.phase = phase

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Judge, write down and keep; an epoch that was stopped inside is as if it had never begun."""
        fit = self.fit
        if fit.progress.is_stopped or fit.progress.has_diverged:
            return
        score = self._judge(epoch)
        if score is None:
            return
        logs = {} if logs is None else logs
        logs.update(score.metrics)
        with saying_what_failed(fit):
            self._write_down(epoch, logs, score)
            self._keep(epoch, score)
        fit.report_best()
        if fit.is_finished:
            self.model.stop_training = True

    def _judge(self, epoch: int) -> EpochScore | None:
        fit, progress = self.fit, self.fit.progress
        if fit.judged is not fit.network and fit.averaging is None:
            copy_weights(fit.network, fit.judged)
        done, total = (epoch + 1) * progress.steps, progress.epochs * progress.steps
        try:
            score = fit.validation.judge(fit.judged, epoch + 1, progress.reporter, done=done, total=total)
        except Cancelled:
            progress.stop()
            return None
        # A batch norm whose variance became infinite still gives probabilities: the same for every picture.
        if score is None or not all(np.isfinite(weight).all() for weight in fit.judged.get_weights()):
            progress.diverge()
            return None
        return score

    def _write_down(self, epoch: int, logs: dict[str, float], score: EpochScore) -> None:
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        progress = self.fit.progress
        figures = {
            "epoch": epoch + 1,
            "learning_rate": rate,
            "seconds": time.monotonic() - progress.epoch_began,
            "images_per_second": progress.images_per_second,
            "ended_at": time.time(),
            "phase": self.phase.name,
        }
        self.fit.log.write({**logs, **figures}, score.record)

    def _keep(self, epoch: int, score: EpochScore) -> None:
        fit = self.fit
        is_better = fit.best.offer(epoch + 1, score)
        if fit.plateau:
            fit.plateau.judge(is_better=is_better)
        fit.num_epochs = epoch + 1
        has_waited = self.phase.name == ALL and 0 < fit.config.patience <= fit.best.num_waited
        fit.is_finished = has_waited or fit.num_epochs == fit.config.epochs
        if has_waited:
            logger.info("No better epoch in %d; the best is epoch %d.", fit.config.patience, fit.best.epoch)
        candidate = fit.folder / _CANDIDATES.format(epoch + 1)
        try:
            if is_better:
                fit.judged.save_weights(candidate)
            save_state(fit.folder, fit.variables(), fit.facts(self.phase))
        except BaseException:
            candidate.unlink(missing_ok=True)
            raise
        settle_best(fit.folder, fit.best.epoch)


def settle_best(folder: Path, best_epoch: int) -> None:
    """Put the weights of the best epoch in place if they are not yet, and drop what an interruption left."""
    candidate = folder / _CANDIDATES.format(best_epoch)
    if candidate.exists():
        os.replace(candidate, folder / BEST_WEIGHTS)
    for leftover in folder.glob(_CANDIDATES.format("*")):
        leftover.unlink()


@contextmanager
def saying_what_failed(fit: Fit) -> Iterator[None]:
    """Turn a full disk or a folder that cannot be written into a sentence.

    Raises:
        TrainingError: In place of an `OSError`, or of the `RuntimeError` that HDF5 makes of it.
    """
    kept = fit.best.epoch
    try:
        yield
    except (OSError, RuntimeError) as error:
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number else str(error)  # HDF5 tells its whole story otherwise
        weights = f"The best weights, of epoch {kept}, are kept. " if kept else ""
        raise TrainingError(
            f"Epoch {fit.progress.epoch + 1} cannot be written to '{fit.folder}': {reason}. {weights}"
            "Make room on that disk, then resume the run."
        ) from error
