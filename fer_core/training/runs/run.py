"""Runs: one training and its record, a folder below FER_HOME/runs.

A `TrainConfig` comes in; a folder with `config.json`, `status.json`, `history.csv`, `training.log`, `checkpoints/`
and `model/` goes out, filled by a job. The folder is the whole interface: who only looks never loads Keras.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core.errors import JobError, ModelError, TrainingError
from fer_core.jobs import (
    JobStatus,
    list_jobs,
    read_status,
    remove_job,
    request_cancel,
    tail_log,
)
from fer_core.jobs.folder import read_json
from fer_core.models.package import ModelPackage, read_package
from fer_core.settings import load_settings
from fer_core.training.config import TrainConfig
from fer_core.training.runs.epoch_records import read_history
from fer_core.training.runs.names import is_name

CONFIG_NAME = "config.json"
LOG_NAME = "training.log"
BEST_WEIGHTS = "checkpoints/best.weights.h5"
MODEL_FOLDER = "model"
STATE_NAME = "checkpoints/state.npz"  # all that a resumed training needs
RECORD_NAME = "record.json"
TEST_NAME = "test.json"


@dataclass(frozen=True)
class Run:
    """One training and its record.

    Args:
        name: Its name, unique below FER_HOME.
        folder: Where its record is.
    """

    name: str
    folder: Path

    @cached_property
    def config(self) -> TrainConfig:
        """What the training was asked to do."""
        return read_config(self.folder)

    def status(self) -> JobStatus:
        """Read how far it is; while training, `details` has epoch, step, images_per_second, device and the best."""
        return read_status(self.folder)

    @property
    def can_resume(self) -> bool:
        """Whether `resume_run` can go on with it: it ended before it was complete, after an epoch at least."""
        if not self.has_settings or not (self.folder / STATE_NAME).exists():
            return False
        status = self.status()
        return not status.is_live and status.state != "completed"

    @property
    def has_settings(self) -> bool:
        """Whether its settings can be read."""
        try:
            return bool(self.config)
        except TrainingError:
            return False

    def record(self) -> dict[str, Any] | None:
        """Read what it was made with: data, versions, hardware, seed, command; None before that is written."""
        return read_json(self.folder / RECORD_NAME)

    def test_report(self) -> dict[str, Any] | None:
        """Read how its model did on the test split; None where that was not measured."""
        return read_json(self.folder / TEST_NAME)

    def history(self) -> pd.DataFrame:
        """Read the finished epochs: one row each, columns as in `HISTORY_COLUMNS`; empty before the first."""
        return read_history(self.folder)

    def log_tail(self, num_lines: int = 20) -> str:
        """Return the last lines of the training log."""
        return tail_log(self.folder, num_lines=num_lines, log_name=LOG_NAME)

    @property
    def model(self) -> ModelPackage | None:
        """The finished model, or None as long as there is none."""
        try:
            return read_package(self.folder / MODEL_FOLDER)
        except ModelError:
            return None


def list_runs() -> list[Run]:
    """Return all runs, the newest first."""
    jobs = list_jobs(load_settings().runs_folder)
    return [Run(folder.name, folder) for folder, _ in jobs if (folder / CONFIG_NAME).is_file()]


def open_run(name: str) -> Run:
    """Open a run by its name.

    Raises:
        TrainingError: If there is none of this name.
    """
    folder = load_settings().runs_folder / name
    if not is_name(name) or not (folder / CONFIG_NAME).is_file():
        known = ", ".join(run.name for run in list_runs()) or "none yet"
        raise TrainingError(f"There is no run {name!r}. Known: {known}.")
    return Run(name, folder)


def stop_run(name: str) -> None:
    """Ask a run to stop after the current step; its best model is kept.

    Raises:
        TrainingError: If there is no such run or it is not under way.
    """
    run = open_run(name)
    if not run.status().is_live:
        raise TrainingError(f"The run {name!r} is not under way; it is {run.status().state}.")
    request_cancel(run.folder)


def remove_run(name: str) -> None:
    """Delete a run that is not under way, its model included.

    Raises:
        TrainingError: If there is no such run, or it is under way.
    """
    try:
        remove_job(open_run(name).folder)
    except JobError as error:
        raise TrainingError(str(error)) from error


def read_config(folder: Path) -> TrainConfig:
    """Read the settings of a run folder.

    Raises:
        TrainingError: If they are missing or damaged.
    """
    try:
        return TrainConfig(**json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise TrainingError(f"The settings of the run {folder.name!r} cannot be read: {error}. Remove it.") from error
