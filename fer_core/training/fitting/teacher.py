"""The model that a network learns from besides the labels (distillation, Hinton et al. 2015).

A `TrainConfig` and the dataset come in. Out goes a frozen `keras.Model` that takes the student's pictures, of any side
and number of channels, or what the teacher says about each whole picture, looked up once; probabilities in the order of
the dataset's classes in either case.
"""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from fer_core.dataset import DatasetIndex
from fer_core.errors import ModelError, TrainingError
from fer_core.models.catalog import find_model
from fer_core.models.package import ModelPackage
from fer_core.models.reading import OnProgress, read_pictures
from fer_core.training.config import TrainConfig

_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601, what makes grey pictures from RGB everywhere else here


def load_teacher(config: TrainConfig, index: DatasetIndex) -> keras.Model | None:
    """Return the teacher for a dataset's pictures and crops of them, None where none looks at what the network sees.

    A teacher that was trained on pictures of another size gets these enlarged or shrunk as much, and one of another
    number of channels gets grey repeated or colours as grey.

    Raises:
        TrainingError: If there is no such model, it tells other classes, or its network cannot be read.
    """
    if not config.teacher or config.teacher_views != "same":
        return None
    package, order = _find_teacher(config, index)
    return _Teacher(_read_network(package), order, scale=package.info.input_size / index.images.shape[1])


def read_opinions(
    config: TrainConfig, index: DatasetIndex, rows: npt.NDArray[np.int64], on_progress: OnProgress | None = None
) -> npt.NDArray[np.float32] | None:
    """Return (n, classes) what the teacher says about whole pictures, all views; None where it is not asked for that.

    Args:
        config: The settings.
        index: The dataset.
        rows: (n,) of the index.
        on_progress: Called with (pictures done, pictures in all); what it raises ends the reading.

    Raises:
        TrainingError: If there is no such model, or it tells other classes.
        ModelError: If its network is damaged.
    """
    if not config.teacher or config.teacher_views != "once":
        return None
    package, order = _find_teacher(config, index)
    image_ids = index.table["image_id"].to_numpy(np.int64)[rows]
    y_prob, _ = read_pictures(package, index, image_ids, views="all", on_progress=on_progress)
    return np.ascontiguousarray(y_prob[:, order])


class _Teacher(keras.Model):  # type: ignore[misc]
    """Brings pictures to what a network was trained on, and its answers into another order of the classes."""

    def __init__(self, network: keras.Model, order: npt.NDArray[np.int64], *, scale: float) -> None:
        super().__init__(name="teacher")
        self.network = network
        self.order = order
        self.scale = scale
        self.built = True  # its network is
        self.trainable = False  # at the end: it has to reach the network, too

    def call(self, images: Any, training: bool | None = False) -> Any:
        """Return (n, classes) probabilities of (n, s, s, channels) pictures, 0-255; a teacher never trains."""
        x = _with_channels(ops.cast(images, "float32"), self.network.input_shape[-1])
        if self.scale != 1.0:
            x = self._resized(x)
        return ops.take(self.network(x, training=False), self.order, axis=-1)

    def _resized(self, x: Any) -> Any:
        side = ops.shape(x)[1]
        if isinstance(side, int):
            size = round(side * self.scale)
        else:
            size = ops.cast(ops.round(ops.cast(side, "float32") * self.scale), "int32")
        return ops.image.resize(x, (size, size), interpolation="bilinear", antialias=self.scale < 1.0)


def _find_teacher(config: TrainConfig, index: DatasetIndex) -> tuple[ModelPackage, npt.NDArray[np.int64]]:
    try:
        package = find_model(config.teacher)
    except ModelError as error:
        raise TrainingError(f"The teacher cannot be used. {error}") from error
    return package, _order_of_classes(package, index.class_names)


def _order_of_classes(package: ModelPackage, class_names: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return (classes,) where each of the dataset's classes stands among the package's."""
    taught = package.info.class_names
    if sorted(taught) != sorted(class_names):
        raise TrainingError(
            f"The teacher {package.name!r} tells {', '.join(taught)}; the dataset has {', '.join(class_names)}. "
            "Choose a teacher with the same classes, or none."
        )
    return np.array([taught.index(name) for name in class_names])


def _read_network(package: ModelPackage) -> keras.Model:
    """Return a package's network with the side of its input left open."""
    try:
        network = keras.models.load_model(package.keras_path, compile=False)
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"The network of the teacher {package.name!r} cannot be read ({error}). Choose another or train it again."
        ) from error
    faces = keras.Input((None, None, package.info.channels))
    open_network = keras.models.clone_model(network, input_tensors=faces)
    open_network.set_weights(network.get_weights())
    return open_network


def _with_channels(x: Any, channels: int) -> Any:
    if x.shape[-1] == channels:
        return x
    if channels == 3:
        return ops.repeat(x, 3, axis=-1)
    return ops.sum(x * ops.convert_to_tensor(_LUMINANCE, x.dtype), axis=-1, keepdims=True)
