"""The faces on which an exported network is tried, and those that show a full-int8 one what to expect.

A package and a dataset come in, or no dataset, where drawn faces take its place; two stacks of faces in the package's
size go out, none of which is in both.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.dataset.drawn.faces import drawn_face
from fer_core.errors import DatasetError
from fer_core.labels import EXPRESSIONS
from fer_core.models.info import ModelInfo
from fer_core.models.model_input import fit_images

NUM_TRIED = 500
NUM_REPRESENTATIVE = 200
_NUM_DRAWN = 200, 100  # tried and representative; drawing one takes 6 ms
_TEST, _TRAIN = "test", "train"


@dataclass(frozen=True, eq=False)
class ExportFaces:
    """Faces for an export.

    Args:
        tried: (n, size, size, channels) uint8, n at most `NUM_TRIED`.
        representative: (m, size, size, channels) uint8, m at most `NUM_REPRESENTATIVE`.
        y_true: (n,) class numbers in the model's order, None where labels are not the model's classes.
        described: Where `tried` comes from, such as "fer2013 (test)".
    """

    tried: npt.NDArray[np.uint8]
    representative: npt.NDArray[np.uint8]
    y_true: npt.NDArray[np.intp] | None
    described: str


def export_faces(info: ModelInfo, dataset: Dataset | None = None) -> ExportFaces:
    """Choose faces, the same ones each time.

    Args:
        info: The model's description.
        dataset: Where to take them from; None takes the dataset that the model learned from where it is at hand, and
            drawn faces where it is not.

    Raises:
        DatasetError: If the dataset has fewer than two readable pictures.
    """
    if dataset is None:
        try:
            dataset = open_dataset(str(info.training_data["dataset"]))
        except DatasetError:
            return _drawn_faces(info)
    return _faces_of(info, dataset.name, dataset.view())


def _faces_of(info: ModelInfo, name: str, index: DatasetIndex) -> ExportFaces:
    order = np.random.default_rng(0).permutation(index.usable["image_id"].to_numpy(np.int64))
    splits = index.table["split"].to_numpy()[order]
    is_tried = splits == _TEST
    if not is_tried.any():  # a split of another name, or none at all
        is_tried = splits != _TRAIN
    if is_tried.all() or not is_tried.any():
        is_tried = np.arange(len(order)) % 2 == 0
    tried, others = (np.sort(part) for part in (order[is_tried][:NUM_TRIED], order[~is_tried][:NUM_REPRESENTATIVE]))
    if not (len(tried) and len(others)):
        raise DatasetError(f"The dataset {name!r} has {len(order)} readable pictures; at least two are needed.")
    rows = index.table.iloc[tried]
    is_known = set(rows["label"]) <= set(info.class_names)
    return ExportFaces(
        fit_images(index.images[tried], info),
        fit_images(index.images[others], info),
        np.array([info.class_names.index(label) for label in rows["label"]], np.intp) if is_known else None,
        f"{name} ({', '.join(sorted(set(rows['split'])))})",
    )


def _drawn_faces(info: ModelInfo) -> ExportFaces:
    """Draw faces; a network that learned from photos answers them too, if not rightly."""

    def draw(count: int, split: str) -> npt.NDArray[np.uint8]:
        places = [(EXPRESSIONS[number % len(EXPRESSIONS)], number // len(EXPRESSIONS) + 1) for number in range(count)]
        faces = np.stack([drawn_face(expression, number, split=split) for expression, number in places])
        return fit_images(faces[..., np.newaxis], info)

    return ExportFaces(draw(_NUM_DRAWN[0], _TEST), draw(_NUM_DRAWN[1], _TRAIN), None, "drawn faces")
