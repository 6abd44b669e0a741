from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.errors import TrainingError
from fer_core.training.fitting.state import load_state, save_state
from fer_core.training.runs.run import STATE_NAME


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / STATE_NAME).parent.mkdir()
    return tmp_path


def variables(seed: int) -> list[Any]:
    """A kernel, a counter and the state of a random generator."""
    import keras

    values = np.random.default_rng(seed)
    kernel = values.normal(size=(2, 3)).astype(np.float32)
    return [
        keras.Variable(kernel),
        keras.Variable(seed, dtype="int64"),
        keras.Variable(np.array([seed, 1], np.uint32), dtype="uint32"),
    ]


def test_what_was_saved_comes_back(folder: Path) -> None:
    saved, restored = variables(1), variables(2)
    save_state(folder, saved, {"epoch": 3, "name": "Zoë"})
    state = load_state(folder)
    assert state is not None
    state.restore(restored)
    assert (state.facts["epoch"], state.facts["name"]) == (3, "Zoë")
    for one, other in zip(saved, restored, strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other))
    assert [path.name for path in (folder / STATE_NAME).parent.iterdir()] == [Path(STATE_NAME).name]


def test_no_epoch_has_ended_yet(folder: Path) -> None:
    assert load_state(folder) is None


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text"])
def test_a_damaged_state_says_so(folder: Path, damage: str) -> None:
    save_state(folder, variables(1), {"epoch": 1})
    content = (folder / STATE_NAME).read_bytes()
    middle = len(content) // 3
    flipped = content[:middle] + bytes([content[middle] ^ 255]) * 40 + content[middle + 40 :]
    damaged = {"empty": b"", "cut": content[: len(content) // 2], "flipped": flipped, "text": b"what is this"}
    (folder / STATE_NAME).write_bytes(damaged[damage])
    with pytest.raises(TrainingError, match=r"damaged.*Start a new run"):
        load_state(folder)


def test_the_state_of_another_network_is_refused(folder: Path) -> None:
    save_state(folder, variables(1)[:2], {"epoch": 1})
    state = load_state(folder)
    assert state is not None
    with pytest.raises(TrainingError, match="2 arrays that do not fit the 3"):
        state.restore(variables(1))
