"""Runs a `model.keras` as `litert.py` runs a `model.tflite`: the same calls, by Keras and its backend.

It takes seconds to load and hundreds of megabytes, so it is for jobs and for people who have no LiteRT file they
trust; pages never use it. Threads may share one.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError
from fer_core.models.litert import NetworkOutputs


class KerasNetwork:
    """A Keras network and its outputs.

    Args:
        path: A `model.keras` that this program wrote.

    Raises:
        ModelError: If it is no such network, or Keras is not installed.
    """

    has_class_maps = True

    def __init__(self, path: Path) -> None:
        network = load_keras(path)
        try:
            layers = [network.get_layer(name) for name in ("probabilities", "embedding", "features")]
        except ValueError as error:
            raise ModelError(
                f"It is no network of this program ({error}). Train or download the model again."
            ) from error
        import keras

        self._model: Any = keras.Model(network.input, [layer.output for layer in layers])
        self._kernel = np.asarray(layers[0].get_weights()[0], np.float32)  # (c, classes)
        self.face_shape = tuple(int(length) for length in network.input_shape[1:])
        self.embedding_size, self.num_classes = self._kernel.shape

    def run(self, pixels: npt.NDArray[np.float32], with_maps: bool = False) -> NetworkOutputs:
        """Read a batch, as `LiteRtNetwork.run` does."""
        y_prob, embeddings, features = (np.asarray(output) for output in self._model.predict_on_batch(pixels))
        return NetworkOutputs(y_prob, embeddings, features @ self._kernel if with_maps else None)


def load_keras(path: Path) -> Any:
    """Open a `.keras` file, uncompiled, in safe mode and without classes of anybody's own.

    Args:
        path: A file that this program wrote, or whose maker the person trusts.

    Raises:
        ModelError: If it cannot be opened, or Keras is not installed.
    """
    try:
        import keras
    except ImportError as error:
        raise ModelError("Keras is not installed. Install TensorFlow and Keras, or use the LiteRT engine.") from error
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"Keras cannot load it ({error}). Train or download the model again.") from error
