"""Job targets that leave the records of a training without training; importable by the worker process."""

import time

from fer_core.errors import TrainingError
from fer_core.jobs import JobReporter

DETAILS = {
    "phase": "training",
    "epoch": 3,
    "epochs": 5,
    "step": 4,
    "steps": 10,
    "images_per_second": 412.3,
    "device": "CPU, 2 cores",
    "best_epoch": 2,
    "best_val_accuracy": 0.625,
}


def train_until_stopped(*, reporter: JobReporter) -> None:
    reporter.update(**DETAILS)
    reporter.progress(24, 50)
    while not reporter.cancel_requested():
        time.sleep(0.02)


def train(*, reporter: JobReporter) -> dict[str, str]:
    reporter.update(**DETAILS)
    reporter.progress(50, 50)
    return {"model": "done"}


def fail_to_train(*, reporter: JobReporter) -> None:
    raise TrainingError("The loss became infinite in the first epoch. Try a smaller learning rate.")
