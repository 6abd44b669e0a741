"""Grad-CAM: where a network looks, by the gradients of its answers; for networks that give no class maps along.

A package's Keras network and a crop come in, maps of the same form as `Classifier.class_maps` go out. It needs
TensorFlow, so it runs in a job. For a network that ends in global pooling the result is its class maps (Selvaraju et
al. 2017, section 3.1), only slower.
"""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError
from fer_core.models.catalog import find_model
from fer_core.models.keras_file import check_keras_file
from fer_core.models.keras_network import load_keras
from fer_core.models.origin import refuse_untrusted
from fer_core.models.package import KERAS_FILE, ModelPackage, file_digest

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

_FEATURES = "features"  # the layer's name in this program's networks


def grad_cam_maps(network: Any, faces: npt.NDArray[np.uint8], layer: str | None = None) -> npt.NDArray[np.float32]:
    """Return how much each place of each face speaks for each class.

    The logit's gradient at the last feature map, averaged over the places, weighs its channels (Selvaraju et al.,
    "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017, equations 1 and 2); what
    speaks against a class is left in, as `explain.heat_map` takes it off, and so is what speaks for all classes alike.

    Args:
        network: A `keras.Model` from (n, size, size, channels), 0-255, to probabilities (n, classes).
        faces: (n, size, size, channels) uint8, 0-255.
        layer: Name of the layer whose feature maps count; the last one with a height and a width when None.

    Returns:
        (n, h, w, classes) float32, scaled like class maps: the mean over the places is the part of the logit.

    Raises:
        ModelError: If the network has no feature map, or Keras does not run on TensorFlow.
    """
    import keras
    import tensorflow as tf

    if keras.backend.backend() != "tensorflow":
        raise ModelError(f"Grad-CAM needs Keras on TensorFlow; KERAS_BACKEND is {keras.backend.backend()!r}.")
    features = network.get_layer(_last_feature_layer(network) if layer is None else layer).output
    split = keras.Model(network.input, [features, _logits(network)])
    with tf.GradientTape(persistent=True) as tape:
        maps, logits = split(tf.convert_to_tensor(faces, tf.float32), training=False)
        answers = [logits[:, number] for number in range(logits.shape[1])]
    gradients = np.stack([np.asarray(tape.gradient(answer, maps), np.float32) for answer in answers], axis=-1)
    del tape
    weights = gradients.sum(axis=(1, 2))  # (n, channels, classes); the sum, as a map's mean is to be the logit
    return np.asarray(np.einsum("nhwk,nkc->nhwc", np.asarray(maps, np.float32), weights), np.float32)


def grad_cam_job(*, reporter: "JobReporter", model: str, crop: str) -> dict[str, Any]:
    """Job: draw the maps of one face.

    Args:
        reporter: Told about the progress.
        model: Name or package folder.
        crop: What `pack_crop` returned.

    Returns:
        `maps`, rows of columns of classes.

    Raises:
        ModelError: If the Keras network must not or cannot be opened.
    """
    package = find_model(model)
    reporter.progress(0, 2, "Loading the network")
    network = open_keras_network(package)
    reporter.progress(1, 2, "Following the gradients")
    (maps,) = grad_cam_maps(network, unpack_crop(crop, package.info.channels)[np.newaxis])
    return {"maps": maps.tolist()}


def open_keras_network(package: ModelPackage) -> Any:
    """Open a package's Keras network in Keras's safe mode.

    Raises:
        ModelError: If it was imported and nobody vouched for it, was changed, or cannot be read.
    """
    refuse_untrusted(package.folder)
    path: Path = package.keras_path
    if package.info.digests.get(KERAS_FILE) != file_digest(path):
        raise ModelError(f"'{path}' was changed or damaged after the export. Train or download the model again.")
    check_keras_file(path)
    return load_keras(path)


def pack_crop(crop: npt.NDArray[np.uint8]) -> str:
    """Return a crop, (size, size, channels) uint8, as a text that fits into a job's arguments."""
    stored = cv2.imencode(".png", crop[..., ::-1])[1]
    return base64.b64encode(stored.tobytes()).decode()


def unpack_crop(text: str, channels: int) -> npt.NDArray[np.uint8]:
    """Return the crop of `pack_crop`."""
    way = cv2.IMREAD_GRAYSCALE if channels == 1 else cv2.IMREAD_COLOR
    read = np.asarray(cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), way), np.uint8)
    return read[..., np.newaxis] if channels == 1 else np.ascontiguousarray(read[..., ::-1])


def _logits(network: Any) -> Any:
    """Return what goes into the last softmax: behind it, the gradients of a network that is sure are 0."""
    last = network.layers[-1]
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    if last.__class__.__name__ == "Softmax" or (activation == "softmax" and not last.get_weights()):
        return last.input
    if activation != "softmax":
        return network.output
    plain = last.__class__.from_config({**last.get_config(), "activation": "linear", "name": "logits"})
    logits = plain(last.input)
    plain.set_weights(last.get_weights())
    return logits


def _last_feature_layer(network: Any) -> str:
    names = [layer.name for layer in network.layers if len(getattr(layer.output, "shape", ())) == 4]
    if _FEATURES in names:
        return _FEATURES
    if len(names) < 2:  # the input alone
        raise ModelError("The network has no feature map with a height and a width; there is nothing to draw.")
    return str(names[-1])
