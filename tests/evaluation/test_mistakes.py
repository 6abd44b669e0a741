"""The pictures behind a cell add up to the confusion matrix, in the order of the model's confidence."""

import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from fer_core.evaluation.mistakes import ANOTHER, ANY, Cell, false_alarms, missed, pictures_of

NAMES = ["happy", "sad", "fear"]
PREDICTIONS = pd.DataFrame(
    {
        "image_id": range(8),
        "label": ["happy", "happy", "happy", "sad", "sad", "fear", "fear", "sad"],
        "predicted": ["happy", "sad", "sad", "sad", "happy", "happy", "fear", "happy"],
        "confidence": [0.9, 0.4, 0.8, 0.5, 0.3, 0.95, 0.6, 0.7],
    }
)


@pytest.mark.parametrize(
    ("cell", "image_ids"),
    [
        (Cell("happy", "sad"), [2, 1]),
        (Cell(), [5, 2, 7, 1, 4]),
        (Cell(ANY, ANY), [5, 0, 2, 7, 6, 3, 1, 4]),
        (Cell("happy", ANY), [0, 2, 1]),
        (missed("sad"), [7, 4]),
        (false_alarms("happy"), [5, 7, 4]),
        (Cell(ANOTHER, ANOTHER), [5, 2, 7, 1, 4]),
        (Cell(ANOTHER, ANY), [5, 2, 7, 1, 4]),
        (Cell("fear", "sad"), []),
    ],
    ids=["cell", "mistakes", "all", "row", "missed", "false-alarms", "both", "another-any", "empty"],
)
def test_a_cell_gives_its_pictures_the_most_confident_first(cell: Cell, image_ids: list[int]) -> None:
    assert pictures_of(cell, PREDICTIONS)["image_id"].tolist() == image_ids


def test_the_cells_are_those_of_the_confusion_matrix() -> None:
    counts = [[len(pictures_of(Cell(true, predicted), PREDICTIONS)) for predicted in NAMES] for true in NAMES]
    assert counts == confusion_matrix(PREDICTIONS["label"], PREDICTIONS["predicted"], labels=NAMES).tolist()
