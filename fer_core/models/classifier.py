"""The classifier: face crops in, calibrated probabilities and embeddings out, by LiteRT and without TensorFlow.

One classifier may be shared by threads, which work at the same time on interpreters of their own. Crops are
(n, size, size, channels) uint8 as `faces.crop` makes them; probabilities come in the order of the package's own
class names.
"""

import hashlib
import os
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError
from fer_core.evaluation.calibration import apply_temperature
from fer_core.models.info import ModelInfo
from fer_core.models.litert import LiteRtNetwork, NetworkOutputs
from fer_core.models.package import ModelPackage
from fer_core.models.views import VIEWS, check_views, make_views
from fer_core.pool import Pool

ENGINES: dict[str, str] = {
    "litert": "LiteRT with int8 weights: fast and light",
    "keras": "Keras in float32: loads TensorFlow; never in the web process",
}

_BATCH = 32  # pictures in one call; 64 take 7 % longer each, as they leave the processor's cache


class Network(Protocol):
    """What runs a network: `LiteRtNetwork` or `KerasNetwork`."""

    @property
    def face_shape(self) -> tuple[int, ...]:
        """Height, width and channels of a face."""

    @property
    def num_classes(self) -> int:
        """Number of classes."""

    @property
    def embedding_size(self) -> int:
        """Length of an embedding."""

    @property
    def has_class_maps(self) -> bool:
        """Whether class maps can be asked for."""

    def run(self, pixels: npt.NDArray[np.float32], with_maps: bool = False) -> NetworkOutputs:
        """Read a batch of (n, size, size, channels) float32 pixels."""


class Classifier:
    """A network that reads faces; made by `load_classifier`.

    Args:
        network: The bytes of a `model.tflite`, or a network that threads may share.
        info: What the package says about it.
        num_threads: Threads of one call; of LiteRT only.

    Raises:
        ModelError: If the network cannot be used.
    """

    def __init__(self, network: bytes | Network, info: ModelInfo, num_threads: int = 1) -> None:
        self.info = info
        self._networks = _pool(network, num_threads)
        with self._networks.lend() as first:
            self.embedding_size, self.has_class_maps = first.embedding_size, first.has_class_maps
            received = first.face_shape, first.num_classes
        if received != (self._face_shape, len(info.class_names)):
            raise ModelError(
                f"its input and number of classes are {received}, and model.json says "
                f"{(self._face_shape, len(info.class_names))}. Train or download the model again."
            )

    @property
    def _face_shape(self) -> tuple[int, ...]:
        return self.info.input_size, self.info.input_size, self.info.channels

    def predict(self, faces: npt.NDArray[np.uint8], views: str = "all") -> npt.NDArray[np.float32]:
        """Return the calibrated probabilities of each face.

        Args:
            faces: (n, size, size, channels) uint8, 0-255; n = 0 is fine.
            views: A name of `VIEWS`: `one` is fastest, `all` is more accurate and takes ten times as long.

        Returns:
            (n, classes) float32, rows sum to 1.
        """
        y_prob = self.predict_uncalibrated(faces, views)
        return apply_temperature(y_prob, self.info.temperature[views]).astype(np.float32)

    def predict_uncalibrated(self, faces: npt.NDArray[np.uint8], views: str = "one") -> npt.NDArray[np.float32]:
        """Return what the network itself says, averaged over the views: what a temperature is fitted to.

        Args:
            faces: (n, size, size, channels) uint8, 0-255; n = 0 is fine.
            views: A name of `VIEWS`.

        Returns:
            (n, classes) float32, rows sum to 1.
        """
        return self._read(faces, views)[0]

    def read(
        self, faces: npt.NDArray[np.uint8], views: str = "one"
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return the calibrated probabilities of each face and where the network puts it among all faces.

        Args:
            faces: (n, size, size, channels) uint8, 0-255; n = 0 is fine.
            views: A name of `VIEWS`, for the probabilities; the embedding is that of the face as it is.

        Returns:
            (n, classes) float32, rows sum to 1, and (n, `embedding_size`) float32.
        """
        y_prob, embeddings = self._read(faces, views)
        return apply_temperature(y_prob, self.info.temperature[views]).astype(np.float32), embeddings

    def class_maps(self, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return how much each place of each face speaks for each class.

        Args:
            faces: (n, size, size, channels) uint8, 0-255, read as they are, in one view.

        Returns:
            (n, h, w, classes) float32; the mean over the places is the class's logit, less a constant of the class
            (Zhou et al., "Learning Deep Features for Discriminative Localization", 2016).

        Raises:
            ModelError: If the network has no such maps.
        """
        self._check(faces, "one")
        if not self.has_class_maps:
            raise ModelError(
                f"The model {self.info.name!r} cannot show where it looks: its file has no class maps. Export it again."
            )
        blocks = [self._run(faces[start : start + _BATCH], True).class_maps for start in range(0, len(faces), _BATCH)]
        maps = [block for block in blocks if block is not None]
        return np.concatenate(maps) if maps else np.empty((0, 1, 1, len(self.info.class_names)), np.float32)

    def _read(
        self, faces: npt.NDArray[np.uint8], views: str
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        self._check(faces, views)
        y_prob = np.empty((len(faces), len(self.info.class_names)), np.float32)
        embeddings = np.empty((len(faces), self.embedding_size), np.float32)
        num_faces = max(1, _BATCH // VIEWS[views])
        for start in range(0, len(faces), num_faces):
            seen = make_views(faces[start : start + num_faces], views)  # (n, v, size, size, channels)
            said = self._run(seen.reshape(-1, *faces.shape[1:]))
            y_prob[start : start + num_faces] = said.probabilities.reshape(*seen.shape[:2], -1).mean(axis=1)
            embeddings[start : start + num_faces] = said.embeddings[
                :: VIEWS[views]
            ]  # the first view: the face as it is
        return y_prob, embeddings

    def _check(self, faces: npt.NDArray[np.uint8], views: str) -> None:
        check_views(views)
        if faces.ndim != 4 or faces.shape[1:] != self._face_shape:
            raise ValueError(f"faces have the shape {faces.shape}, expected n times {self._face_shape}")
        if faces.dtype != np.uint8:
            raise ValueError(f"faces are {faces.dtype}, expected uint8 from 0 to 255")

    def _run(self, batch: npt.NDArray[np.uint8], with_maps: bool = False) -> NetworkOutputs:
        pixels = np.ascontiguousarray(batch, np.float32)
        with self._networks.lend() as network:
            return network.run(pixels, with_maps)


def _pool(network: bytes | Network, num_threads: int) -> Pool[Network]:
    if not isinstance(network, bytes):
        return Pool(lambda: network, size=1)
    return Pool(lambda: LiteRtNetwork(network, num_threads), size=os.cpu_count() or 1)


def load_classifier(package: ModelPackage, num_threads: int = 1, *, engine: str = "litert") -> Classifier:
    """Load the network of a package.

    Args:
        package: The package.
        num_threads: Threads of one call; 1 serves live video best.
        engine: A name of `ENGINES`.

    Raises:
        ModelError: If the network is damaged, or does not fit what the package says about it.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}; known: {', '.join(ENGINES)}")
    path = package.tflite_path if engine == "litert" else package.keras_path
    try:
        network = path.read_bytes()
        _check_digest(network, path.name, package.info)
        if engine == "litert":
            return Classifier(network, package.info, num_threads)
        from fer_core.models.keras_network import KerasNetwork

        return Classifier(KerasNetwork(path), package.info)
    except (OSError, ModelError) as error:
        raise ModelError(f"{str(path)!r} cannot be used: {error}") from error


def _check_digest(network: bytes, name: str, info: ModelInfo) -> None:
    expected = info.digests.get(name)
    received = hashlib.sha256(network).hexdigest()
    if expected != received:
        raise ModelError(
            f"its sha256 is {received}, and model.json says {expected}: it was changed or damaged after the export. "
            "Train or download the model again."
        )
