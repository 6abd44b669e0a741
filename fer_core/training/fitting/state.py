"""All that a training needs to go on as if it had never been interrupted, in one file that is replaced whole.

Keras variables (weights, batch norm's statistics, the optimiser's and the random generators' state) and JSON facts
(epoch, best so far, patience) come in; after an interruption the same go out.
"""

import io
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fer_core.errors import TrainingError
from fer_core.jobs.folder import write_whole
from fer_core.training.runs.run import STATE_NAME

FORMAT_VERSION = 1

_FACTS = "facts"
# What NumPy, zlib and JSON raise on a file that is damaged.
_DAMAGES = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True)
class TrainingState:
    """The state of a training at the end of an epoch.

    Args:
        facts: JSON values.
        arrays: The values of the variables, in the order in which they were saved.
    """

    facts: dict[str, Any]
    arrays: list[npt.NDArray[Any]]

    def restore(self, variables: Sequence[Any]) -> None:
        """Give Keras variables the values that were saved.

        Raises:
            TrainingError: If these are other variables than those that were saved.
        """
        expected = [tuple(variable.shape) for variable in variables]
        if [array.shape for array in self.arrays] != expected:
            raise TrainingError(
                f"The saved state has {len(self.arrays)} arrays that do not fit the {len(expected)} of this network; "
                "it was written by another version of the program. Start a new run with the same settings."
            )
        for variable, array in zip(variables, self.arrays, strict=True):
            variable.assign(array)


def save_state(folder: Path, variables: Sequence[Any], facts: dict[str, Any]) -> None:
    """Write the state of a training into its run folder.

    Raises:
        OSError: If it cannot be written; the state before stays.
    """
    arrays = {f"v{number}": keras.ops.convert_to_numpy(variable) for number, variable in enumerate(variables)}
    text = json.dumps(facts | {"format_version": FORMAT_VERSION})
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays, **{_FACTS: np.array(text)})
    write_whole(folder / STATE_NAME, lambda partial: write_durably(partial, content.getbuffer()))


def write_durably(path: Path, content: bytes | memoryview) -> None:
    """Write a file and wait until the disk has it, so that it survives the loss of power."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def load_state(folder: Path) -> TrainingState | None:
    """Return the state that a run folder holds, None where no epoch has ended yet.

    Raises:
        TrainingError: If it is damaged or was written by a newer version of the program.
    """
    path = folder / STATE_NAME
    if not path.exists():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as content:
            facts = json.loads(str(content[_FACTS]))
            arrays = [content[f"v{number}"] for number in range(len(content.files) - 1)]
        version = facts["format_version"]
    except _DAMAGES as error:
        raise TrainingError(
            f"The saved state '{path}' is damaged ({error}), so the run {folder.name!r} cannot go on. "
            "Start a new run with the same settings."
        ) from error
    if version != FORMAT_VERSION:
        raise TrainingError(
            f"The saved state of the run {folder.name!r} has format version {version}, and this program reads "
            f"{FORMAT_VERSION}. Resume it with the program that began it, or start a new run."
        )
    return TrainingState(facts, arrays)
