"""The network as it is trained: augmentation before it, and a loss with everything the settings ask for behind it.

Batches of uint8 pictures and one-hot labels come in, a teacher's opinions beside the labels where it gave them once.
Plain `fit` works on every Keras backend, as only `call`, `compute_loss` and `compute_metrics` are overridden.
None of it becomes part of a model package.
"""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from fer_core.training.augmentation.layer import Augmentation, Mixup
from fer_core.training.augmentation.levels import find_augmentation
from fer_core.training.config import TrainConfig
from fer_core.training.fitting.losses import (
    FOCUSING,
    MeanLoss,
    blend_with_reversed,
    class_weights,
    cross_entropy,
    distillation_loss,
    smooth_labels,
)


def build_training_model(
    config: TrainConfig,
    network: keras.Model,
    image_shape: tuple[int, ...],
    *,
    class_counts: npt.NDArray[np.int64],
    teacher: keras.Model | None = None,
) -> keras.Model:
    """Return a model that trains a network as the settings say.

    `compile` it with an optimizer and `metrics=["accuracy"]`, without a loss. With mixup, the training accuracy is
    the share of pictures whose heavier half is recognised; validation sees whole pictures.

    Args:
        config: The settings.
        network: From (n, s, s, channels) 0-255 to (n, classes) probabilities, for any side s.
        image_shape: (size, size, channels) of the training pictures.
        class_counts: (classes,) training pictures of each class.
        teacher: Takes and gives what the network does; frozen here. It sees the same augmented pictures.
    """
    model = _TrainingModel(config, network, image_shape, class_weights(class_counts), teacher)
    model(np.zeros((1, *image_shape), np.uint8))
    return model


def make_augmentation(config: TrainConfig, size: int) -> Augmentation:
    """Return the augmentation that the settings ask for, for pictures of a side of `size` pixels."""
    smallest, largest = (round(share * size) for share in (config.crop_low, config.crop_high))
    return Augmentation(find_augmentation(config.augmentation), crop_sizes=(smallest, largest), seed=config.seed)


class _TrainingModel(keras.Model):  # type: ignore[misc]
    def __init__(
        self,
        config: TrainConfig,
        network: keras.Model,
        image_shape: tuple[int, ...],
        weights: npt.NDArray[np.float32],
        teacher: keras.Model | None,
    ) -> None:
        super().__init__(name="training")
        self.config = config
        self.augmentation = make_augmentation(config, image_shape[0])
        self.mixup = Mixup(config.mixup, seed=config.seed + 1) if config.mixup else None
        self.network = network
        self.teacher = teacher
        if teacher is not None:
            teacher.trainable = False
        self.weights_of_classes = weights
        self.mean_loss = MeanLoss()

    def call(self, images: Any, training: bool | None = False) -> Any:
        """Return probabilities, and while training also what the loss needs to know about this batch."""
        faces = self.augmentation(images, training=training)
        if not training:
            return self.network(faces, training=False)
        told = {}
        if self.mixup is not None:
            faces, told["own_share"] = self.mixup(faces)
        if self.teacher is not None:
            told["teacher"] = ops.stop_gradient(self.teacher(faces, training=False))
        return {"probabilities": self.network(faces, training=True), **told}

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the mean loss; without mixup and teacher on validation, where they have no say."""
        told = dict(y_pred) if isinstance(y_pred, dict) else {"probabilities": y_pred}
        if "own_share" in told:
            y = blend_with_reversed(y, told["own_share"])
        labels, opinions = self._labels_and_opinions(y)
        if opinions is not None:
            told["teacher"] = opinions
        losses = self._label_losses(labels, told["probabilities"])
        if "teacher" in told:
            share, temperature = self.config.teacher_share, self.config.teacher_temperature
            opinion = distillation_loss(told["teacher"], told["probabilities"], temperature)
            losses = share * opinion + (1.0 - share) * losses
        return self.mean_loss(losses, losses, sample_weight)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Compare the probabilities with the pictures' own labels."""
        probabilities = y_pred["probabilities"] if isinstance(y_pred, dict) else y_pred
        return dict(super().compute_metrics(x, self._labels_and_opinions(y)[0], probabilities, sample_weight))

    def _labels_and_opinions(self, y: Any) -> tuple[Any, Any | None]:
        num_classes = len(self.weights_of_classes)
        return y[:, :num_classes], y[:, num_classes:] if y.shape[-1] > num_classes else None

    def _label_losses(self, labels: Any, probabilities: Any) -> Any:
        focusing = FOCUSING if self.config.loss == "focal" else 0.0
        smoothed = smooth_labels(labels, self.config.label_smoothing)
        losses = cross_entropy(smoothed, probabilities, focusing=focusing)
        if self.config.class_weights:
            losses = losses * ops.sum(labels * self.weights_of_classes, axis=-1)
        return losses
