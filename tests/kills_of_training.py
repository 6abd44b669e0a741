"""Kills a tiny training at random moments, goes on with it, and looks whether its record is whole.

Numbers of kills come in, what was wrong after each goes out. A training is its own process with its own folder, and a
killed one is gone on with as a person would: it is resumed, or begun anew where no epoch had ended.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.models.classifier import load_classifier
from fer_core.training.config import TrainConfig
from fer_core.training.runs.run import Run, open_run
from fer_core.training.runs.starts import resume_run, start_run

EPOCHS = 20
_LONGEST = 200.0  # seconds that one tiny training may take


def kill_training(numbers: range, seed: int) -> Iterator[tuple[int, str]]:
    """Kill a training once for each number, and yield the number with what was wrong afterwards."""
    with tempfile.TemporaryDirectory(prefix="kills-") as top:
        os.environ["FER_HOME"] = str(Path(top, "home"))
        write_drawn_faces(Path(top, "faces"), num_train=70, num_test=14)
        add_dataset(Path(top, "faces"), name="drawn")
        started_at = time.perf_counter()
        undisturbed = _start()
        _wait_for_end(undisturbed)
        seconds = time.perf_counter() - started_at
        expected = _record(undisturbed)
        for number in numbers:
            moment = float(np.random.default_rng((seed, number)).uniform(0, seconds))
            yield from ((number, f"after {moment:.1f} s: {what}") for what in _one_kill(moment, expected))


def _start() -> Run:
    return start_run(TrainConfig("drawn", architecture="small", epochs=EPOCHS, batch_size=16))


def _one_kill(moment: float, expected: Any) -> Iterator[str]:
    run = _start()
    time.sleep(moment)
    status = run.status()
    if status.is_live and status.pid is not None:
        os.kill(status.pid, signal.SIGKILL)
    _wait_for_end(run)
    try:
        history = run.history().to_dict("records")
        if run.status().state != "completed":
            run = resume_run(run.name) if run.can_resume else _start()
            _wait_for_end(run)
        if history != run.history().to_dict("records")[: len(history)]:
            yield "epochs that were kept are other ones now"
        if (record := _record(open_run(run.name))) != expected:
            yield f"gone on with, it ended as {record}, not {expected}"
    except Exception as error:  # this is what is looked for
        yield f"{type(error).__name__}: {error}"


def _record(run: Run) -> Any:
    """What every whole training of this kind has in common."""
    package = run.model
    if package is None:
        return run.status().state, run.status().error
    size = package.info.input_size
    probabilities = load_classifier(package).predict(np.zeros((1, size, size, package.info.channels), np.uint8), "one")
    return run.status().state, [*run.history()["epoch"]], sorted(package.info.metrics), probabilities.shape


def _wait_for_end(run: Run) -> None:
    end = time.monotonic() + _LONGEST
    while run.status().is_live:
        if time.monotonic() > end:
            raise TimeoutError(f"{run.name} is still at work")
        time.sleep(0.1)
