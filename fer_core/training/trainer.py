"""Fits a network on a dataset and turns the best weights into a model package.

A run folder with `config.json` comes in; history, best weights and a calibrated model package go out. Runs in a
job's process: this module imports Keras.
"""

import logging
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before TensorFlow is loaded: its start-up notes are no news, and it leaves oneDNN off on processors without AVX512,
# where a training step of the compact network takes 11.5 ms of processor time a picture instead of 7.5 (AVX2).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np
import numpy.typing as npt

from fer_core.dataset import DatasetIndex, TrainingSplit, open_dataset
from fer_core.errors import TrainingError
from fer_core.models.architectures import build_network
from fer_core.training.augmentation import find_augmentation
from fer_core.training.augmentation_layer import Augmentation
from fer_core.training.calibrated_package import save_package
from fer_core.training.callbacks import BestWeights, HistoryFile, ProgressReport, Reporter
from fer_core.training.config import TrainConfig
from fer_core.training.epoch_records import HISTORY_NAME
from fer_core.training.hardware import choose_precision, describe_device, grow_gpu_memory
from fer_core.training.learned_images import record_learned_images
from fer_core.training.learning_split import learning_split
from fer_core.training.runs import BEST_WEIGHTS, MODEL_FOLDER, read_config

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

logger = logging.getLogger(__name__)

WARM_UP_EPOCHS = 3
MOMENTUM = 0.9


def train_job(*, reporter: "JobReporter", run_folder: str) -> dict[str, Any]:
    """Job: train as the run's `config.json` says; a stop request keeps the best model so far."""
    folder = Path(run_folder)
    config = read_config(folder)
    index, split = learning_split(open_dataset(config.dataset), config)
    reporter.update(fingerprint=index.fingerprint)
    record_learned_images(folder, index, split.train)
    network = fit_network(config, index, split, folder, reporter)
    reporter.update(phase="saving the model")
    package = save_package(network, folder / MODEL_FOLDER, config=config, index=index, validation=split.validation)
    return {"model": folder.name, "validation": package.info.metrics["validation"]}


def fit_network(
    config: TrainConfig, index: DatasetIndex, split: TrainingSplit, folder: Path, reporter: Reporter
) -> keras.Model:
    """Train a network and return it with its best weights, in float32.

    Args:
        config: What to train.
        index: The dataset.
        split: Which rows to fit on and to choose the best epoch by.
        folder: Where history and checkpoints go.
        reporter: Told about the progress; a stop request ends the fitting with the best weights so far.

    Raises:
        TrainingError: If the loss becomes infinite.
    """
    grow_gpu_memory()
    keras.utils.set_random_seed(config.seed)
    reporter.update(phase="training", device=describe_device(), epochs=config.epochs)
    policy = choose_precision(config.precision)
    logger.info("%d training and %d validation pictures, %s", len(split.train), len(split.validation), policy)
    keras.config.set_dtype_policy(policy)
    _fit(config, index, split, folder, reporter)
    keras.config.set_dtype_policy("float32")
    network = _build(config, index, input_size=index.images.shape[1])
    network.load_weights(folder / BEST_WEIGHTS)
    return network


def _build(config: TrainConfig, index: DatasetIndex, *, input_size: int | None) -> keras.Model:
    return build_network(
        config.architecture,
        num_classes=len(index.class_names),
        input_size=input_size,
        channels=index.images.shape[3],
    )


def _fit(config: TrainConfig, index: DatasetIndex, split: TrainingSplit, folder: Path, reporter: Reporter) -> None:
    network = _build(config, index, input_size=None)
    model = _training_model(config, network, index.images.shape[1:])
    steps = math.ceil(len(split.train) / config.batch_size)
    model.compile(
        optimizer=_optimizer(config, steps),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing),
        metrics=["accuracy"],
        # The resampling operation has no XLA kernel; JAX compiles everything itself.
        jit_compile="auto" if keras.backend.backend() == "jax" else False,
    )
    weights = folder / BEST_WEIGHTS
    weights.parent.mkdir(exist_ok=True)
    progress = ProgressReport(reporter, batch_size=config.batch_size, steps=steps, epochs=config.epochs)
    callbacks = [progress, BestWeights(network, weights, reporter), HistoryFile(folder / HISTORY_NAME, progress)]
    model.fit(
        *_arrays(index, split.train),
        validation_data=_arrays(index, split.validation),
        batch_size=config.batch_size,
        epochs=config.epochs,
        callbacks=[*callbacks, keras.callbacks.TerminateOnNaN()],
        verbose=0,
    )
    if not weights.exists():
        raise TrainingError("The loss became infinite in the first epoch. Try a smaller learning rate.")


def _training_model(config: TrainConfig, network: keras.Model, shape: tuple[int, ...]) -> keras.Model:
    inputs = keras.Input(shape, dtype="uint8")
    crop_size = round(config.crop_low * shape[0])
    augmentation = Augmentation(find_augmentation(config.augmentation), crop_size=crop_size, seed=config.seed)
    return keras.Model(inputs, network(augmentation(inputs)))


def _arrays(index: DatasetIndex, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """(n, size, size, channels) uint8 and (n, classes) one-hot float32 of some rows of the index."""
    labels = index.label_numbers(index.table.loc[rows])
    return np.ascontiguousarray(index.images[rows]), np.eye(len(index.class_names), dtype=np.float32)[labels]


def _optimizer(config: TrainConfig, steps: int) -> keras.optimizers.Optimizer:
    warm_up = min(WARM_UP_EPOCHS * steps, config.epochs * steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warm_up else config.learning_rate,
        warmup_target=config.learning_rate if warm_up else None,
        warmup_steps=warm_up,
        decay_steps=max(config.epochs * steps - warm_up, 1),
    )
    optimizer = keras.optimizers.SGD(
        schedule, momentum=MOMENTUM, nesterov=True, weight_decay=config.weight_decay or None
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
