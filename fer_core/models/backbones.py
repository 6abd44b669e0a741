"""The convolutional parts of the networks that are trained from scratch.

Each function takes pictures (n, size, size, channels), 0-255, as a Keras tensor and returns the last feature map
(n, h, w, c). Scaling is inside, and no weight depends on height or width.
"""

from collections.abc import Callable
from typing import Any

# Keras' 0.99 averages over some hundred steps: on a small dataset, with ten steps an epoch, validation would then
# judge the network of many epochs ago.
BATCH_NORM_MOMENTUM = 0.9

_EXCITE_RATIO = 16  # Hu et al., "Squeeze-and-Excitation Networks" (2018), section 6.4


def plain_stages(widths: tuple[tuple[int, ...], ...]) -> Callable[[Any], Any]:
    """3x3 convolutions, halving the picture between the stages (after Simonyan & Zisserman 2014, with batch norm)."""

    def build(pictures: Any) -> Any:
        from keras import layers

        x = _scaled(pictures)
        for stage, channels in enumerate(widths):
            if stage:
                x = layers.MaxPooling2D(2)(x)
            for width in channels:
                x = layers.ReLU()(_convolved(x, width))
        return x

    return build


def residual_stages(widths: tuple[int, ...]) -> Callable[[Any], Any]:
    """Two residual blocks a stage with squeeze-and-excitation, halving the picture between the stages.

    ResNet18 (He et al. 2016) as it is used on small pictures: a 3x3 stem at full size instead of 7x7 and pooling.
    """

    def build(pictures: Any) -> Any:
        from keras import layers

        x = layers.ReLU()(_convolved(_scaled(pictures), widths[0]))
        for stage, width in enumerate(widths):
            x = _residual_block(x, width, strides=2 if stage else 1)
            x = _residual_block(x, width, strides=1)
        return x

    return build


def mini_xception(pictures: Any) -> Any:
    """Residual depthwise-separable convolutions (Arriaga, Valdenegro-Toro & Plöger 2017, figure 4).

    The paper ends in one convolution a class; here a dense layer does that after the pooling, as everywhere.
    """
    from keras import layers

    x = _scaled(pictures)
    for _ in range(2):
        x = layers.ReLU()(_convolved(x, 8))
    for width in (16, 32, 64, 128):
        shortcut = _convolved(x, width, kernel=1, strides=2)
        x = layers.ReLU()(_separably_convolved(x, width))
        x = _separably_convolved(x, width)
        x = layers.Add()([layers.MaxPooling2D(3, strides=2, padding="same")(x), shortcut])
    return x


def _scaled(pictures: Any) -> Any:
    from keras import layers

    return layers.Rescaling(1 / 127.5, offset=-1.0)(pictures)


def _convolved(x: Any, width: int, kernel: int = 3, strides: int = 1) -> Any:
    from keras import layers

    x = layers.Conv2D(
        width, kernel, strides=strides, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)  # fmt: skip
    return layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)


def _separably_convolved(x: Any, width: int) -> Any:
    from keras import layers

    x = layers.SeparableConv2D(width, 3, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)


def _residual_block(x: Any, width: int, strides: int) -> Any:
    from keras import layers

    shortcut = x
    if strides > 1 or x.shape[-1] != width:
        shortcut = _convolved(x, width, kernel=1, strides=strides)
    x = layers.ReLU()(_convolved(x, width, strides=strides))
    x = _excited(_convolved(x, width))
    return layers.ReLU()(layers.Add()([x, shortcut]))


def _excited(x: Any) -> Any:
    """Weigh the channels by what the whole picture shows (squeeze-and-excitation)."""
    from keras import layers

    width = x.shape[-1]
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)  # (n, 1, 1, c)
    weights = layers.Dense(width // _EXCITE_RATIO, activation="relu")(weights)
    weights = layers.Dense(width, activation="sigmoid")(weights)
    return layers.Multiply()([x, weights])
