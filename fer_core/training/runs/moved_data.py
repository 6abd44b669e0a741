"""The dataset of a run that goes on: the one of its name, or the very same one that bears another name here.

A run may have been begun on another computer. What it was trained on is told by the fingerprint in its record.
"""

from fer_core.dataset import Dataset, list_datasets, open_dataset
from fer_core.errors import DatasetError
from fer_core.training.runs.run import Run


def find_data_of(run: Run) -> Dataset:
    """Return the dataset that a run was begun with.

    Where the one of its name has other pictures and none is the very same, the one of its name is returned; going on
    with the run then says that it does not fit.

    Raises:
        DatasetError: If there is neither one of its name nor one with its fingerprint.
    """
    expected = str(((run.record() or {}).get("dataset") or {}).get("fingerprint", ""))
    try:
        named = open_dataset(run.config.dataset)
    except DatasetError as error:
        same = _with_fingerprint(expected, run)
        if same is not None:
            return same
        raise DatasetError(
            f"The dataset {run.config.dataset!r} of the run {run.name!r} is not here, nor is the same one by another "
            f"name. Add it, or pull it: `storage pull ADDRESS datasets/{run.config.dataset}`. ({error})"
        ) from error
    if not expected or _fingerprint(named, run) == expected:
        return named
    return _with_fingerprint(expected, run) or named


def _with_fingerprint(expected: str, run: Run) -> Dataset | None:
    return next((dataset for dataset in list_datasets() if expected and _fingerprint(dataset, run) == expected), None)


def _fingerprint(dataset: Dataset, run: Run) -> str:
    """The fingerprint of a dataset as the run sees it, "" where it cannot be seen so."""
    try:
        return dataset.view(without_leaks=run.config.without_leaks).fingerprint
    except DatasetError:
        return ""
