"""Starting a training: a new one, one that was interrupted, one more with the same settings; all wait for their turn.

A `TrainConfig` or the name of an ended run comes in; a run that is queued or at work goes out.
"""

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fer_core.dataset import open_dataset
from fer_core.errors import TrainingError
from fer_core.jobs import JobStatus, continue_job, run_here, start_job
from fer_core.jobs.folder import JOB_FILE, write_json
from fer_core.training.config import TrainConfig
from fer_core.training.runs.moved_data import find_data_of
from fer_core.training.runs.names import named_folder, next_folder, numbered_folder
from fer_core.training.runs.queue import one_starter, training_queue
from fer_core.training.runs.run import CONFIG_NAME, LOG_NAME, Run, list_runs, open_run

TARGET = "fer_core.training.trainer:train_job"
_PACKAGES = ("tensorflow", "keras", "tensorboard")  # predicting takes none of them, so an installation may lack them


def start_run(config: TrainConfig, name: str | None = None) -> Run:
    """Start a training in a process of its own and return at once; it waits while another one is at work.

    Args:
        config: What to train.
        name: Name of the run; by default made from dataset and architecture. Without a name, settings that are being
            trained or wait already are refused: a second click or a second tab starts nothing.

    Raises:
        TrainingError: If the name is taken, or the very same training is under way.
        DatasetError: If there is no such dataset.
    """
    _check_data(config)
    with one_starter(), _new_run(config, name) as run:
        _start(run)
    return run


def train(config: TrainConfig, *, name: str | None = None, on_status: Callable[[JobStatus], None] | None = None) -> Run:
    """Train in this process, once it is its turn, and return the finished run; an interrupt keeps the best model.

    Args:
        config: What to train.
        name: Name of the run; see `start_run`.
        on_status: Called with the run's status a few times a second.

    Raises:
        TrainingError: If the training cannot start or fails, or the name is taken.
        DatasetError: If there is no such dataset, or it cannot be trained on.
    """
    _check_data(config)
    with ExitStack() as stack:
        with one_starter():
            run = stack.enter_context(_new_run(config, name))
        arguments, title = {"run_folder": str(run.folder)}, f"Training {run.name}"
        run_here(
            run.folder, TARGET, arguments, title=title, log_name=LOG_NAME, queue=training_queue(), on_status=on_status
        )
    return run


def resume_run(name: str) -> Run:
    """Let a stopped, failed or lost run go on from the end of its last epoch, in a process of its own.

    Raises:
        TrainingError: If there is no such run, it is under way or complete, or nothing of it can be gone on with.
        DatasetError: If its dataset is gone.
        JobError: If it is being resumed this very moment.
    """
    _check_packages()
    run = _open_ended(name)
    find_data_of(run)
    if run.status().state == "completed":
        raise TrainingError(f"The run {name!r} is complete. Start a new one that begins with its model.")
    if not run.can_resume:
        raise TrainingError(f"The run {name!r} ended before its first epoch did, so it cannot go on. Retry it.")
    continue_job(run.folder, {"run_folder": str(run.folder), "resume": True}, queue=training_queue())
    return run


def retry_run(name: str) -> Run:
    """Start a new run with the settings of an ended one, under the next free name of its kind.

    Raises:
        TrainingError: If there is no such run, it or the very same training is under way, or its settings are damaged.
        DatasetError: If its dataset is gone.
    """
    config = _open_ended(name).config
    _check_data(config)
    with one_starter(), _new_run(config, None, again=name) as run:
        _start(run)
    return run


def _check_data(config: TrainConfig) -> None:
    """Look for the dataset, and for what trains, so that what cannot be had leaves no run."""
    _check_packages()
    open_dataset(config.dataset).view(without_leaks=config.without_leaks)


def _check_packages() -> None:
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainingError(
            f"Training takes {', '.join(missing)}, not installed here. Install them with `pip install "
            f"{' '.join(missing)}`, or this project with its extra `train`: `pip install '.[train]'`."
        )


def _open_ended(name: str) -> Run:
    run = open_run(name)
    status = run.status()
    if status.is_live:
        raise TrainingError(f"The run {name!r} is under way ({status.state}). Wait for its end or stop it first.")
    return run


def _start(run: Run) -> None:
    arguments, title = {"run_folder": str(run.folder)}, f"Training {run.name}"
    start_job(run.folder, TARGET, arguments, title=title, log_name=LOG_NAME, queue=training_queue())


@contextmanager
def _new_run(config: TrainConfig, name: str | None, *, again: str | None = None) -> Iterator[Run]:
    """Make the folder of a new run; it is gone again where the block fails before there is a job in it."""
    if name is None:
        _refuse_twin(config)
    if again is not None:
        folder = next_folder(again, config)
    else:
        folder = numbered_folder(config) if name is None else named_folder(name)
    try:
        _write_config(folder, config)
        yield Run(folder.name, folder)
    except BaseException:
        if not (folder / JOB_FILE).exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_config(folder: Path, config: TrainConfig) -> None:
    try:
        write_json(folder / CONFIG_NAME, config.to_dict())
    except OSError as error:
        raise TrainingError(f"'{folder}' cannot be written ({error}). Check rights and free disk.") from error


def _refuse_twin(config: TrainConfig) -> None:
    for run in list_runs():
        if run.status().is_live and run.has_settings and run.config == config:
            raise TrainingError(
                f"This very training is under way as {run.name!r}. Watch that one, or change a setting, the seed say."
            )
