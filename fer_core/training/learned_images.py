"""Which pictures a model learned from, and which of a dataset it has never seen.

A training leaves a record of the pictures it was fitted to; a model and a dataset come in, the pictures that are new
to the model go out. Pictures are told by their pixels, so it does not matter under which name they were added.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.errors import DatasetError, TrainingError
from fer_core.jobs.folder import read_json, write_whole
from fer_core.models.package import ModelPackage
from fer_core.training.runs.run import RECORD_NAME as RUN_RECORD
from fer_core.training.runs.run import STATE_NAME

RECORD_NAME = "learned_from.parquet"


@dataclass(frozen=True)
class UnseenImages:
    """The pictures of a dataset that a model did not learn from.

    Args:
        image_ids: (n,) of the usable pictures, sorted.
        basis: How that is known, as a sentence.
    """

    image_ids: npt.NDArray[np.int64]
    basis: str


def record_learned_images(run_folder: Path, index: DatasetIndex, rows: npt.NDArray[np.int64]) -> None:
    """Write into a run's folder which pictures its network is fitted to.

    Args:
        run_folder: The run's folder.
        index: The dataset as it is trained on.
        rows: (n,) row numbers of the pictures.
    """
    digests = index.table.loc[rows, ["digest"]]
    write_whole(run_folder / RECORD_NAME, lambda partial: digests.to_parquet(partial, index=False))


def refuse_other_images(run_folder: Path, index: DatasetIndex, rows: npt.NDArray[np.int64]) -> None:
    """Refuse to go on with a run if the same dataset is divided in another way than when it began.

    Duplicates that were searched for since, or are not known on the computer that a run was moved to, change which
    pictures are held back; the network has then learned from pictures that it would be judged by.

    Args:
        run_folder: The run's folder.
        index: The dataset as it is trained on.
        rows: (n,) row numbers of the pictures that it would learn from now.

    Raises:
        TrainingError: If they are other pictures than those in the run's record.
    """
    if not (run_folder / STATE_NAME).exists():  # it begins anew
        return
    began = (read_json(run_folder / RUN_RECORD) or {}).get("dataset", {})
    try:
        learned = pd.read_parquet(run_folder / RECORD_NAME)["digest"]
    except (OSError, ValueError, KeyError):
        return
    if began.get("fingerprint") == index.fingerprint and learned.tolist() != index.table.loc[rows, "digest"].tolist():
        raise TrainingError(
            f"The run {run_folder.name!r} learned from other pictures of this dataset than it would go on with: what "
            "is known of its duplicates has changed. Pull the dataset from where the run comes from, or begin anew."
        )


def unseen_images(package: ModelPackage, dataset: Dataset) -> UnseenImages:
    """Return the usable pictures of a dataset's corrected view that a model did not learn from.

    A training's own record is exact. Without one, as for a package that came from elsewhere, the whole train split of
    the dataset named in the package counts as learned, the part that was held back included.
    """
    index = dataset.view()
    usable = index.usable
    learned, basis = _learned(package, dataset, index)
    is_new = ~usable["digest"].isin(learned).to_numpy(bool)
    return UnseenImages(usable["image_id"].to_numpy(np.int64)[is_new], basis)


def _learned(package: ModelPackage, dataset: Dataset, index: DatasetIndex) -> tuple[pd.Series, str]:
    """Return the digests of the pictures that count as learned, and the sentence that says why."""
    try:
        record = pd.read_parquet(package.folder.parent / RECORD_NAME)
    except (OSError, ValueError):
        record = None
    if record is not None:
        return record["digest"], "The training recorded which pictures it learned from; all others were examined."
    origin = _origin(package, dataset, index)
    if origin is None:
        return pd.Series(dtype="str"), "The model was trained on another dataset; all pictures were examined."
    rows = origin.usable
    of_training = rows.loc[rows["split"].isin(("train", "validation")), "digest"]
    return of_training, "It is not recorded which training pictures the model learned from, so none was examined."


def _origin(package: ModelPackage, dataset: Dataset, index: DatasetIndex) -> DatasetIndex | None:
    """Return the dataset that the model was trained on, None where it is not at hand."""
    data = package.info.training_data
    if data["dataset"] == dataset.name or data["fingerprint"] in (index.fingerprint, dataset.index.fingerprint):
        return dataset.index
    try:
        return open_dataset(data["dataset"]).index
    except DatasetError:
        return None
