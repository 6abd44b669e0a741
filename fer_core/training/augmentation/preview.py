"""What a training's augmentation does to faces of its dataset, as one picture to look at.

Settings come in; rows of faces go out as a PNG, each as it is and beside it as the network would see it in some
epochs. Drawing needs Keras, so it is a job; the picture is kept with the dataset, and anybody can look it up.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.errors import TrainingError
from fer_core.jobs.folder import write_whole
from fer_core.training.augmentation.levels import find_augmentation
from fer_core.training.config import TrainConfig

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

Pictures = npt.NDArray[np.uint8]

NUM_FACES, NUM_VARIANTS = 6, 5
PREVIEW_SETTINGS: tuple[str, ...] = ("dataset", "augmentation", "crop_low", "crop_high", "mixup", "seed")

_FOLDER = "augmentation"
_TILE = 112  # pixels, of a face in the picture
_GAP = 6  # pixels between two faces, transparent
_WIDE_GAP = 22  # pixels between the faces as they are and what becomes of them


def preview_job(
    *,
    reporter: "JobReporter",
    dataset: str,
    augmentation: str,
    crop_low: float,
    crop_high: float,
    mixup: float,
    seed: int,
) -> None:
    """Job: draw the preview of an augmentation and keep it; the settings are those of a `TrainConfig`.

    Raises:
        TrainingError: If the dataset has no usable training picture.
    """
    config = TrainConfig(
        dataset, augmentation=augmentation, crop_low=crop_low, crop_high=crop_high, mixup=mixup, seed=seed
    )
    opened = open_dataset(dataset)
    faces = _choose_faces(opened.view(), seed)
    reporter.progress(0, 0, "Loading Keras")
    variants = _draw_variants(config, faces)
    path = preview_path(config, opened)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = cv2.imencode(".png", draw_mosaic(faces, variants))[1].tobytes()
    write_whole(path, lambda partial: partial.write_bytes(picture))


def preview_path(config: TrainConfig, dataset: Dataset) -> Path:
    """Return where the preview of a training's settings is kept; there is no file before it is drawn."""
    settings = [str(getattr(config, name)) for name in PREVIEW_SETTINGS]
    decisive = "\n".join([dataset.added_at, *settings, repr(find_augmentation(config.augmentation))])
    return dataset.audit_folder / _FOLDER / f"{hashlib.sha256(decisive.encode()).hexdigest()[:32]}.png"


def draw_mosaic(faces: Pictures, variants: list[npt.NDArray[np.float32]]) -> Pictures:
    """Put faces in rows: each as it is, then its variants.

    Args:
        faces: (n, size, size, channels), grey or RGB.
        variants: Batches (n, side, side, channels), 0-255, each of a side of its own.

    Returns:
        (height, width, 4) blue, green, red and opacity, as OpenCV writes them; gaps are transparent.
    """
    height = len(faces) * (_TILE + _GAP) - _GAP
    width = (1 + len(variants)) * _TILE + _WIDE_GAP + (len(variants) - 1) * _GAP
    mosaic = np.zeros((height, width, 4), np.uint8)
    for column, batch in enumerate([faces.astype(np.float32), *variants]):
        left = column * (_TILE + _GAP) + (_WIDE_GAP - _GAP if column else 0)
        for row, picture in enumerate(batch):
            top = row * (_TILE + _GAP)
            mosaic[top : top + _TILE, left : left + _TILE] = _tile(picture)
    return mosaic


def _choose_faces(index: DatasetIndex, seed: int) -> Pictures:
    """Return up to `NUM_FACES` (n, size, size, channels) pictures of the training part, of as many labels as can be."""
    rows = index.usable[index.usable["split"] == "train"]
    if rows.empty:
        raise TrainingError(
            f"This dataset has no usable picture to train on, only {', '.join(index.splits) or 'none at all'}. "
            "Name a folder train, or look at the health report."
        )
    order = np.random.default_rng(seed).permutation(len(rows))
    shuffled = rows.iloc[order]
    turns = shuffled.groupby("label", sort=False).cumcount()
    chosen = shuffled.iloc[np.argsort(turns.to_numpy(), kind="stable")[:NUM_FACES]]
    return np.ascontiguousarray(index.images[np.sort(chosen["image_id"].to_numpy())])


def _draw_variants(config: TrainConfig, faces: Pictures) -> list[npt.NDArray[np.float32]]:
    """Return what the network would be shown, batch by batch."""
    from fer_core.training.augmentation.layer import Mixup
    from fer_core.training.fitting.training_model import make_augmentation

    augmentation, mixup = make_augmentation(config, faces.shape[1]), Mixup(config.mixup, seed=config.seed + 1)
    batches: list[Any] = [augmentation(faces, training=True) for _ in range(NUM_VARIANTS)]
    return [np.asarray(mixup(batch)[0], np.float32) for batch in batches]


def _tile(picture: npt.NDArray[np.float32]) -> Pictures:
    """Return one picture as (tile, tile, 4), opaque."""
    colours = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[..., ::-1]
    shrinks = picture.shape[0] > _TILE
    enlarged = cv2.resize(colours, (_TILE, _TILE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    tile = np.full((_TILE, _TILE, 4), 255, np.uint8)
    tile[..., :3] = np.clip(enlarged, 0, 255).round()
    return tile
