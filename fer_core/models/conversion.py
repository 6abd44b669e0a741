"""From a Keras network to files that other programs run: LiteRT in four precisions, and ONNX.

A float32 network with the layers `features`, `embedding` and `probabilities` comes in; a file with the outputs
`probabilities`, `embedding` and `class_maps` goes out. Needs TensorFlow, so it runs in a job or on the command line.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# What LiteRT keeps in fewer bits: nothing, weights, or the numbers between the layers too.
PRECISIONS = ("float32", "float16", "int8-weights", "int8")


def convert_to_litert(
    network: Any, path: Path, precision: str, *, representative: npt.NDArray[np.uint8] | None = None
) -> None:
    """Write a LiteRT network with one signature; its input and outputs are float32 in every precision.

    Args:
        network: The `keras.Model`.
        path: Where to write it.
        precision: One of `PRECISIONS`; `int8-weights` computes in int8 where it pays, `int8` everywhere.
        representative: (n, size, size, channels) uint8 faces like those that will be read, for `int8` only: the range
            of every number between two layers is taken from them.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}; known: {', '.join(PRECISIONS)}")
    if (representative is not None) != (precision == "int8"):
        raise ValueError("representative faces belong to the precision int8, and only to it")
    with _quiet_stderr():
        _with_class_maps(network).export(
            str(path), format="litert", verbose=False, **_converter_settings(precision, representative)
        )


def _converter_settings(precision: str, representative: npt.NDArray[np.uint8] | None) -> dict[str, Any]:
    """Return what `tf.lite.TFLiteConverter` is told; see "Post-training quantization", ai.google.dev/edge/litert."""
    import tensorflow as tf

    if precision == "float32":
        return {"optimizations": []}
    settings: dict[str, Any] = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if precision == "float16":
        settings["target_spec"] = {"supported_types": [tf.float16]}
    if representative is not None:
        settings["target_spec"] = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]}
        settings["representative_dataset"] = lambda: ([face[np.newaxis].astype(np.float32)] for face in representative)
    return settings


def convert_to_onnx(network: Any, path: Path) -> None:
    """Write an ONNX network by tf2onnx, whose names of inputs and outputs are those of the Keras network."""
    exported = _with_class_maps(network)
    exported(np.zeros((1, *network.input_shape[1:]), np.float32))  # Keras exports to ONNX only what was called before
    with _quiet_stderr(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras asks NumPy for a name that it has given up
        exported.export(str(path), format="onnx", verbose=False)


def _with_class_maps(network: Any) -> Any:
    """Return the network with its three outputs."""
    import keras

    kernel = network.get_layer("probabilities").get_weights()[0]  # (c, classes)
    to_maps = keras.layers.Dense(kernel.shape[1], use_bias=False, dtype="float32", name="class_maps")
    class_maps = to_maps(network.get_layer("features").output)  # (n, h, w, classes)
    to_maps.set_weights([kernel])
    outputs = {
        "probabilities": network.output,
        "embedding": network.get_layer("embedding").output,
        "class_maps": class_maps,
    }
    return keras.Model(network.input, outputs)


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep the converter's messages, which C++ code writes past `sys.stderr`, out of the training log."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
