"""Which pictures a training learns from and which it chooses by: the dataset's view, divided.

A dataset and a `TrainConfig` come in; the corrected view, without leaks where that is asked for, and two lists of its
rows go out. Duplicates that are known stay on one side, re-encoded and shifted ones included.
"""

from fer_core.dataset import Dataset, DatasetIndex, TrainingSplit, training_split
from fer_core.dataset.duplicates.pairs import duplicate_groups, load_duplicates
from fer_core.training.config import TrainConfig


def learning_split(dataset: Dataset, config: TrainConfig) -> tuple[DatasetIndex, TrainingSplit]:
    """Return the view of a dataset that a training sees, and its division.

    Raises:
        DatasetError: If the dataset cannot be divided, or leaks are to be left out and nobody has looked for them.
    """
    index, pairs = dataset.view(without_leaks=config.without_leaks), load_duplicates(dataset)
    groups = None if pairs is None else duplicate_groups(pairs, len(index.table))
    return index, training_split(index, validation_share=config.validation_share, seed=config.seed, groups=groups)
