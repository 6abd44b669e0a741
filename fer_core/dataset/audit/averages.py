"""The average face of each class and split, and how far average faces tell the classes apart.

An index comes in; small pictures and a table of class against class go out. Two classes whose average faces tell their
images apart hardly better than a coin are the ones that a model will confuse.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.index import DatasetIndex

ALL_SPLITS = "all"
_BATCH_PIXELS = 2**22  # bounds memory: 16 MB as float32

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class AverageFaces:
    """The average face of each class.

    Args:
        parts: `all`, then each split.
        class_names: The classes.
        faces: (parts, classes, size, size, channels) uint8, 0-255; zeros where there is no image.
        counts: (parts, classes) number of images behind each.
    """

    parts: tuple[str, ...]
    class_names: tuple[str, ...]
    faces: npt.NDArray[np.uint8]
    counts: npt.NDArray[np.int64]


def average_faces(index: DatasetIndex, *, on_progress: OnProgress | None = None) -> AverageFaces:
    """Average the usable images of each class, in all splits and in each."""
    rows = index.select()
    splits, labels = index.splits, index.label_numbers(rows)
    split_numbers = rows["split"].map({split: number for number, split in enumerate(splits)}).to_numpy(np.int64)
    cells = split_numbers * len(index.class_names) + labels
    shape = (len(splits), len(index.class_names))
    sums = np.zeros((shape[0] * shape[1], int(np.prod(index.images.shape[1:]))))
    for batch, pixels in _batches(index, rows, on_progress):
        for cell in np.unique(cells[batch]):
            sums[cell] += pixels[cells[batch] == cell].sum(axis=0, dtype=np.float64)
    counts = np.bincount(cells, minlength=len(sums)).reshape(shape)
    by_split = sums.reshape(*shape, *index.images.shape[1:])
    totals = np.concatenate([by_split.sum(axis=0, keepdims=True), by_split])
    counts = np.concatenate([counts.sum(axis=0, keepdims=True), counts])
    faces = np.rint(totals / np.maximum(counts, 1)[..., None, None, None]).astype(np.uint8)
    return AverageFaces((ALL_SPLITS, *splits), index.class_names, faces, counts)


def told_apart(index: DatasetIndex, *, on_progress: OnProgress | None = None) -> pd.DataFrame:
    """Measure how far average faces tell two classes apart.

    Light and contrast are evened out, the images are halved, and each half is assigned to the nearer of two average
    faces of the other half. Identical images lie in one half, since the halves go by digest.

    Returns:
        One row and one column a class: mean share (0-1) of both classes' images that are nearer to their own class's
        average; 0.5 is a coin. NaN on the diagonal and where a class has no image in one of the halves.
    """
    rows = index.select()
    labels, num_classes = index.label_numbers(rows), len(index.class_names)
    halves = rows["digest"].map(lambda digest: int(digest[-1], 16) % 2).to_numpy(np.int64)
    means, counts = _half_means(index, rows, labels, halves)
    scores = np.empty((len(rows), num_classes), np.float32)
    for batch, pixels in _batches(index, rows, on_progress):
        evened = _evened(pixels)
        for half in (0, 1):
            chosen, other = halves[batch] == half, means[1 - half]
            # The nearest average has the largest x.m - m.m / 2; x.x is the same for all.
            scores[np.arange(len(rows))[batch][chosen]] = evened[chosen] @ other.T - (other**2).sum(axis=1) / 2
    shares = np.full((num_classes, num_classes), np.nan)
    known = [number for number in range(num_classes) if counts[:, number].all()]
    for a in known:
        for b in known:
            if a != b:
                wins = [(scores[labels == x, x] > scores[labels == x, y]).mean() for x, y in ((a, b), (b, a))]
                shares[a, b] = float(np.mean(wins))
    return pd.DataFrame(shares, index=list(index.class_names), columns=list(index.class_names))


def _half_means(
    index: DatasetIndex, rows: pd.DataFrame, labels: npt.NDArray[np.int64], halves: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return the average evened images (halves, classes, pixels) and their counts (halves, classes)."""
    num_classes = len(index.class_names)
    cells = halves * num_classes + labels
    sums = np.zeros((2 * num_classes, int(np.prod(index.images.shape[1:]))))
    for batch, pixels in _batches(index, rows, None):
        evened = _evened(pixels)
        for cell in np.unique(cells[batch]):
            sums[cell] += evened[cells[batch] == cell].sum(axis=0)
    counts = np.bincount(cells, minlength=2 * num_classes)
    means = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
    return means.reshape(2, num_classes, -1), counts.reshape(2, num_classes)


def _evened(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Bring (n, pixels) to mean 0 and deviation 1 each, so that light and contrast decide nothing."""
    evened = pixels.astype(np.float32)
    evened -= evened.mean(axis=1, keepdims=True)
    evened /= np.maximum(evened.std(axis=1, keepdims=True), 1.0)
    return evened


def _batches(
    index: DatasetIndex, rows: pd.DataFrame, on_progress: OnProgress | None
) -> Iterator[tuple[slice, npt.NDArray[np.uint8]]]:
    """Yield positions in `rows` and their images as (n, pixels), a bounded number at a time."""
    image_ids = rows["image_id"].to_numpy(np.int64)
    size = max(1, _BATCH_PIXELS // int(np.prod(index.images.shape[1:])))
    for start in range(0, len(image_ids), size):
        batch = slice(start, start + size)
        yield batch, np.asarray(index.images[image_ids[batch]]).reshape(len(image_ids[batch]), -1)
        if on_progress:
            on_progress(min(start + size, len(image_ids)), len(image_ids))
