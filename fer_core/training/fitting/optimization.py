"""How the weights are moved: the phases of a training, the optimiser of a phase, its learning rate.

A `TrainConfig` comes in; phases and Keras optimisers go out. Cosine and constant rates are functions of the step; the
rate on a plateau follows the validation and is set epoch by epoch.
"""

from dataclasses import dataclass
from typing import Any

import keras

from fer_core.models.architectures import find_architecture
from fer_core.training.config import TrainConfig

MOMENTUM = 0.9
PLATEAU_FACTOR = 0.1  # He et al. 2016: divided by ten when the error plateaus
PLATEAU_EPOCHS = 5  # without a better one, until the rate falls

HEAD, ALL = "head", "all"


@dataclass(frozen=True)
class Phase:
    """A stretch of epochs with an optimiser of its own.

    Args:
        name: `head`: only the classifier learns; `all`: every layer does.
        first_epoch: Number of its first epoch, from 0.
        num_epochs: Number of its epochs, at least 1.
        learning_rate: Peak of its schedule.
    """

    name: str
    first_epoch: int
    num_epochs: int
    learning_rate: float

    @property
    def end(self) -> int:
        """Number of the epoch after its last."""
        return self.first_epoch + self.num_epochs


def plan_phases(config: TrainConfig) -> list[Phase]:
    """Return the phases of a training, whose epochs add up to `config.epochs`.

    Only a training that begins with learned weights has a phase `head`, and it always leaves an epoch for `all`.
    """
    if not begins_with_learned_weights(config):
        return [Phase(ALL, 0, config.epochs, config.learning_rate)]
    num_head = min(config.head_epochs, config.epochs - 1)
    rest = Phase(ALL, num_head, config.epochs - num_head, config.learning_rate * config.fine_tune_factor)
    return [Phase(HEAD, 0, num_head, config.learning_rate), rest] if num_head else [rest]


def begins_with_learned_weights(config: TrainConfig) -> bool:
    """Tell whether a training goes on from another model or from ImageNet."""
    return bool(config.from_model) or find_architecture(config.architecture).is_pretrained


def make_optimizer(config: TrainConfig, phase: Phase, *, steps: int) -> keras.optimizers.Optimizer:
    """Return a new optimiser for a phase.

    Args:
        config: Which optimiser and schedule.
        phase: How long and how fast.
        steps: Steps of an epoch.
    """
    rate = _schedule(config, phase, steps)
    optimizer: keras.optimizers.Optimizer
    if config.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=config.weight_decay)
    else:
        optimizer = keras.optimizers.SGD(
            rate, momentum=MOMENTUM, nesterov=True, weight_decay=config.weight_decay or None
        )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def warm_up_steps(config: TrainConfig, phase: Phase, *, steps: int) -> int:
    """Return the steps of the linear rise to the peak: at most a tenth of the phase."""
    return min(config.warm_up_epochs * steps, phase.num_epochs * steps // 10)


def _schedule(config: TrainConfig, phase: Phase, steps: int) -> Any:
    """Return the rate as a function of the step, or a number where it is set from outside."""
    warm_up, peak = warm_up_steps(config, phase, steps=steps), phase.learning_rate
    if config.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warm_up else peak,
            warmup_target=peak if warm_up else None,
            warmup_steps=warm_up,
            decay_steps=max(phase.num_epochs * steps - warm_up, 1),
        )
    if config.schedule == "constant" and warm_up:  # a line from 0 to the peak, which then stays
        return keras.optimizers.schedules.PolynomialDecay(0.0, decay_steps=warm_up, end_learning_rate=peak)
    return peak


class Plateau(keras.callbacks.Callback):  # type: ignore[misc]
    """Sets the rate at each epoch's beginning: a linear rise, then a tenth whenever nothing gets better.

    Args:
        phase: Its first epoch and its peak.
        warm_up_epochs: Epochs of the rise.
    """

    def __init__(self, phase: Phase, *, warm_up_epochs: int) -> None:
        super().__init__()
        self.phase = phase
        self.warm_up_epochs = warm_up_epochs
        self.num_drops = 0
        self.num_waited = 0

    def rate(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0."""
        rise = min(1.0, (epoch - self.phase.first_epoch + 1) / (self.warm_up_epochs + 1))
        return float(self.phase.learning_rate * rise * PLATEAU_FACTOR**self.num_drops)

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Set the rate of the epoch."""
        self.model.optimizer.learning_rate = self.rate(epoch)

    def judge(self, *, is_better: bool) -> None:
        """Count an epoch that ended; the rate of the next one falls after `PLATEAU_EPOCHS` in vain."""
        self.num_waited = 0 if is_better else self.num_waited + 1
        if self.num_waited >= PLATEAU_EPOCHS:
            self.num_drops += 1
            self.num_waited = 0
