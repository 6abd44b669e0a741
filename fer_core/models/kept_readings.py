"""What a model said about single pictures, kept so that a corrected label does not have them read again.

A package, an index and image ids come in as for `read_pictures`; pictures that were read before come from a file under
FER_HOME/evaluations, found by the network and the pixels, which no correction changes.
"""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import DatasetIndex
from fer_core.jobs.folder import write_whole
from fer_core.models.package import ModelPackage
from fer_core.models.reading import OnProgress, read_pictures
from fer_core.settings import load_settings

_FOLDER = "readings"

Probabilities = npt.NDArray[np.float32]


def read_once(
    package: ModelPackage,
    index: DatasetIndex,
    image_ids: npt.NDArray[np.int64],
    *,
    views: str = "one",
    on_progress: OnProgress | None = None,
) -> Probabilities:
    """Return what a model says about some pictures; only those that it has not read before are read.

    Args:
        package: The model.
        index: The dataset; any view of it finds the same file, as they share the pixels.
        image_ids: (n,) of readable pictures, each once.
        views: A name of `VIEWS`.
        on_progress: Called with (pictures done, pictures in all) of those that are read; what it raises ends the
            reading, and nothing of it is kept.

    Returns:
        (n, classes) float32 calibrated probabilities in the model's order.
    """
    path = _path(package, index, views)
    known = _load(path, len(package.info.class_names))
    missing = image_ids[~np.isin(image_ids, known.index)]
    if missing.size:
        y_prob, _ = read_pictures(package, index, missing, views=views, on_progress=on_progress)
        known = pd.concat([known, pd.DataFrame(y_prob, index=missing)])
        _keep(path, known)
    return known.loc[image_ids].to_numpy(np.float32)


def were_read(package: ModelPackage, index: DatasetIndex, image_ids: npt.NDArray[np.int64], views: str) -> bool:
    """Tell whether a model's answers to these very pictures are kept."""
    known = _load(_path(package, index, views), len(package.info.class_names))
    return bool(np.isin(image_ids, known.index).all())


def _load(path: Path, num_classes: int) -> pd.DataFrame:
    """Return one row an image id that is known, one column a class; no rows where there is no file yet."""
    try:
        kept = pd.read_parquet(path).set_index("image_id")
        kept.columns = pd.RangeIndex(num_classes)
    except (OSError, ValueError):
        return pd.DataFrame(np.empty((0, num_classes), np.float32), index=np.empty(0, np.int64))
    return kept


def _keep(path: Path, known: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = known.rename(columns=str).rename_axis("image_id").reset_index()
    write_whole(path, lambda partial: table.to_parquet(partial, index=False))


def _path(package: ModelPackage, index: DatasetIndex, views: str) -> Path:
    """Where the readings of this network of these pixels are kept, whatever the labels say."""
    pixels = [str(index.images.shape), *index.table["digest"].astype(str)]
    decisive = "\n".join([package.answers_digest(), views, *pixels])
    name = hashlib.sha256(decisive.encode()).hexdigest()[:32]
    return load_settings().evaluations_folder / _FOLDER / f"{name}.parquet"
