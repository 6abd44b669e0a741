"""Trainings that take a process of their own: several devices, another backend, operations that repeat."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from fer_core.training import TrainConfig
from tests.source_tree import PROJECT
from tests.training.fitting.fits import add_drawn_faces

TWO_DEVICES = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
"""
FIT = """
import hashlib, json, sys
from pathlib import Path
from fer_core.dataset import open_dataset
from fer_core.training import TrainConfig
from fer_core.training.fitting.hardware import device_strategy
from tests.training.fitting.fits import StoppingReporter, fit, metrics_of
folder, settings, stop_at = json.loads(sys.argv[1])
dataset, config, folder = open_dataset("faces"), TrainConfig(**settings), Path(folder)
if stop_at:
    fit(dataset, config, folder, StoppingReporter(stop_at))
network = fit(dataset, config, folder, resume=bool(stop_at))
strategy = device_strategy()
print(json.dumps({
    "devices": strategy.num_replicas_in_sync if strategy else 1,
    "digest": hashlib.sha256(b"".join(w.tobytes() for w in network.get_weights())).hexdigest(),
    "metrics": metrics_of(folder),
}))
"""
CONFIG = TrainConfig(
    "faces", architecture="small", batch_size=16, learning_rate=0.02, epochs=2, crop_low=0.5, crop_high=0.5
)


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> str:
    return add_drawn_faces(tmp_path).name


def python(script: str, *arguments: str, **environment: str) -> str:
    """Run a script in the project and return its last line."""
    answer = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])}
        | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip().rpartition("\n")[2]


def fit_elsewhere(folder: Path, script: str = FIT, *, stop_at: int = 0, **settings: Any) -> dict[str, Any]:
    """Fit in a process of its own; with `stop_at` interrupted at that report of progress, and resumed."""
    arguments = json.dumps([str(folder), CONFIG.to_dict() | settings, stop_at])
    found: dict[str, Any] = json.loads(python(script, arguments))
    return found


@pytest.mark.slow
def test_same_seed_same_weights(dataset: str, tmp_path: Path) -> None:
    settings = {"deterministic": True, "mixup": 0.5, "weight_averaging": 0.9}
    one, other = (fit_elsewhere(tmp_path / name, **settings) for name in ("one", "other"))
    assert one == other


@pytest.mark.slow
def test_all_devices_train_together(dataset: str, tmp_path: Path) -> None:
    # A batch is shared out; the averaged weights are judged on one device.
    found = fit_elsewhere(tmp_path / "two", TWO_DEVICES + FIT, weight_averaging=0.9, precision="float32")
    assert found["devices"] == 2
    assert [row[0] for row in found["metrics"]] == [1, 2]
    assert all(0.5 < row[1] < 5 for row in found["metrics"])  # the loss; 1.95 is chance


@pytest.mark.slow
def test_a_training_on_all_devices_is_resumed_as_if_never_interrupted(dataset: str, tmp_path: Path) -> None:
    settings = {"deterministic": True, "weight_averaging": 0.9, "precision": "float32", "epochs": 3}
    whole = fit_elsewhere(tmp_path / "whole", TWO_DEVICES + FIT, **settings)
    resumed = fit_elsewhere(tmp_path / "resumed", TWO_DEVICES + FIT, stop_at=9, **settings)
    assert resumed == whole


@pytest.mark.slow
@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is no requirement")
def test_a_training_on_jax_ends_in_a_model(dataset: str, fer_home: Path) -> None:
    command = ["-m", "fer_core", "train", "--dataset", "faces", "--name", "jax", "--architecture", "small"]
    answer = subprocess.run(
        [sys.executable, *command, "--epochs", "2", "--batch-size", "16"],
        cwd=PROJECT,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    record = json.loads((fer_home / "runs" / "jax" / "record.json").read_text(encoding="utf-8"))
    assert record["backend"] == "jax"
    assert (fer_home / "runs" / "jax" / "model" / "model.tflite").is_file()
