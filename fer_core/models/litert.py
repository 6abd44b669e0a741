"""Runs a `model.tflite` by LiteRT, without TensorFlow.

float32 pixels come in; probabilities, embeddings and class maps go out, as the network itself gives them. One
network serves one thread at a time: an interpreter used by two at once ends the process.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError


@dataclass(frozen=True, eq=False)
class NetworkOutputs:
    """What a network says of n faces.

    Args:
        probabilities: (n, classes) float32, uncalibrated.
        embeddings: (n, c) float32.
        class_maps: (n, h, w, classes) float32, how much each place speaks for each class; None if not asked for.
    """

    probabilities: npt.NDArray[np.float32]
    embeddings: npt.NDArray[np.float32]
    class_maps: npt.NDArray[np.float32] | None = None


class LiteRtNetwork:
    """An interpreter and what has to be known to use it.

    Args:
        network: The bytes of a `model.tflite`.
        num_threads: Threads of one call.

    Raises:
        ModelError: If it is no such network.
    """

    def __init__(self, network: bytes, num_threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        try:
            self._interpreter = Interpreter(model_content=network, num_threads=num_threads)
            self._interpreter.allocate_tensors()
            runner = self._interpreter.get_signature_runner()
            ((_, faces),) = runner.get_input_details().items()
            outputs = runner.get_output_details()
            y_prob, embedding = outputs["probabilities"], outputs["embedding"]
        except (ValueError, RuntimeError, KeyError) as error:
            raise ModelError(f"LiteRT cannot run it ({error}). Train or download the model again.") from error
        self._input = int(faces["index"])
        self._outputs = {name: int(details["index"]) for name, details in outputs.items()}
        self._batch = tuple(int(length) for length in faces["shape"])
        self.face_shape = self._batch[1:]
        self.num_classes, self.embedding_size = int(y_prob["shape"][-1]), int(embedding["shape"][-1])

    @property
    def has_class_maps(self) -> bool:
        """Whether it can say which places speak for a class: only networks that end in global pooling can."""
        return "class_maps" in self._outputs

    def run(self, pixels: npt.NDArray[np.float32], with_maps: bool = False) -> NetworkOutputs:
        """Read a batch.

        Args:
            pixels: (n, size, size, channels) float32, 0-255, with n of at least 1.
            with_maps: Whether class maps are wanted.
        """
        if pixels.shape != self._batch:
            self._interpreter.resize_tensor_input(self._input, pixels.shape)
            self._interpreter.allocate_tensors()
            self._batch = pixels.shape
        self._interpreter.set_tensor(self._input, pixels)
        self._interpreter.invoke()
        return NetworkOutputs(
            self._output("probabilities"),
            self._output("embedding"),
            self._output("class_maps") if with_maps else None,
        )

    def _output(self, name: str) -> npt.NDArray[np.float32]:
        return np.asarray(self._interpreter.get_tensor(self._outputs[name]), np.float32)
