"""The pictures of a training in an order of their own for every epoch, batch after batch.

One uint8 array of all pictures comes in, batches of it go out. The order of an epoch depends on the seed and the
epoch's number alone, so that a training can be resumed at any epoch.
"""

import math
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

_BATCHES_AHEAD = 2

Batch = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]


class TrainingStream(keras.utils.PyDataset):  # type: ignore[misc]
    """The batches of one epoch; the last one is filled up with the pictures that the epoch began with.

    Batches of one size keep batch norm from learning from a handful of pictures, and the step from being compiled
    for two sizes.

    Args:
        images: (n, size, size, channels) uint8, 0-255.
        targets: (n, classes) float32, one-hot; (n, 2 * classes) with a teacher's opinions behind them.
        batch_size: Pictures a batch; n, where that is less.
        seed: Decides the order, together with the epoch.
    """

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        targets: npt.NDArray[np.float32],
        *,
        batch_size: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.images = images
        self.targets = targets
        self.batch_size = min(batch_size, len(images))
        self.seed = seed
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Take up the order of an epoch, counted from 0."""
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.images))
        missing = len(self) * self.batch_size - len(order)
        self._order = np.concatenate([order, order[:missing]])

    def __len__(self) -> int:
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, number: int) -> Batch:
        rows = self._order[number * self.batch_size : (number + 1) * self.batch_size]
        return self.images[rows], self.targets[rows]


def as_fit_input(stream: TrainingStream) -> Any:
    """Return what `fit` should be given to read a stream: under TensorFlow a `tf.data.Dataset`, else the stream.

    Keras would make such a dataset itself, with TensorFlow's tuning of pipelines on. In TensorFlow 2.21 the thread
    that tunes sleeps through the end of an epoch: the fit then waits for it, up to half a minute with idle processors.
    """
    if keras.backend.backend() != "tensorflow":
        return stream
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    batches = tf.data.Dataset.from_generator(
        lambda: (stream[number] for number in range(len(stream))),
        output_signature=tuple(tf.TensorSpec(part.shape, part.dtype) for part in stream[0]),
    )
    counted = batches.apply(tf.data.experimental.assert_cardinality(len(stream)))
    return counted.prefetch(_BATCHES_AHEAD).with_options(options)
