"""Small fits of drawn faces without a job around them, and a reporter that stops them where a test wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import Cancelled
from fer_core.training import TrainConfig
from fer_core.training.runs.epoch_records import read_history

METRICS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1", "learning_rate", "phase"]


@dataclass
class StoppingReporter:
    """Asks for a stop at the given number of reports of progress; 0 never does."""

    stop_at: int = 0
    num_reports: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    def progress(self, done: int, total: int, message: str = "") -> None:
        self.num_reports += 1
        if self.stop_at and self.num_reports >= self.stop_at:
            raise Cancelled("Stopped on request.")

    def update(self, **details: Any) -> None:
        self.details |= details


def add_drawn_faces(parent: Path, *, num_train: int = 70, num_test: int = 0, name: str = "faces") -> Dataset:
    """Add a small dataset of drawn faces to the FER_HOME in force."""
    write_drawn_faces(parent / name, num_train=num_train, num_test=num_test)
    return add_dataset(parent / name, name=name)


def fit(dataset: Dataset, config: TrainConfig, folder: Path, reporter: Any = None, *, resume: bool = False) -> Any:
    """Fit in a folder and return the network."""
    from fer_core.training.fitting.network_fit import fit_network
    from fer_core.training.learning_split import learning_split

    folder.mkdir(parents=True, exist_ok=True)
    index, split = learning_split(dataset, config)
    return fit_network(config, index, split, folder, reporter or StoppingReporter(), resume=resume)


def metrics_of(folder: Path) -> list[list[Any]]:
    """What a history says about each epoch, its times left out."""
    return read_history(folder)[METRICS].values.tolist()


def same_weights(one: Any, other: Any) -> bool:
    """Whether two networks have exactly the same weights."""
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@contextmanager
def limited_file_size(num_bytes: int) -> Iterator[None]:
    """No file of this process can grow beyond a size: what is nearest to a full disk."""
    resource = pytest.importorskip("resource")
    earlier = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, earlier[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, earlier)
