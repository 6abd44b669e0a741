"""Which epoch of a training is the best so far, by the chosen metric, and when to stop waiting for a better one."""

from dataclasses import asdict, dataclass
from typing import Any

from fer_core.training.fitting.validation import EpochScore

NO_RANK = (float("-inf"), float("-inf"))


@dataclass
class BestEpoch:
    """The best epoch so far.

    Args:
        metric: One of `SELECTION_METRICS`. Ties go to the lower loss, or with `val_loss` to the higher accuracy.
        epoch: Its number from 1, 0 before the first.
        score: The metric's value.
        accuracy: Its validation accuracy, 0-1.
        rank: What epochs are compared by, higher is better.
        num_waited: Epochs since, in the present phase.
    """

    metric: str
    epoch: int = 0
    score: float = 0.0
    accuracy: float = 0.0
    rank: tuple[float, float] = NO_RANK
    num_waited: int = 0

    def offer(self, epoch: int, score: EpochScore) -> bool:
        """Take note of an epoch, counted from 1, and return whether it is the best so far."""
        value = score.metrics[self.metric]
        loss, accuracy = score.metrics["val_loss"], score.metrics["val_accuracy"]
        rank = (-loss, accuracy) if self.metric == "val_loss" else (value, -loss)
        if not rank > self.rank:
            self.num_waited += 1
            return False
        self.epoch, self.score, self.accuracy, self.rank, self.num_waited = epoch, value, accuracy, rank, 0
        return True

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "BestEpoch":
        """Return what `to_dict` was made from."""
        return cls(**{**values, "rank": tuple(values["rank"])})
