"""The classifier: face crops in, calibrated probabilities and embeddings out, by LiteRT and without TensorFlow.

One classifier may be shared by threads. Crops are (n, size, size, channels) uint8 as `faces.crop` makes them;
probabilities come in the order of the package's own class names.
"""

import hashlib
import threading

import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError
from fer_core.evaluation.calibration import apply_temperature
from fer_core.models.info import ModelInfo
from fer_core.models.package import LITERT_FILE, ModelPackage
from fer_core.models.views import VIEWS, check_views, make_views

_BATCH = 32  # pictures in one call; 64 take 7 % longer each, as they leave the processor's cache


class Classifier:
    """A network that reads faces; made by `load_classifier`.

    Args:
        network: The bytes of a `model.tflite`.
        info: What the package says about it.
        num_threads: Threads of one call.

    Raises:
        ModelError: If the network cannot be used.
    """

    def __init__(self, network: bytes, info: ModelInfo, num_threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.info = info
        self._lock = threading.Lock()  # an interpreter used by two threads at once ends the process
        try:
            self._interpreter = Interpreter(model_content=network, num_threads=num_threads)
            self._interpreter.allocate_tensors()
            runner = self._interpreter.get_signature_runner()
            ((_, faces),) = runner.get_input_details().items()
            y_prob, embedding = (runner.get_output_details()[name] for name in ("probabilities", "embedding"))
        except (ValueError, RuntimeError, KeyError) as error:
            raise ModelError(f"LiteRT cannot run it ({error}). Train or download the model again.") from error
        self._input, self._outputs = int(faces["index"]), (int(y_prob["index"]), int(embedding["index"]))
        self.embedding_size = int(embedding["shape"][-1])
        self._batch = tuple(int(length) for length in faces["shape"])
        received = self._batch[1:], int(y_prob["shape"][-1])
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

    def _read(
        self, faces: npt.NDArray[np.uint8], views: str
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        self._check(faces, views)
        y_prob = np.empty((len(faces), len(self.info.class_names)), np.float32)
        embeddings = np.empty((len(faces), self.embedding_size), np.float32)
        num_faces = max(1, _BATCH // VIEWS[views])
        for start in range(0, len(faces), num_faces):
            seen = make_views(faces[start : start + num_faces], views)  # (n, v, size, size, channels)
            for_views, embedded = self._run(seen.reshape(-1, *faces.shape[1:]))
            y_prob[start : start + num_faces] = for_views.reshape(*seen.shape[:2], -1).mean(axis=1)
            embeddings[start : start + num_faces] = embedded[:: VIEWS[views]]  # the first view is the face as it is
        return y_prob, embeddings

    def _check(self, faces: npt.NDArray[np.uint8], views: str) -> None:
        check_views(views)
        if faces.ndim != 4 or faces.shape[1:] != self._face_shape:
            raise ValueError(f"faces have the shape {faces.shape}, expected n times {self._face_shape}")
        if faces.dtype != np.uint8:
            raise ValueError(f"faces are {faces.dtype}, expected uint8 from 0 to 255")

    def _run(self, batch: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        pixels = np.ascontiguousarray(batch, np.float32)
        with self._lock:
            if pixels.shape != self._batch:
                self._interpreter.resize_tensor_input(self._input, pixels.shape)
                self._interpreter.allocate_tensors()
                self._batch = pixels.shape
            self._interpreter.set_tensor(self._input, pixels)
            self._interpreter.invoke()
            y_prob, embeddings = (self._interpreter.get_tensor(output) for output in self._outputs)
        return np.asarray(y_prob, np.float32), np.asarray(embeddings, np.float32)


def load_classifier(package: ModelPackage, num_threads: int = 1) -> Classifier:
    """Load the network of a package.

    Args:
        package: The package.
        num_threads: Threads of one call; 1 serves live video best.

    Raises:
        ModelError: If the network is damaged, or does not fit what the package says about it.
    """
    try:
        network = package.tflite_path.read_bytes()
        _check_digest(network, package.info)
        return Classifier(network, package.info, num_threads)
    except (OSError, ModelError) as error:
        raise ModelError(f"{str(package.tflite_path)!r} cannot be used: {error}") from error


def _check_digest(network: bytes, info: ModelInfo) -> None:
    expected = info.digests.get(LITERT_FILE)
    received = hashlib.sha256(network).hexdigest()
    if expected != received:
        raise ModelError(
            f"its sha256 is {received}, and model.json says {expected}: it was changed or damaged after the export. "
            "Train or download the model again."
        )
