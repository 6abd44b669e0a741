"""The networks that can be trained, in one table.

A name and the sizes come in, an untrained Keras network goes out. Input: (n, size, size, channels), 0-255; the
scaling is inside. Every network ends in the layers `features` (n, h, w, c), `embedding` (n, c) by global average
pooling, and `probabilities` (n, classes); none has a weight that depends on the input's height or width.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fer_core.errors import ModelError

# Keras' 0.99 averages over some hundred steps: on a small dataset, with ten steps an epoch, validation would then
# judge the network of many epochs ago.
BATCH_NORM_MOMENTUM = 0.9


@dataclass(frozen=True)
class Architecture:
    """A network that can be built.

    Args:
        name: Its key in `ARCHITECTURES`.
        title: Its name on screen.
        description: One sentence on what it is good for.
        build_features: From the scaled input tensor to the last feature map.
    """

    name: str
    title: str
    description: str
    build_features: Callable[[Any], Any]


def _plain_stages(widths: tuple[tuple[int, ...], ...]) -> Callable[[Any], Any]:
    """3x3 convolutions with batch norm and ReLU, halving the picture between the stages (after VGG, 2014)."""

    def build(x: Any) -> Any:
        from keras import layers

        for stage, channels in enumerate(widths):
            if stage:
                x = layers.MaxPooling2D(2)(x)
            for width in channels:
                x = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
                x = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)
                x = layers.ReLU()(x)
        return x

    return build


ARCHITECTURES: dict[str, Architecture] = {
    "compact": Architecture(
        "compact",
        "Compact CNN",
        "Seven convolutions, 1.2 million parameters: the best accuracy for its time on a laptop.",
        _plain_stages(((24,), (64, 64), (128, 128), (256, 256))),
    ),
    "small": Architecture(
        "small",
        "Small CNN",
        "The same shape at half the width: about three times faster, for a first look or a weak computer.",
        _plain_stages(((16,), (32, 32), (64, 64), (128, 128))),
    ),
}


def find_architecture(name: str) -> Architecture:
    """Return an architecture by its name.

    Raises:
        ModelError: If there is none of this name.
    """
    if name not in ARCHITECTURES:
        raise ModelError(f"There is no architecture {name!r}. Known: {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]


def build_network(
    architecture: str, *, num_classes: int, input_size: int | None, channels: int, dropout: float = 0.3
) -> Any:
    """Build an untrained network.

    Args:
        architecture: A key of `ARCHITECTURES`.
        num_classes: Number of classes, at least 2.
        input_size: Height and width of the input in pixels; None leaves them open, for training on crops.
        channels: 1 (grey) or 3 (RGB).
        dropout: Share of the embedding that is dropped while training.

    Returns:
        A `keras.Model` under the current precision policy; its output is float32 in any case.

    Raises:
        ModelError: If the architecture is unknown.
    """
    chosen = find_architecture(architecture)
    import keras
    from keras import layers

    inputs = keras.Input((input_size, input_size, channels), name="faces")
    x = chosen.build_features(layers.Rescaling(1 / 127.5, offset=-1.0)(inputs))
    features = layers.Activation("linear", name="features")(x)
    embedding = layers.GlobalAveragePooling2D(name="embedding")(features)
    dropped = layers.Dropout(dropout)(embedding)
    outputs = layers.Dense(num_classes, activation="softmax", dtype="float32", name="probabilities")(dropped)
    return keras.Model(inputs, outputs, name=architecture)
