"""Fits a network, phase by phase, from the beginning or from where an earlier fit was interrupted.

A `TrainConfig`, an index and its division come in; the network with its best weights goes out, and the record of
every epoch lies in the folder. Runs in a job's process: this module imports Keras.
"""

import logging
import shutil
from pathlib import Path
from typing import Any

import keras

from fer_core.dataset import DatasetIndex, TrainingSplit
from fer_core.errors import Cancelled, TrainingError
from fer_core.training.config import TrainConfig
from fer_core.training.fitting.callbacks import EpochOrder, Reporter
from fer_core.training.fitting.epoch_end import EpochEnd, settle_best
from fer_core.training.fitting.fit import Fit
from fer_core.training.fitting.hardware import describe_device, device_strategy, prepare_computing, scope_of
from fer_core.training.fitting.optimization import (
    HEAD,
    Phase,
    Plateau,
    begins_with_learned_weights,
    make_optimizer,
    plan_phases,
    warm_up_steps,
)
from fer_core.training.fitting.setup import build, set_up
from fer_core.training.fitting.state import TrainingState, load_state
from fer_core.training.fitting.stream import as_fit_input
from fer_core.training.fitting.transfer import freeze_backbone
from fer_core.training.runs.run import BEST_WEIGHTS

logger = logging.getLogger(__name__)


def fit_network(
    config: TrainConfig,
    index: DatasetIndex,
    split: TrainingSplit,
    folder: Path,
    reporter: Reporter,
    *,
    resume: bool = False,
) -> keras.Model:
    """Train a network and return it with its best weights, in float32.

    Args:
        config: What to train.
        index: The dataset.
        split: Which rows to fit on and to choose the best epoch by.
        folder: Where history and checkpoints go.
        reporter: Told about the progress; a stop request ends the fitting with the best weights so far.
        resume: Go on from the state that the folder holds; without one the training begins anew.

    Raises:
        Cancelled: If it was stopped before the first epoch ended.
        TrainingError: If the loss becomes infinite in the first epoch, the state cannot be resumed from, or the
            record cannot be written.
    """
    state = load_state(folder) if resume else None
    weights = folder / BEST_WEIGHTS
    if state is None:
        shutil.rmtree(weights.parent, ignore_errors=True)
        weights.parent.mkdir(parents=True)
    policy = prepare_computing(config)
    reporter.update(
        device=describe_device(),
        epochs=config.epochs,
        selection_metric=config.selection_metric,
        num_train=len(split.train),
        num_validation=len(split.validation),
    )
    logger.info("%d training and %d validation pictures, %s", len(split.train), len(split.validation), policy)
    try:
        strategy = device_strategy()
        fit = set_up(config, index, split, folder, reporter, strategy=strategy, state=state)
        _fit_phases(fit, state, strategy)
    finally:
        keras.config.set_dtype_policy("float32")
    _check_outcome(fit)
    network = build(config, index, input_size=index.images.shape[1])
    network.load_weights(weights)
    return network


def _fit_phases(fit: Fit, state: TrainingState | None, strategy: Any) -> None:
    """Go through the phases; those that the state has behind it are skipped."""
    begun = state is None
    for phase in plan_phases(fit.config):
        if state is not None and not begun and phase.name != state.facts["phase"]:
            continue
        with scope_of(strategy):
            _prepare(fit, phase)
        if state is not None and not begun:
            fit.restore(state)
            settle_best(fit.folder, fit.best.epoch)
            fit.report_best()
            logger.info("Going on after epoch %d.", fit.num_epochs)
            begun = True
        if fit.num_epochs == phase.first_epoch:
            fit.best.num_waited = 0
        if fit.num_epochs < phase.end and not fit.is_finished:
            _fit_phase(fit, phase)
        if fit.progress.is_stopped or fit.progress.has_diverged:
            return


def _prepare(fit: Fit, phase: Phase) -> None:
    """Compile the model for a phase, with an optimiser that begins anew."""
    if begins_with_learned_weights(fit.config):
        freeze_backbone(fit.network, phase.name == HEAD)
    steps = fit.progress.steps
    fit.model.compile(
        optimizer=make_optimizer(fit.config, phase, steps=steps),
        metrics=["accuracy"],
        # The resampling operation has no XLA kernel; JAX compiles everything itself.
        jit_compile="auto" if keras.backend.backend() == "jax" else False,
    )
    fit.model.optimizer.build(fit.model.trainable_variables)
    fit.plateau = None
    if fit.config.schedule == "plateau":
        fit.plateau = Plateau(phase, warm_up_epochs=warm_up_steps(fit.config, phase, steps=steps) // steps)


def _fit_phase(fit: Fit, phase: Phase) -> None:
    fit.progress.reporter.update(phase="training head" if phase.name == HEAD else "training")
    callbacks = [EpochOrder(fit.stream), fit.plateau, fit.progress, fit.averaging, EpochEnd(fit, phase)]
    fit.model.fit(
        as_fit_input(fit.stream),
        epochs=phase.end,
        initial_epoch=fit.num_epochs,
        callbacks=[callback for callback in callbacks if callback is not None],
        shuffle=False,  # the stream has an order of its own
        verbose=0,
    )


def _check_outcome(fit: Fit) -> None:
    if fit.progress.has_diverged:
        number = fit.progress.epoch + 1
        if not fit.best.epoch:
            raise TrainingError(
                f"The loss became infinite in epoch {number}, before there was a model to keep. "
                "Try a smaller learning rate."
            )
        logger.warning("The loss became infinite in epoch %d; epoch %d is kept.", number, fit.best.epoch)
    if not fit.best.epoch:
        raise Cancelled("Stopped on request before the first epoch ended, so there is no model yet.")
