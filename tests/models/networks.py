"""A small network with the layers that an export needs, and what a package says about it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.labels import EXPRESSIONS
from fer_core.models.info import ModelInfo


def build_tiny_network(num_classes: int = 7, input_size: int = 48, channels: int = 1) -> Any:
    """Two convolutions, untrained."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    inputs = keras.Input((input_size, input_size, channels))
    x = layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    for width in (8, 16):
        x = layers.Conv2D(width, 3, strides=2, use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    features = layers.Activation("linear", name="features")(x)
    dropped = layers.Dropout(0.1)(layers.GlobalAveragePooling2D(name="embedding")(features))
    head = layers.Dense(num_classes, activation="softmax", dtype="float32", name="probabilities")
    network = keras.Model(inputs, head(dropped))
    spread_answers(network)
    return network


def spread_answers(network: Any) -> None:
    """Set the last layer so that different pictures get different answers, as a trained network's do."""
    import keras

    embedder = keras.Model(network.input, network.get_layer("embedding").output)
    faces = make_faces(64, size=network.input_shape[1], channels=network.input_shape[3])
    embedding = np.asarray(embedder.predict_on_batch(faces.astype(np.float32)), np.float32)
    kernel = np.random.default_rng(0).normal(size=(embedding.shape[1], network.output_shape[1]))
    logits = embedding @ kernel
    scale = 1.5 / logits.std(axis=0)
    network.get_layer("probabilities").set_weights([kernel * scale, -logits.mean(axis=0) * scale])


def make_info(network: Any = None, **changes: Any) -> ModelInfo:
    """What a package says about a tiny network, with some things said differently."""
    values: dict[str, Any] = {
        "name": "tiny",
        "architecture": "tiny",
        "class_names": EXPRESSIONS,
        "input_size": 48,
        "channels": 1,
        "temperature": {"one": 1.0, "all": 1.0},
        "unsure_threshold": {"one": 0.3, "all": 0.3},
        "training_data": {"dataset": "noise", "fingerprint": "0" * 64, "num_images": 70},
        "metrics": {"validation": {"num_images": 14, "accuracy": 0.5, "macro_f1": 0.45}},
        "licence": "CC0-1.0",
        "num_parameters": network.count_params() if network is not None else 1,
    }
    return ModelInfo(**(values | changes))


def make_faces(num_faces: int, *, size: int = 48, channels: int = 1, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Pictures with coarse and fine structure: (n, size, size, channels) uint8."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 200, (num_faces, 6, 6, channels))[:, np.arange(size) * 6 // size]
    fine = random.integers(0, 56, (num_faces, size, size, channels))
    return (coarse[:, :, np.arange(size) * 6 // size] + fine).astype(np.uint8)
