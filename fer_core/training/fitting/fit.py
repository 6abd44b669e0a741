"""A training while it is under way: its networks, its measures, and all that decides how it goes on.

What is made by `fit_setup`, moved by `fitting` and judged by `epoch_end`; a state that was saved is restored into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from fer_core.training.config import TrainConfig
from fer_core.training.fitting.best_epoch import BestEpoch
from fer_core.training.fitting.callbacks import ProgressReport
from fer_core.training.fitting.epoch_log import EpochLog
from fer_core.training.fitting.optimization import Phase, Plateau
from fer_core.training.fitting.state import TrainingState
from fer_core.training.fitting.stream import TrainingStream
from fer_core.training.fitting.validation import Validation
from fer_core.training.fitting.weight_averaging import WeightAveraging


@dataclass
class Fit:
    """A training while it is under way: its networks, its measures and what it knows about itself.

    Args:
        config: What to train.
        folder: Where the record goes.
        model: The network inside what is compiled and fitted.
        network: The network that learns.
        judged: The network that is validated and kept: the averaged one, or `network` itself.
        stream: The batches it learns from.
        validation: What it is judged by.
        log: Where epochs are written down.
        progress: Whom progress is reported to, and whether the fit was stopped.
        origin: What decides whether a state belongs to this training, such as the dataset's fingerprint.
    """

    config: TrainConfig
    folder: Path
    model: keras.Model
    network: keras.Model
    judged: keras.Model
    stream: TrainingStream
    validation: Validation
    log: EpochLog
    progress: ProgressReport
    origin: dict[str, Any]
    best: BestEpoch = field(init=False)
    teacher: keras.Model | None = None  # never changes
    averaging: WeightAveraging | None = None
    plateau: Plateau | None = None
    num_epochs: int = 0  # done
    is_finished: bool = False  # no epoch is left, or patience ended

    def __post_init__(self) -> None:
        self.best = BestEpoch(self.config.selection_metric)

    def variables(self) -> Sequence[Any]:
        """All variables whose values decide how the training goes on."""
        averages = [] if self.judged is self.network else self.judged.weights
        of_teacher = {id(variable) for variable in self.teacher.variables} if self.teacher else set()
        of_model = [variable for variable in self.model.variables if id(variable) not in of_teacher]
        return [*of_model, *self.model.optimizer.variables, *averages]

    def facts(self, phase: Phase) -> dict[str, Any]:
        """What else decides that, as JSON values."""
        return {
            "origin": self.origin,
            "epoch": self.num_epochs,
            "phase": phase.name,
            "is_finished": self.is_finished,
            "best": self.best.to_dict(),
            "num_averaged": self.averaging.num_updates if self.averaging else 0,
            "plateau": [self.plateau.num_drops, self.plateau.num_waited] if self.plateau else [0, 0],
        }

    def restore(self, state: TrainingState) -> None:
        """Go back to a state: variables and facts.

        Raises:
            TrainingError: If it does not fit this training.
        """
        state.restore(self.variables())
        facts = state.facts
        self.num_epochs, self.is_finished = facts["epoch"], facts["is_finished"]
        self.best = BestEpoch.from_dict(facts["best"])
        if self.averaging:
            self.averaging.num_updates = facts["num_averaged"]
        if self.plateau:
            self.plateau.num_drops, self.plateau.num_waited = facts["plateau"]

    def report_best(self) -> None:
        """Tell the reporter which epoch is the best so far."""
        best = self.best
        self.progress.reporter.update(
            best_epoch=best.epoch, best_score=round(best.score, 5), best_val_accuracy=round(best.accuracy, 5)
        )
