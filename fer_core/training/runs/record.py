"""What a training was made with: data, versions, hardware, settings as a command; enough to make it again.

A dataset, its corrected view and a `TrainConfig` come in; `record.json` in the run's folder goes out. A run that was
interrupted has several starts and ends in it.
"""

import hashlib
import logging
import os
import platform
import shlex
import time
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import keras
import psutil

from fer_core.dataset import Dataset, DatasetIndex, TrainingSplit
from fer_core.dataset.corrections.file import CORRECTIONS_NAME
from fer_core.jobs.folder import read_json, write_json
from fer_core.training.computer import processor_name
from fer_core.training.config import TrainConfig
from fer_core.training.fitting.hardware import choose_precision
from fer_core.training.runs.run import RECORD_NAME

logger = logging.getLogger(__name__)

# What decides the numbers that come out.
PACKAGES = (
    "keras", "tensorflow", "jax", "jaxlib", "numpy", "pandas", "pyarrow", "pillow", "opencv-python-headless", "h5py",
    "ai-edge-litert",
)  # fmt: skip


def begin_record(
    folder: Path, config: TrainConfig, dataset: Dataset, index: DatasetIndex, split: TrainingSplit
) -> None:
    """Write down what a training is made with; one that goes on adds a start to the record it has."""
    earlier = read_json(folder / RECORD_NAME) or {}
    start = {"started_at": time.time(), "ended_at": None, "state": None}
    record = {
        "run": folder.name,
        "command": equivalent_command(config, folder.name),
        "config": config.to_dict(),
        "dataset": {
            "name": dataset.name,
            "fingerprint": index.fingerprint,
            "corrections": corrections_digest(dataset),
            "num_train": len(split.train),
            "num_validation": len(split.validation),
        },
        "seed": config.seed,
        "backend": keras.backend.backend(),
        "precision": choose_precision(config),
        "python": platform.python_version(),
        "packages": _versions(),
        "hardware": _hardware(),
        "sessions": [*earlier.get("sessions", []), start],
    }
    write_json(folder / RECORD_NAME, record)


def end_record(folder: Path, state: str) -> None:
    """Note when and how the present start ended: `completed`, `stopped` or `failed`.

    Where that cannot be written, as on a full disk, it is logged: what ended the training matters more.
    """
    record = read_json(folder / RECORD_NAME) or {}
    sessions = record.get("sessions", [])
    if not sessions:
        return
    ended = [*sessions[:-1], sessions[-1] | {"ended_at": time.time(), "state": state}]
    try:
        write_json(folder / RECORD_NAME, record | {"sessions": ended})
    except OSError as error:
        logger.warning("The end of the run could not be noted (%s).", error)


def equivalent_command(config: TrainConfig, name: str) -> str:
    """Return the command that starts the same training: the dataset, the name and what differs from the defaults."""
    words = ["python", "-m", "fer_core", "train", "--dataset", config.dataset, "--name", name]
    for field in fields(config):
        value = getattr(config, field.name)
        if field.name == "dataset" or value == field.default:
            continue
        option = f"--{field.name.replace('_', '-')}"
        words += [option] if value is True else [option, str(value)]
    return shlex.join(words)


def corrections_digest(dataset: Dataset) -> str:
    """Return the sha256 of a dataset's corrections, "" where there are none."""
    try:
        return hashlib.sha256((dataset.folder / CORRECTIONS_NAME).read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _hardware() -> dict[str, Any]:
    return {
        "platform": platform.platform(),
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "devices": list(keras.distribution.list_devices()),
    }
