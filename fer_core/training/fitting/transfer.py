"""Beginning with what another training learned: ImageNet's photos, or the faces of an earlier model.

A `TrainConfig` and a freshly built network come in; the network with learned weights goes out, and layers that learn
or keep still, phase by phase. Runs in a job's process: what is called here loads Keras.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.errors import TrainingError
from fer_core.models.architectures import ARCHITECTURES, find_architecture
from fer_core.models.catalog import find_model
from fer_core.models.package import ModelPackage
from fer_core.models.pretrained import BACKBONES, fetch_weights, fix_batch_norm
from fer_core.training.config import TrainConfig

logger = logging.getLogger(__name__)

CLASSIFIER = "probabilities"  # the layer that is made for its classes


def fetch_starting_weights(config: TrainConfig, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Bring the ImageNet weights that a training begins with to this computer, if it needs any.

    Args:
        config: The training.
        on_progress: Called with (bytes done, bytes in all); it may raise to stop.

    Raises:
        TrainingError: If they cannot be had.
    """
    if find_architecture(config.architecture).is_pretrained and not config.from_model:
        backbone = BACKBONES[config.architecture]
        fetch_weights(backbone.weights, backbone.application, on_progress=on_progress)


def load_starting_weights(config: TrainConfig, network: Any, class_names: Sequence[str] = ()) -> None:
    """Give a network all weights of `config.from_model`; the classifier's only where it has the same classes.

    Without `from_model` the network is left as it is: ImageNet's weights come with its building.

    Args:
        config: The training.
        network: A `keras.Model` of `build_network`.
        class_names: Classes of the network in the order of its outputs; without them the classifier is left alone.

    Raises:
        TrainingError: If that model does not fit the network.
        ModelError: If there is no such model, or it is damaged.
    """
    if not config.from_model:
        return
    package = find_model(config.from_model)
    _check_fit(package, config, network)
    learned = _load_network(package)
    given = _body_weights(learned)
    taken = _body_weights(network)
    if [weight.shape for weight in given] != [weight.shape for weight in taken]:
        raise TrainingError(
            f"The model {package.name!r} was built by another version of the architecture {config.architecture!r}, so "
            "its weights do not fit. Choose another model to begin with, or train from scratch."
        )
    for mine, weight in zip(taken, given, strict=True):
        mine.assign(weight.numpy())
    if sorted(class_names) == sorted(package.info.class_names):
        _carry_classifier(learned, network, package.info.class_names, class_names)
    logger.info("Begins with the weights of %r.", package.name)


def freeze_backbone(network: Any, frozen: bool) -> None:
    """Let only the classifier learn, or every layer; to be called before the model is compiled.

    A frozen batch norm also keeps its statistics. Those of an ImageNet backbone stay frozen in any case. Those of an
    earlier face model learn on with the rest: with 20 pictures a class that made no difference (drawn faces 98.5 %
    against 99.0 % with frozen ones, five classes of FER2013 62.0 % against 61.8 %), and more pictures have more to say.

    Args:
        network: A `keras.Model` of `build_network`.
        frozen: Whether all layers but the classifier keep still.
    """
    for layer in network.layers:
        layer.trainable = not frozen or layer.name == CLASSIFIER
    architecture = ARCHITECTURES.get(network.name)
    if architecture is not None and architecture.is_pretrained:
        fix_batch_norm(network)


def _check_fit(package: ModelPackage, config: TrainConfig, network: Any) -> None:
    info = package.info
    if info.architecture != config.architecture:
        raise TrainingError(
            f"The model {package.name!r} is of the architecture {info.architecture!r} and cannot begin a training of "
            f"{config.architecture!r}. Choose the architecture {info.architecture!r}, or another model to begin with."
        )
    channels = network.input_shape[-1]
    if info.channels != channels:
        raise TrainingError(
            f"The model {package.name!r} reads {_COLORS[info.channels]} pictures, and the dataset has "
            f"{_COLORS[channels]} ones. Add the dataset again with `--channels {info.channels}`, or choose another "
            "model to begin with."
        )


_COLORS = {1: "grey", 3: "colour"}


def _load_network(package: ModelPackage) -> Any:
    import keras

    try:
        return keras.saving.load_model(package.keras_path, compile=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TrainingError(
            f"The network of the model {package.name!r} cannot be opened ({error}). Choose another model to begin with."
        ) from error


def _body_weights(network: Any) -> list[Any]:
    return [weight for layer in network.layers if layer.name != CLASSIFIER for weight in layer.weights]


def _carry_classifier(learned: Any, network: Any, old: Sequence[str], new: Sequence[str]) -> None:
    kernel, bias = learned.get_layer(CLASSIFIER).get_weights()  # (c, classes), (classes,)
    order: npt.NDArray[np.int64] = np.array([list(old).index(name) for name in new])
    network.get_layer(CLASSIFIER).set_weights([kernel[:, order], bias[order]])
