"""Makes a run's model package, in a process with TensorFlow where the training runs on another backend.

The LiteRT file can only be written by TensorFlow. `python -m fer_core.training.packaging RUN_FOLDER` does it from the
run's best weights.
"""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from fer_core.dataset import DatasetIndex
from fer_core.errors import TrainingError
from fer_core.models.package import ModelPackage, read_package
from fer_core.training.calibrated_package import save_package
from fer_core.training.config import TrainConfig
from fer_core.training.fitting.setup import build
from fer_core.training.learning_split import learning_split
from fer_core.training.runs.moved_data import find_data_of
from fer_core.training.runs.run import BEST_WEIGHTS, MODEL_FOLDER, Run


def package_network(
    network: keras.Model,
    run_folder: Path,
    *,
    config: TrainConfig,
    index: DatasetIndex,
    validation: npt.NDArray[np.int64],
) -> ModelPackage:
    """Turn a network with a run's best weights into the run's model package; see `save_package`.

    Raises:
        TrainingError: If it takes a process with TensorFlow, and that fails.
    """
    folder = run_folder / MODEL_FOLDER
    if keras.backend.backend() == "tensorflow":
        return save_package(network, folder, config=config, index=index, validation=validation)
    answer = subprocess.run(
        [sys.executable, "-m", "fer_core.training.packaging", str(run_folder.absolute())],
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"},  # the GPU's memory is taken
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        reason = answer.stderr.strip().rpartition("\n")[2] or f"exit code {answer.returncode}"
        raise TrainingError(
            f"The model could not be saved: writing it takes TensorFlow, also after a training on "
            f"{keras.backend.backend()} ({reason}). Install TensorFlow, then resume the run."
        )
    return read_package(folder)


def main(run_folder: Path) -> None:
    """Package the best weights of a run."""
    run = Run(run_folder.name, run_folder)
    config = run.config
    index, split = learning_split(find_data_of(run), config)
    network = build(config, index, input_size=index.images.shape[1])
    network.load_weights(run_folder / BEST_WEIGHTS)
    package_network(network, run_folder, config=config, index=index, validation=split.validation)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
