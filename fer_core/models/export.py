"""From a trained Keras network to a model package on disk; needs TensorFlow, so it runs in a job only.

The network comes in as it was trained, in whatever precision; `model.keras` (float32) and `model.tflite` (int8
weights) go out beside `model.json` and the model card. A package appears whole or not at all.
"""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from fer_core.errors import ModelError
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.conversion import convert_to_litert
from fer_core.models.info import ModelInfo
from fer_core.models.package import KERAS_FILE, LITERT_FILE, ModelPackage, file_digest, read_package, write_info

# int8 weights moved a probability of a trained network by 0.002 on average and by 0.055 at most (mini-Xception on
# 7,178 faces). This only catches a broken conversion, as a network stopped early may be far more sensitive.
_MAX_MEAN_DIFFERENCE = 0.1


def export_package(network: Any, folder: str | Path, info: ModelInfo) -> ModelPackage:
    """Write a trained network as a model package.

    Args:
        network: A functional `keras.Model` with the layers `features` (n, h, w, c), `embedding` (n, c) and
            `probabilities` (n, classes) of `architectures.py`; it is left as it is.
        folder: Where the package shall be; a package that is there is replaced once the new one is whole.
        info: What `model.json` shall say; the digests are filled in here.

    Raises:
        ModelError: If the converted network does not agree with the original, or the package cannot be written.
    """
    _check_fit(network, info)
    folder = Path(folder).absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{folder.name}.{uuid4().hex}.tmp")
    unfinished.mkdir()
    try:
        plain = _rebuild_in_float32(network)
        plain.save(unfinished / KERAS_FILE)
        convert_to_litert(plain, unfinished / LITERT_FILE, "int8-weights")
        digests = {name: file_digest(unfinished / name) for name in (KERAS_FILE, LITERT_FILE)}
        write_info(replace(info, digests=digests), unfinished)
        _check_agreement(plain, load_classifier(read_package(unfinished)))
        _put_in_place(unfinished, folder)
    except OSError as error:
        raise ModelError(
            f"The model cannot be written to '{folder}' ({error.strerror or error}). What was there before is kept. "
            "Make room on that disk, then try again; a training run is resumed."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return read_package(folder)


def _check_fit(network: Any, info: ModelInfo) -> None:
    expected = (None, info.input_size, info.input_size, info.channels)
    if tuple(network.input_shape) != expected:
        raise ValueError(f"the network's input is {tuple(network.input_shape)}, and info says {expected}")
    if tuple(network.output_shape) != (None, len(info.class_names)):
        raise ValueError(
            f"the network's output is {network.output_shape}, and info has {len(info.class_names)} classes"
        )


def _rebuild_in_float32(network: Any) -> Any:
    """Return an uncompiled float32 copy.

    A network of mixed precision converts without complaint and then fails where TensorFlow is not at hand; one that
    is compiled carries its optimizer into the file.
    """
    import keras

    def in_float32(layer: Any) -> Any:
        if not isinstance(layer, keras.layers.Layer):  # a plain operation, such as the sum of two tensors
            return layer.__class__.from_config(layer.get_config())
        return layer.__class__.from_config({**layer.get_config(), "dtype": "float32"})

    copy = keras.models.clone_model(network, clone_function=in_float32)
    copy.set_weights(network.get_weights())
    return copy


def export_float32(package: ModelPackage, path: Path) -> None:
    """Write a package's Keras network as a LiteRT file of full precision, four times the size of the shipped one."""
    import keras

    convert_to_litert(keras.saving.load_model(package.keras_path, compile=False), path, "float32")


def _check_agreement(network: Any, classifier: Classifier) -> None:
    faces = _smooth_noise(classifier.info.input_size, classifier.info.channels)
    expected = np.asarray(network.predict_on_batch(faces.astype(np.float32)))
    received = classifier.predict_uncalibrated(faces)
    difference = float(np.abs(received - expected).mean())
    if not difference <= _MAX_MEAN_DIFFERENCE:  # NaN is a failure too
        raise ModelError(
            f"The converted network's probabilities are off by {difference:.3f} on average; expected at most "
            f"{_MAX_MEAN_DIFFERENCE}. The training may have diverged: lower the learning rate and train again."
        )


def _smooth_noise(size: int, channels: int, num_images: int = 16) -> npt.NDArray[np.uint8]:
    """Return (n, size, size, channels) patches of grey, coarse to fine; faces have coarse structure too."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (num_images, 8, 8, channels), dtype=np.uint8)
    places = np.arange(size) * 8 // size
    return coarse[:, places][:, :, places]


def _put_in_place(unfinished: Path, folder: Path) -> None:
    """Rename the finished folder; an older package is moved aside first, as a folder cannot be replaced in one step."""
    if not folder.exists():
        os.replace(unfinished, folder)
        return
    aside = folder.with_name(f".{folder.name}.{uuid4().hex}.old")
    os.replace(folder, aside)
    try:
        os.replace(unfinished, folder)
    except OSError:
        os.replace(aside, folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)
