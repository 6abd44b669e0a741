"""The job of a training: from a run folder with `config.json` to a model package and its test.

Fits a network, turns its best weights into a calibrated package, and reads the test split once. Runs in a job's
process: this module imports Keras.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core.dataset import DatasetIndex, TrainingSplit, open_dataset
from fer_core.errors import Cancelled, TrainingError
from fer_core.models.package import ModelPackage
from fer_core.training.config import TrainConfig
from fer_core.training.final_test import has_test_split, read_test_split
from fer_core.training.fitting.hardware import grow_gpu_memory
from fer_core.training.fitting.hardware_log import HardwareLog
from fer_core.training.fitting.network_fit import fit_network
from fer_core.training.fitting.state import load_state
from fer_core.training.learned_images import record_learned_images, refuse_other_images
from fer_core.training.learning_split import learning_split
from fer_core.training.packaging import package_network
from fer_core.training.runs.moved_data import find_data_of
from fer_core.training.runs.record import begin_record, end_record
from fer_core.training.runs.run import Run, read_config

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

__all__ = ["fit_network", "train_job"]


def train_job(*, reporter: "JobReporter", run_folder: str, resume: bool = False) -> dict[str, Any]:
    """Job: train as the run's `config.json` says; a stop request keeps the best model so far.

    Args:
        reporter: The job's reporter.
        run_folder: The run's folder.
        resume: Go on from the last epoch that ended, as if nothing had happened; where none has, begin anew.

    Raises:
        Cancelled: If it was stopped before there was a model.
        TrainingError: If the training fails, or is to be resumed and is finished already.
        DatasetError: If the dataset cannot be trained on.
    """
    folder = Path(run_folder)
    reporter.update(phase="preparing")
    config = read_config(folder)
    dataset = find_data_of(Run(folder.name, folder)) if resume else open_dataset(config.dataset)
    index, split = learning_split(dataset, config)
    if resume:
        _refuse_finished(folder, index)
        refuse_other_images(folder, index, split.train)
    reporter.update(fingerprint=index.fingerprint)
    grow_gpu_memory()  # before anything looks at the devices
    record_learned_images(folder, index, split.train)
    begin_record(folder, config, dataset, index, split)
    state = "failed"
    try:
        with HardwareLog(folder):
            package = _make_model(config, index, split, folder, reporter, data=dataset.name, resume=resume)
        state = "stopped" if reporter.cancel_requested() else "completed"
    except Cancelled:
        state = "stopped"
        raise
    finally:
        end_record(folder, state)
    return {"model": folder.name, "validation": package.info.metrics["validation"]}


def _make_model(
    config: TrainConfig,
    index: DatasetIndex,
    split: TrainingSplit,
    folder: Path,
    reporter: "JobReporter",
    *,
    data: str,
    resume: bool,
) -> ModelPackage:
    network = fit_network(config, index, split, folder, reporter, resume=resume)
    reporter.update(phase="saving the model")
    package = package_network(network, folder, config=config, index=index, validation=split.validation)
    if reporter.cancel_requested() or not has_test_split(index):
        return package
    reporter.update(phase="reading the test split")
    try:
        read_test_split(package, data, folder, reporter)
    except Cancelled:
        return package  # the model is what is kept
    return package


def _refuse_finished(folder: Path, index: DatasetIndex) -> None:
    state, run = load_state(folder), Run(folder.name, folder)
    if state is None or not state.facts["is_finished"] or run.model is None:
        return
    if run.test_report() is not None or not has_test_split(index):
        raise TrainingError(
            f"The run {folder.name!r} is finished: it trained {state.facts['epoch']} epochs and its model is saved. "
            "Start a new run to train longer."
        )
