"""Tries a network in a process of its own, because LiteRT is native code and a hostile file could end its process.

`check_network` starts the process, which reads blank faces once: `python -m fer_core.models.network_check FOLDER`.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from fer_core.errors import ModelError
from fer_core.models.classifier import load_classifier
from fer_core.models.package import read_package

_MAX_MEMORY = 4 * 2**30  # bytes of address space; the shipped network takes 0.7 GB of it
_MAX_SECONDS = 120
_PROJECT_FOLDER = Path(__file__).resolve().parents[2]


def check_network(folder: Path) -> None:
    """Have a package's `model.tflite` read two blank faces, far away from this process.

    Raises:
        ModelError: If it cannot, or takes too long or too much memory.
    """
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "fer_core.models.network_check", os.fspath(folder.absolute())],
            cwd=_PROJECT_FOLDER,
            capture_output=True,
            text=True,
            timeout=_MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"The network did not answer within {_MAX_SECONDS} s; it is not imported.") from error
    except OSError as error:
        raise ModelError(f"The network cannot be tried ({error}). Free memory, then try again.") from error
    if answer.returncode:
        reason = answer.stderr.strip().rpartition("\n")[2] if answer.returncode == 1 else "it ended the process"
        raise ModelError(f"The network cannot be used: {reason[:500] or 'no reason given'}")


def main(folder: Path) -> None:
    """Read two blank faces with a package's network.

    Raises:
        ModelError: If its answers are no probabilities, or it cannot be loaded.
    """
    _limit_memory()
    package = read_package(folder)
    classifier = load_classifier(package)
    info = package.info
    blank = np.zeros((2, info.input_size, info.input_size, info.channels), np.uint8)
    y_prob = classifier.predict_uncalibrated(blank)
    if not (np.isfinite(y_prob).all() and np.allclose(y_prob.sum(axis=1), 1, atol=0.02)):
        raise ModelError("its answers are not probabilities. Train or download the model again.")
    if classifier.has_class_maps:
        classifier.class_maps(blank)


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (ModelError, ValueError, MemoryError) as error:
        sys.exit(" ".join(str(error).split()))
