"""Training: what to train, the record of a training, and the process that does it."""

from fer_core.training.augmentation import AUGMENTATIONS, AugmentationConfig
from fer_core.training.config import TrainConfig
from fer_core.training.runs import Run, list_runs, open_run, remove_run, start_run, stop_run, train

__all__ = [
    "AUGMENTATIONS",
    "AugmentationConfig",
    "Run",
    "TrainConfig",
    "list_runs",
    "open_run",
    "remove_run",
    "start_run",
    "stop_run",
    "train",
]
