"""The pictures behind a number of a confusion matrix: a table of predictions comes in, the rows of a cell go out.

A cell is a true and a predicted class; either may also be any class, or another class than the other one says, so that
what was missed of a class and what was falsely called so are cells too.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

ANY, ANOTHER = "*", "!"  # no class can be mistaken for them: neither is a word


@dataclass(frozen=True)
class Cell:
    """Which pictures of a confusion matrix.

    Args:
        true: A class, `ANY`, or `ANOTHER` than the predicted one.
        predicted: A class, `ANY`, or `ANOTHER` than the true one.
    """

    true: str = ANY
    predicted: str = ANOTHER


def missed(class_name: str) -> Cell:
    """Return the cell of a class's pictures that were called something else: what its recall lacks."""
    return Cell(class_name, ANOTHER)


def false_alarms(class_name: str) -> Cell:
    """Return the cell of other classes' pictures that were called so: what its precision lacks."""
    return Cell(ANOTHER, class_name)


def pictures_of(cell: Cell, predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a cell, the most confident first.

    Args:
        cell: Which of them.
        predictions: One row a picture with `image_id`, `label`, `predicted` and `confidence`.
    """
    wanted = np.ones(len(predictions), bool)
    if ANOTHER in (cell.true, cell.predicted):
        wanted = (predictions["label"] != predictions["predicted"]).to_numpy(bool)
    for column, value in (("label", cell.true), ("predicted", cell.predicted)):
        if value not in (ANY, ANOTHER):
            wanted = wanted & (predictions[column] == value).to_numpy(bool)
    return predictions[wanted].sort_values("confidence", ascending=False, kind="stable")
