"""Reads the pictures of an index with a model, on all processors at once.

A package, an index and image ids come in; probabilities and embeddings in the order of the ids go out. Evaluation and
kept predictions share it, so that both say the same about a picture.
"""

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from fer_core.dataset import DatasetIndex
from fer_core.models.classifier import load_classifier
from fer_core.models.model_input import fit_images
from fer_core.models.package import ModelPackage
from fer_core.processors import num_processors

_BATCH = 64  # pictures between two reports of progress

OnProgress = Callable[[int, int], None]


def read_pictures(
    package: ModelPackage,
    index: DatasetIndex,
    image_ids: npt.NDArray[np.int64],
    *,
    views: str = "one",
    on_progress: OnProgress | None = None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float16]]:
    """Return what a model says about some pictures.

    Each processor has a classifier of one thread: one classifier of many threads scales worse.

    Args:
        package: The model.
        index: The dataset; its pictures are brought to the model's size and channels.
        image_ids: (n,) of readable pictures.
        views: A name of `VIEWS`.
        on_progress: Called with (pictures done, pictures in all); what it raises ends the reading.

    Returns:
        (n, classes) float32 calibrated probabilities in the model's order, and (n, d) float16 embeddings.

    Raises:
        ModelError: If the network is damaged.
    """

    def load(rows: slice) -> npt.NDArray[np.uint8]:
        return fit_images(index.images[image_ids[rows]], package.info)

    return read_batches(package, load, len(image_ids), views=views, on_progress=on_progress)


def read_batches(
    package: ModelPackage,
    load: Callable[[slice], npt.NDArray[np.uint8]],
    num_faces: int,
    *,
    views: str = "one",
    on_progress: OnProgress | None = None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float16]]:
    """Return what a model says about faces that are loaded batch by batch.

    Args:
        package: The model.
        load: Returns some of the faces as (m, size, size, channels) uint8 in the model's size; called by threads.
        num_faces: How many there are.
        views: A name of `VIEWS`.
        on_progress: As for `read_pictures`; the rest, too.
    """
    num_threads = num_processors()
    classifiers = [load_classifier(package) for _ in range(num_threads)]
    free = queue.SimpleQueue[int]()
    for number in range(num_threads):
        free.put(number)
    y_prob = np.empty((num_faces, len(package.info.class_names)), np.float32)
    embeddings = np.empty((num_faces, classifiers[0].embedding_size), np.float16)

    def read(start: int) -> int:
        number, rows = free.get(), slice(start, start + _BATCH)
        try:
            y_prob[rows], embeddings[rows] = classifiers[number].read(load(rows), views)
        finally:
            free.put(number)
        return min(start + _BATCH, num_faces)

    pool = ThreadPoolExecutor(num_threads, thread_name_prefix="read pictures")
    try:
        for done in pool.map(read, range(0, num_faces, _BATCH)):
            if on_progress:
                on_progress(done, num_faces)
    finally:
        pool.shutdown(cancel_futures=True)
    return y_prob, embeddings
