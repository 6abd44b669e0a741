"""What a dataset looks like, on paper: a row of its pictures for each class."""

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from fer_core.charts.static.paper import INK, LARGE, NORMAL, QUIET_INK, SMALL, new_figure
from fer_core.dataset import DatasetIndex

_GAP = 0.06  # of a picture's side, white between pictures
_CELL = 1.35  # centimetres
_NAMES = 2.4  # centimetres for the names of the classes


def sample_grid(index: DatasetIndex, *, split: str = "train", per_class: int = 10, seed: int = 0) -> Figure:
    """Draw some pictures of every class, chosen at random, with the name and the number of pictures of the class.

    Args:
        index: The dataset, with corrections applied.
        split: A split that `index.select` knows.
        per_class: Pictures a class; a class with fewer leaves room.
        seed: Decides which pictures.

    Raises:
        DatasetError: If there is no such split.
    """
    rows = index.select(split=split)
    class_names = sorted(rows["label"].unique())
    rng, cells = np.random.default_rng(seed), []
    for name in class_names:
        image_ids = rows.loc[rows["label"] == name, "image_id"].to_numpy(np.int64)
        cells.append(rng.permutation(image_ids)[:per_class])
    figure = new_figure(_NAMES + _CELL * per_class, 0.8 + _CELL * max(1, len(class_names)))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_title(f"{split}: {len(rows):,} images", fontsize=LARGE, color=INK, loc="left")
    if class_names:
        axes.imshow(_mosaic(index.images, cells, per_class), cmap="gray", vmin=0, vmax=255, interpolation="none")
    counts = rows["label"].value_counts()
    step = index.images.shape[1] + _gap(index.images)
    for number, name in enumerate(class_names):
        middle, left = (number + 0.5) * step, -0.15 * step
        axes.text(left, middle - 0.03 * step, name, ha="right", va="bottom", fontsize=NORMAL, color=INK)
        axes.text(
            left, middle + 0.05 * step, f"{counts[name]:,}", ha="right", va="top", fontsize=SMALL, color=QUIET_INK
        )
    return figure


def _gap(images: npt.NDArray[np.uint8]) -> int:
    return max(1, round(_GAP * int(images.shape[1])))


def _mosaic(
    images: npt.NDArray[np.uint8], cells: list[npt.NDArray[np.int64]], num_columns: int
) -> npt.NDArray[np.uint8]:
    """Lay pictures on white: (rows * step, columns * step, 3) uint8, step = side and gap."""
    side = images.shape[1]
    step = side + _gap(images)
    page = np.full((len(cells) * step, num_columns * step, 3), 255, np.uint8)
    for row, image_ids in enumerate(cells):
        for column, image_id in enumerate(image_ids):
            page[row * step : row * step + side, column * step : column * step + side] = images[image_id]
    return page
