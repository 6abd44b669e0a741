"""How fast this computer trains an architecture: twenty batches of random pictures, measured once and kept.

A job measures (it loads Keras); everybody else reads what was measured from a file below FER_HOME, which bears the
computer, the package versions and the sizes in its name.
"""

import hashlib
import json
import logging
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core.errors import TrainingError
from fer_core.jobs.folder import read_json, write_json
from fer_core.models.architectures import build_network
from fer_core.models.arithmetic import count_macs
from fer_core.settings import load_settings
from fer_core.training.computer import gpu_names, processor_name
from fer_core.training.config import TrainConfig

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

logger = logging.getLogger(__name__)

NUM_BATCHES = 20
_NUM_CLASSES = 7
_WARM_UP = 3  # batches: the first one builds the step, the next ones fill the caches
_ENOUGH = 5  # batches after which a slow network is measured no longer than
_LONGEST = 60.0  # seconds
# A training step goes forwards once and backwards once, and backwards costs twice as much, as it has gradients of the
# weights and of the pictures to compute; validation only goes forwards.
_FORWARD_SHARE = 1 / 3
_PACKAGES = ("keras", "tensorflow", "jax", "jaxlib")


@dataclass(frozen=True)
class Probe:
    """What was measured of an architecture on this computer.

    Args:
        architecture: A key of `ARCHITECTURES`.
        image_size: Side of the dataset's pictures in pixels.
        channels: 1 (grey) or 3 (RGB).
        batch_size: Pictures a step.
        num_parameters: Weights of the network for seven classes.
        num_macs: Multiply-accumulate operations for one whole picture.
        seconds_per_image: Seconds of a training step for each of its pictures, augmentation included.
        device: What computed, in words.
    """

    architecture: str
    image_size: int
    channels: int
    batch_size: int
    num_parameters: int
    num_macs: int
    seconds_per_image: float
    device: str


def read_probe(architecture: str, image_size: int, channels: int, batch_size: int) -> Probe | None:
    """Return what was measured on this computer with these package versions, None if nothing was."""
    content = read_json(_path(architecture, image_size, channels, batch_size))
    try:
        return None if content is None else Probe(**content)
    except TypeError:  # of another version of this program
        return None


def training_seconds(probe: Probe, config: TrainConfig, num_train: int) -> float:
    """Return about how long a training takes on this computer, in seconds.

    Args:
        probe: What was measured.
        config: The training.
        num_train: Number of pictures to learn from.
    """
    num_validation = num_train * config.validation_share / (1 - config.validation_share)
    return config.epochs * (num_train + _FORWARD_SHARE * num_validation) * probe.seconds_per_image


def probe_job(
    *, reporter: "JobReporter", architecture: str, image_size: int, channels: int, batch_size: int
) -> dict[str, Any]:
    """Job: measure an architecture on random pictures and keep the result for `read_probe`.

    Raises:
        TrainingError: If the memory does not suffice for such a batch.
    """
    reporter.progress(0, NUM_BATCHES, "Building the network")
    config = TrainConfig("", architecture=architecture, batch_size=batch_size)
    import keras

    from fer_core.training.fitting.hardware import describe_device, prepare_computing

    prepare_computing(config)
    try:
        seconds = _measure(_training_step(config, image_size, channels), reporter)
    finally:
        keras.config.set_dtype_policy("float32")
    whole = build_network(architecture, num_classes=_NUM_CLASSES, input_size=image_size, channels=channels)
    probe = Probe(
        architecture, image_size, channels, batch_size, whole.count_params(), count_macs(whole),
        seconds_per_image=seconds / batch_size, device=describe_device(),
    )  # fmt: skip
    path = _path(architecture, image_size, channels, batch_size)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, asdict(probe))
    return asdict(probe)


def _training_step(config: TrainConfig, image_size: int, channels: int) -> Callable[[], object]:
    """Return a function that does one step of a training as `fit_network` does it, on random pictures."""
    import keras
    import numpy as np

    from fer_core.training.fitting.optimization import make_optimizer, plan_phases
    from fer_core.training.fitting.training_model import build_training_model

    network = build_network(config.architecture, num_classes=_NUM_CLASSES, input_size=None, channels=channels)
    shape = (image_size, image_size, channels)
    model = build_training_model(config, network, shape, class_counts=np.ones(_NUM_CLASSES, np.int64))
    model.compile(
        optimizer=make_optimizer(config, plan_phases(config)[-1], steps=NUM_BATCHES),
        metrics=["accuracy"],
        jit_compile="auto" if keras.backend.backend() == "jax" else False,
    )
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (config.batch_size, *shape), dtype=np.uint8)
    labels = np.eye(_NUM_CLASSES, dtype=np.float32)[random.integers(0, _NUM_CLASSES, config.batch_size)]
    return lambda: model.train_on_batch(images, labels)


def _measure(step: Callable[[], object], reporter: "JobReporter") -> float:
    """Return the seconds of one step: the median, as other programs disturb some of them."""
    begun = time.monotonic()
    try:
        for _ in range(_WARM_UP):
            step()
            reporter.progress(0, NUM_BATCHES, "Measuring training steps")
        taken: list[float] = []
        while len(taken) < NUM_BATCHES and not (len(taken) >= _ENOUGH and time.monotonic() - begun > _LONGEST):
            before = time.perf_counter()
            step()
            taken.append(time.perf_counter() - before)
            reporter.progress(len(taken), NUM_BATCHES)
    except MemoryError as error:
        raise TrainingError("The memory does not suffice for such a batch. Choose a smaller batch size.") from error
    return statistics.median(taken)


def _path(architecture: str, image_size: int, channels: int, batch_size: int) -> Path:
    name = f"{architecture}-{image_size}px-{channels}ch-{batch_size}-{_computer()}.json"
    return load_settings().probes_folder / name


@cache
def _computer() -> str:
    """Return a short mark of what decides the speed: processor, cores, GPUs, package versions, Keras' backend."""
    decisive = {
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "gpus": gpu_names(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:12]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
