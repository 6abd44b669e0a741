"""Networks of `keras.applications` as backbones, and the weights they learned on ImageNet.

Pictures (n, size, size, channels), 0-255, are enlarged, made RGB and scaled as the backbone was trained to see them,
all of it inside the network. The weights are fetched once, by Keras' own loader and under its hash.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fer_core.errors import TrainingError
from fer_core.settings import load_settings

logger = logging.getLogger(__name__)

OnProgress = Callable[[int, int], None]

_STORE = "https://storage.googleapis.com/tensorflow/keras-applications"
_LOOK = 0.25  # seconds between two looks at a download
_LONGEST_SILENCE = 60.0  # seconds without a byte after which a download is given up
# "caffe" preprocessing of `keras.applications.imagenet_utils`: the mean of ImageNet, in the order RGB.
_IMAGENET_MEAN = (123.68, 116.779, 103.939)


@dataclass(frozen=True)
class WeightsFile:
    """A file of ImageNet weights.

    Args:
        url: Where Keras keeps it.
        md5: What Keras expects of it.
        num_bytes: About its size, for the progress.
    """

    url: str
    md5: str
    num_bytes: int

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Backbone:
    """A network of `keras.applications`.

    Args:
        application: Its name there.
        size: Side in pixels to which pictures are enlarged.
        weights: What it learned on ImageNet.
        first_layer: Name of its first convolution where that reads BGR minus the mean of ImageNet; "" where the
            application brings its own preprocessing of RGB.
    """

    application: str
    size: int
    weights: WeightsFile
    first_layer: str = ""


# URLs and hashes as in Keras 3 (`keras.src.applications`); a test compares. 112 pixels are half of what the networks
# saw on ImageNet and leave 4x4 places for 48-pixel faces; VGG16 takes 96, being the slowest by far.
BACKBONES: dict[str, Backbone] = {
    "resnet50": Backbone(
        "ResNet50",
        112,
        WeightsFile(
            f"{_STORE}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "4d473c1dd8becc155b73f8504c6f6626",
            94_765_736,
        ),
        first_layer="conv1_conv",
    ),
    "vgg16": Backbone(
        "VGG16",
        96,
        WeightsFile(
            f"{_STORE}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            "6d6bbae143d832006294945121d1f1fc",
            58_889_256,
        ),
        first_layer="block1_conv1",
    ),
    "efficientnetv2b0": Backbone(
        "EfficientNetV2B0",
        112,
        WeightsFile(
            f"{_STORE}/efficientnet_v2/efficientnetv2-b0_notop.h5", "893217f2bb855e2983157299931e43ff", 24_274_472
        ),
    ),
    "mobilenetv3": Backbone(
        "MobileNetV3Large",
        112,
        WeightsFile(
            f"{_STORE}/mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            "07fb09a5933dd0c8eaafa16978110389",
            12_683_000,
        ),
    ),
}


def pretrained_features(name: str) -> Callable[[Any], Any]:
    """Return the function that builds a backbone of `BACKBONES`, untrained, on pictures."""

    def build(pictures: Any) -> Any:
        from keras import layers

        backbone = BACKBONES[name]
        x = layers.Resizing(backbone.size, backbone.size)(pictures)
        if pictures.shape[-1] == 1:
            x = layers.Concatenate()([x, x, x])
        if backbone.first_layer:
            x = layers.Rescaling(1.0, offset=[-mean for mean in _IMAGENET_MEAN])(x)
        application = _build_application(backbone, input_tensor=x)
        fix_batch_norm(application)
        return application.output

    return build


def fix_batch_norm(network: Any) -> None:
    """Keep batch norm in inference mode, statistics and scale as learned on ImageNet, however the rest is trained.

    A few hundred faces say less about the statistics than a million pictures did. Keras runs a layer that is not
    trainable in inference mode; `training=False` in a functional network would be overridden.
    """
    from keras import layers

    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False


def load_imagenet_weights(network: Any, name: str, on_progress: OnProgress | None = None) -> None:
    """Give the backbone of a network what it learned on ImageNet.

    Args:
        network: A `keras.Model` built with `pretrained_features(name)`.
        name: A key of `BACKBONES`.
        on_progress: As of `fetch_weights`.

    Raises:
        TrainingError: If the weights cannot be fetched.
    """
    backbone = BACKBONES[name]
    path = fetch_weights(backbone.weights, backbone.application, on_progress=on_progress)
    learned = _build_application(backbone, weights=str(path))
    for layer in learned.layers:
        weights = layer.get_weights()
        if not weights:
            continue
        if layer.name == backbone.first_layer:
            weights[0] = weights[0][:, :, ::-1, :]  # from BGR to RGB
        network.get_layer(layer.name).set_weights(weights)


def fetch_weights(
    file: WeightsFile,
    title: str,
    *,
    folder: Path | None = None,
    on_progress: OnProgress | None = None,
    longest_silence: float = _LONGEST_SILENCE,
) -> Path:
    """Return a file of weights, downloaded by Keras and checked by its hash; one that is here already is kept.

    Args:
        file: Which.
        title: Whose weights these are, for the error.
        folder: Where they are kept; below FER_HOME when None.
        on_progress: Called with (bytes done, bytes in all) while it comes; it may raise to stop.
        longest_silence: Seconds without a byte after which it is given up.

    Raises:
        TrainingError: If it cannot be had.
    """
    folder = load_settings().weights_folder if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file.name
    download = _Download(file, folder)
    download.start()
    try:
        download.watch(path, on_progress, longest_silence)
    except _FetchError as error:
        path.unlink(missing_ok=True)
        raise TrainingError(
            f"The ImageNet weights of {title} could not be loaded from {urlsplit(file.url).hostname} ({error}). "
            f"Connect this computer to the network and start again, put the file {file.url} into '{folder}', or choose "
            "an architecture that learns from scratch."
        ) from error
    return path


class _FetchError(Exception):
    """What went wrong, in a few words."""


class _Download(threading.Thread):
    """`keras.utils.get_file` in a thread, as it tells nobody how far it is and waits for a server forever."""

    def __init__(self, file: WeightsFile, folder: Path) -> None:
        super().__init__(name=f"download {file.name}", daemon=True)
        self._file = file
        self._folder = folder
        self._error: Exception | None = None

    def run(self) -> None:
        import keras

        keras.utils.disable_interactive_logging()  # of this thread; the bar would go to the standard output
        try:
            keras.utils.get_file(
                self._file.name,
                self._file.url,
                file_hash=self._file.md5,
                cache_dir=str(self._folder),
                cache_subdir="",
            )
        except Exception as error:  # Keras raises it as just that
            self._error = error

    def watch(self, path: Path, on_progress: OnProgress | None, longest_silence: float) -> None:
        """Report the progress until the end.

        Raises:
            _FetchError: If it failed or came to a standstill.
        """
        size, looks_without_news = 0, 0
        while self.is_alive():
            self.join(_LOOK)
            now = path.stat().st_size if path.exists() else 0
            looks_without_news = 0 if now != size else looks_without_news + 1
            size = now
            if on_progress is not None:
                on_progress(min(size, self._file.num_bytes), self._file.num_bytes)
            if looks_without_news * _LOOK > longest_silence:
                raise _FetchError(f"nothing came for {longest_silence:g} seconds")
        if self._error is not None:
            raise _FetchError(_in_words(self._error)) from self._error


def _in_words(error: Exception) -> str:
    if isinstance(error, ValueError):
        return "what came is damaged or another file"
    return str(error).partition("--")[2].strip() or str(error)


def _build_application(backbone: Backbone, *, input_tensor: Any = None, weights: str | None = None) -> Any:
    import keras

    build = getattr(keras.applications, backbone.application)
    return build(include_top=False, weights=weights, input_tensor=input_tensor)
