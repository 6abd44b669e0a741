"""Sets a fit up: its networks, the pictures' stream, the validation part and the files of its record.

A `TrainConfig`, an index and its division come in; a `Fit` that can begin its first phase goes out, or one that can go
on from a state.
"""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fer_core.dataset import DatasetIndex, TrainingSplit
from fer_core.errors import TrainingError
from fer_core.models.architectures import build_network
from fer_core.training.config import TrainConfig
from fer_core.training.fitting.callbacks import ProgressReport, Reporter
from fer_core.training.fitting.epoch_log import EpochLog
from fer_core.training.fitting.fit import Fit
from fer_core.training.fitting.hardware import scope_of
from fer_core.training.fitting.state import TrainingState
from fer_core.training.fitting.stream import TrainingStream
from fer_core.training.fitting.teacher import load_teacher, read_opinions
from fer_core.training.fitting.training_model import build_training_model
from fer_core.training.fitting.transfer import fetch_starting_weights, load_starting_weights
from fer_core.training.fitting.validation import Validation
from fer_core.training.fitting.weight_averaging import WeightAveraging, copy_weights


def set_up(
    config: TrainConfig,
    index: DatasetIndex,
    split: TrainingSplit,
    folder: Path,
    reporter: Reporter,
    *,
    strategy: Any = None,
    state: TrainingState | None = None,
) -> Fit:
    """Return a fit that has not begun.

    Args:
        config: What to train.
        index: The dataset.
        split: Which rows to fit on and to choose the best epoch by.
        folder: Where the record goes.
        reporter: Told about the progress.
        strategy: A `tf.distribute.Strategy` to train under.
        state: What the training will go on from; its arrays are restored by the phase they belong to.

    Raises:
        TrainingError: If the state belongs to other pictures or settings, or a model to learn from does not fit.
    """
    origin = {"fingerprint": index.fingerprint, "num_train": len(split.train), "config": config.to_dict()}
    if state is None:
        _fetch_weights(config, reporter)
    else:
        _check_origin(origin, state)
    with scope_of(strategy):
        network = _starting_network(config, index, is_new=state is None)
        teacher = load_teacher(config, index)
        model = _training_model(config, index, split, network, teacher)
    judged = _copy(network) if config.weight_averaging or strategy is not None else network
    stream = _make_stream(config, index, split.train, reporter)
    validation = Validation(index, split.validation, label_smoothing=config.label_smoothing, seed=config.seed)
    return Fit(
        config=config,
        folder=folder,
        model=model,
        network=network,
        judged=judged,
        stream=stream,
        validation=validation,
        log=EpochLog(folder, validation.watched, num_epochs=state.facts["epoch"] if state else 0),
        progress=ProgressReport(reporter, batch_size=stream.batch_size, steps=len(stream), epochs=config.epochs),
        origin=origin,
        teacher=teacher,
        averaging=_averaging(network, judged, config.weight_averaging),
    )


def build(config: TrainConfig, index: DatasetIndex, *, input_size: int | None, pretrained: bool = False) -> keras.Model:
    """Return a network for a dataset, under the precision policy in force."""
    return build_network(
        config.architecture,
        num_classes=len(index.class_names),
        input_size=input_size,
        channels=index.images.shape[3],
        dropout=config.dropout,
        pretrained=pretrained,
    )


def _fetch_weights(config: TrainConfig, reporter: Reporter) -> None:
    message = "ImageNet's weights (kB)"
    fetch_starting_weights(config, lambda done, total: reporter.progress(done // 1000, total // 1000, message))


def _training_model(
    config: TrainConfig, index: DatasetIndex, split: TrainingSplit, network: keras.Model, teacher: keras.Model | None
) -> keras.Model:
    counts = np.bincount(index.label_numbers(index.table.loc[split.train]), minlength=len(index.class_names))
    return build_training_model(config, network, index.images.shape[1:], class_counts=counts, teacher=teacher)


def _starting_network(config: TrainConfig, index: DatasetIndex, *, is_new: bool) -> keras.Model:
    """Return the network for pictures of any size; learned weights come in only where no state replaces them."""
    network = build(config, index, input_size=None, pretrained=is_new and not config.from_model)
    if is_new:
        load_starting_weights(config, network, index.class_names)
    return network


def _make_stream(
    config: TrainConfig, index: DatasetIndex, rows: npt.NDArray[np.int64], reporter: Reporter
) -> TrainingStream:
    """Return the stream of some rows of an index, their pictures kept in memory."""
    labels = index.label_numbers(index.table.loc[rows])
    targets = np.eye(len(index.class_names), dtype=np.float32)[labels]
    opinions = read_opinions(
        config, index, rows, lambda done, total: reporter.progress(done, total, "Asking the teacher")
    )
    if opinions is not None:
        targets = np.hstack([targets, opinions])
    images = np.ascontiguousarray(index.images[rows])
    return TrainingStream(images, targets, batch_size=config.batch_size, seed=config.seed)


def _check_origin(origin: dict[str, Any], state: TrainingState) -> None:
    saved = state.facts.get("origin", {})
    different = [name for name, value in origin.items() if saved.get(name) != value]
    if different:
        raise TrainingError(
            "The dataset or the settings have changed since the training was interrupted "
            f"({', '.join(different)}), so it cannot go on as if nothing had happened. Undo the change, or start a "
            "new run."
        )


def _copy(network: keras.Model) -> keras.Model:
    """Return a copy with the same weights; made outside a strategy's scope, it judges on one device."""
    copy = keras.models.clone_model(network)
    copy_weights(network, copy)
    return copy


def _averaging(network: keras.Model, averaged: keras.Model, decay: float) -> WeightAveraging | None:
    return WeightAveraging(network, averaged, decay=decay) if decay else None
