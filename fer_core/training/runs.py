"""Runs: one training and its record, a folder below FER_HOME/runs.

A `TrainConfig` comes in; a folder with `config.json`, `status.json`, `history.csv`, `training.log`, `checkpoints/`
and `model/` goes out, filled by a job. The folder is the whole interface: who only looks never loads Keras.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from fer_core.dataset import open_dataset
from fer_core.errors import JobError, ModelError, TrainingError
from fer_core.jobs import (
    JobStatus,
    list_jobs,
    read_status,
    remove_job,
    request_cancel,
    run_here,
    start_job,
    starting_claim,
    tail_log,
)
from fer_core.models.catalog import SHIPPED_NAME
from fer_core.models.package import ModelPackage, read_package
from fer_core.settings import load_settings
from fer_core.training.config import TrainConfig
from fer_core.training.epoch_records import read_history

CONFIG_NAME = "config.json"
LOG_NAME = "training.log"
BEST_WEIGHTS = "checkpoints/best.weights.h5"
MODEL_FOLDER = "model"

_TARGET = "fer_core.training.trainer:train_job"
_NAME = re.compile(r"\w[\w.-]{0,63}")


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


def start_run(config: TrainConfig, name: str | None = None) -> Run:
    """Start a training in a process of its own and return at once.

    Raises:
        TrainingError: If another training is under way, or the name is taken.
        JobError: If another training is being started this very moment.
        DatasetError: If there is no such dataset.
    """
    with starting_claim(load_settings().runs_folder):  # two tabs may start at the same moment
        live = next((run for run in list_runs() if run.status().is_live), None)
        if live:
            raise TrainingError(
                f"The run {live.name!r} is under way. Wait for its end or stop it, then start this one."
            )
        run = _new_run(config, name)
        arguments = {"run_folder": str(run.folder)}
        start_job(run.folder, _TARGET, arguments, title=f"Training {run.name}", log_name=LOG_NAME)
    return run


def train(config: TrainConfig, *, name: str | None = None, on_status: Callable[[JobStatus], None] | None = None) -> Run:
    """Train in this process and return the finished run; an interrupt keeps the best model so far.

    Args:
        config: What to train.
        name: Name of the run; by default made from dataset and architecture.
        on_status: Called with the run's status a few times a second.

    Raises:
        TrainingError: If the training cannot start or fails, or the name is taken.
        DatasetError: If there is no such dataset, or it cannot be trained on.
    """
    run = _new_run(config, name)
    title = f"Training {run.name}"
    arguments = {"run_folder": str(run.folder)}
    run_here(run.folder, _TARGET, arguments, title=title, log_name=LOG_NAME, on_status=on_status)
    return run


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
    if not _NAME.fullmatch(name) or not (folder / CONFIG_NAME).is_file():
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
    except (OSError, ValueError, TypeError) as error:
        raise TrainingError(f"The settings of the run {folder.name!r} cannot be read: {error}.") from error


def _new_run(config: TrainConfig, name: str | None) -> Run:
    open_dataset(config.dataset).view(without_leaks=config.without_leaks)  # so that what cannot be had leaves no run
    folder = _new_folder(name, f"{config.dataset}-{config.architecture}")
    (folder / CONFIG_NAME).write_text(json.dumps(config.to_dict(), indent=2), encoding="utf-8")
    return Run(folder.name, folder)


def _new_folder(name: str | None, stem: str) -> Path:
    """Make the run's folder; making it is also what keeps two runs from taking one name."""
    if name is not None and not _NAME.fullmatch(name):
        raise TrainingError(f"{name!r} cannot be a name. Use up to 64 letters, digits, points, hyphens, underscores.")
    if name == SHIPPED_NAME:
        raise TrainingError(f"{name!r} is the name of the model that comes along. Choose another name.")
    runs = load_settings().runs_folder
    runs.mkdir(parents=True, exist_ok=True)
    for candidate in [name] if name is not None else (f"{stem}-{number}" for number in range(1, 100_000)):
        try:
            (runs / candidate).mkdir()
        except FileExistsError:
            continue
        return runs / candidate
    raise TrainingError(f"There is a run {name!r} already. Choose another name or remove it first.")
