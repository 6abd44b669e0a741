"""Training: what to train, the record of a training, and the process that does it."""

import os

# Before anything here loads TensorFlow: its start-up notes are no news, and it leaves oneDNN off on processors without
# AVX512, where a training step of the compact network takes 11.5 ms of processor time a picture instead of 7.5 (AVX2).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from fer_core.training.augmentation.levels import AUGMENTATIONS, AugmentationConfig
from fer_core.training.config import TrainConfig
from fer_core.training.presets import PRESETS, Preset, with_preset
from fer_core.training.runs.queue import training_queue
from fer_core.training.runs.run import Run, list_runs, open_run, remove_run, stop_run
from fer_core.training.runs.starts import resume_run, retry_run, start_run, train

__all__ = [
    "AUGMENTATIONS",
    "PRESETS",
    "AugmentationConfig",
    "Preset",
    "Run",
    "TrainConfig",
    "list_runs",
    "open_run",
    "remove_run",
    "resume_run",
    "retry_run",
    "start_run",
    "stop_run",
    "train",
    "training_queue",
    "with_preset",
]
