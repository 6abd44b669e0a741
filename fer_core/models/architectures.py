"""The networks that can be trained, in one table.

A name and the sizes come in, a Keras network goes out. Input: (n, size, size, channels), 0-255; the scaling, and the
enlarging where a network was made for larger pictures, is inside. Every network ends in the layers `features`
(n, h, w, c), `embedding` (n, c) by global average pooling, and `probabilities` (n, classes); none has a weight that
depends on the input's height or width.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fer_core.errors import ModelError
from fer_core.models.backbones import mini_xception, plain_stages, residual_stages
from fer_core.models.pretrained import load_imagenet_weights, pretrained_features


@dataclass(frozen=True)
class Architecture:
    """A network that can be built.

    Args:
        name: Its key in `ARCHITECTURES`.
        title: Its name on screen.
        description: One sentence on what it is good for.
        source: The paper it follows.
        build_features: From pictures (n, h, w, channels), 0-255, to the last feature map (n, h, w, c).
        num_parameters: Weights of the network for seven classes and grey pictures.
        num_macs: Multiply-accumulate operations for one grey picture of 48 pixels.
        is_pretrained: Whether a training begins with weights learned on ImageNet.
    """

    name: str
    title: str
    description: str
    source: str
    build_features: Callable[[Any], Any]
    num_parameters: int
    num_macs: int
    is_pretrained: bool = False


# fmt: off
ARCHITECTURES: dict[str, Architecture] = {
    "compact": Architecture(
        "compact", "Compact CNN", "Seven convolutions: the best accuracy for its time on a laptop.",
        "after Simonyan & Zisserman 2014",
        plain_stages(((24,), (64, 64), (128, 128), (256, 256))), 1_162_303, 93_396_736,
    ),
    "small": Architecture(
        "small", "Small CNN", "The compact CNN at half the width, for a first look or a weak computer.",
        "after Simonyan & Zisserman 2014",
        plain_stages(((16,), (32, 32), (64, 64), (128, 128))), 293_207, 24_220_544,
    ),
    "mini_xception": Architecture(
        "mini_xception", "mini-Xception", "Very few weights; slower on a processor than its arithmetic suggests.",
        "Arriaga et al. 2017", mini_xception, 51_255, 6_260_864,
    ),
    "vgg": Architecture(
        "vgg", "VGG for small faces", "Ten wide convolutions: more accurate than the compact CNN; better with a GPU.",
        "Simonyan & Zisserman 2014",
        plain_stages(((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))), 7_645_767, 638_340_608,
    ),
    "resnet": Architecture(
        "resnet", "ResNet for small faces", "ResNet18 at full size with squeeze-and-excitation: needs a GPU.",
        "He et al. 2016, Hu et al. 2018", residual_stages((64, 128, 256, 512)), 11_269_951, 1_247_126_016,
    ),
    "resnet50": Architecture(
        "resnet50", "ResNet50, ImageNet", "Begins with what it learned on a million photos; needs a GPU.",
        "He et al. 2016", pretrained_features("resnet50"), 23_602_055, 1_020_028_928, is_pretrained=True,
    ),
    "vgg16": Architecture(
        "vgg16", "VGG16, ImageNet", "Begins with what it learned on a million photos; the most arithmetic of all.",
        "Simonyan & Zisserman 2014", pretrained_features("vgg16"), 14_718_279, 2_818_772_480, is_pretrained=True,
    ),
    "efficientnetv2b0": Architecture(
        "efficientnetv2b0", "EfficientNetV2-B0, ImageNet", "The most accurate on ImageNet for its arithmetic.",
        "Tan & Le 2021", pretrained_features("efficientnetv2b0"), 5_928_279, 193_296_512, is_pretrained=True,
    ),
    "mobilenetv3": Architecture(
        "mobilenetv3", "MobileNetV3, ImageNet", "The lightest that has learned on ImageNet.",
        "Howard et al. 2019", pretrained_features("mobilenetv3"), 3_003_079, 58_183_560, is_pretrained=True,
    ),
}
# fmt: on


def find_architecture(name: str) -> Architecture:
    """Return an architecture by its name.

    Raises:
        ModelError: If there is none of this name.
    """
    if name not in ARCHITECTURES:
        raise ModelError(f"There is no architecture {name!r}. Known: {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]


def build_network(
    architecture: str,
    *,
    num_classes: int,
    input_size: int | None,
    channels: int,
    dropout: float = 0.3,
    pretrained: bool = False,
) -> Any:
    """Build a network.

    Args:
        architecture: A key of `ARCHITECTURES`.
        num_classes: Number of classes, at least 2.
        input_size: Height and width of the input in pixels; None leaves them open, for training on crops.
        channels: 1 (grey) or 3 (RGB).
        dropout: Share of the embedding that is dropped while training.
        pretrained: Begin with the weights learned on ImageNet, where the architecture has such; without, untrained.

    Returns:
        A `keras.Model` under the current precision policy; its output is float32 in any case.

    Raises:
        ModelError: If the architecture is unknown.
        TrainingError: If the ImageNet weights cannot be loaded.
    """
    chosen = find_architecture(architecture)
    import keras
    from keras import layers

    inputs = keras.Input((input_size, input_size, channels), name="faces")
    features = layers.Activation("linear", name="features")(chosen.build_features(inputs))
    embedding = layers.GlobalAveragePooling2D(name="embedding")(features)
    dropped = layers.Dropout(dropout)(embedding)
    outputs = layers.Dense(num_classes, activation="softmax", dtype="float32", name="probabilities")(dropped)
    network = keras.Model(inputs, outputs, name=architecture)
    if pretrained and chosen.is_pretrained:
        load_imagenet_weights(network, architecture)
    return network
