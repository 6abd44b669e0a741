"""What a training minimises, picture by picture: cross-entropy, focal loss, distillation, class weights.

Labels and probabilities come in as (n, classes), values for each picture go out as (n,). Written in `keras.ops`, so
that every backend can run it; `training_model` puts the parts together.
"""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

FOCUSING = 2.0  # gamma of Lin et al. 2017, their best
# Far below Keras' 1e-7, under which a confidently wrong picture has no gradient left; float32 still divides by it.
_SMALLEST_PROBABILITY = 1e-30


class MeanLoss(keras.losses.Loss):  # type: ignore[misc]
    """The mean of values that are already computed; Keras scales it where several devices share a batch."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the values as they are; there is no truth to compare them with."""
        return y_pred


def class_weights(class_counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Return a weight for each class by the inverse of its share, 1 on average over the pictures.

    The formula is the `balanced` one of scikit-learn (King & Zeng 2001): n / (classes * pictures of the class).

    Args:
        class_counts: (classes,) pictures of each class; a class without any gets weight 0 and does not count.
    """
    counts = np.asarray(class_counts, np.float64)
    expected = counts.sum() / max(np.count_nonzero(counts), 1)
    weights = np.zeros(len(counts), np.float32)
    weights[counts > 0] = expected / counts[counts > 0]
    return weights


def blend_with_reversed(values: Any, share: Any) -> Any:
    """Blend every row of a batch with the one at the same place from the end (mixup, Zhang et al. 2018).

    Args:
        values: (n, …) pictures or one-hot labels.
        share: How much of each row stays itself, 0-1.
    """
    return share * values + (1.0 - share) * ops.flip(values, axis=0)


def smooth_labels(labels: Any, share: float) -> Any:
    """Spread a share of the target probability over all classes (Szegedy et al. 2016).

    Args:
        labels: (n, classes), rows that add up to 1.
        share: 0-1.
    """
    return labels * (1.0 - share) + share / labels.shape[-1]


def cross_entropy(labels: Any, probabilities: Any, *, focusing: float = 0.0) -> Any:
    """Return (n,) cross-entropies in nats, or focal losses.

    Args:
        labels: (n, classes), rows that add up to 1.
        probabilities: (n, classes), rows that add up to 1.
        focusing: Exponent by which what is already right counts less (Lin et al. 2017); 0 is plain cross-entropy.
    """
    terms = labels * log_probabilities(probabilities)
    if focusing:
        terms = terms * ops.power(1.0 - probabilities, focusing)
    return -ops.sum(terms, axis=-1)


def distillation_loss(teacher: Any, student: Any, temperature: float) -> Any:
    """Return (n,) T^2 KL(teacher || student) of the softened probabilities (Hinton et al. 2015).

    Args:
        teacher: (n, classes) probabilities.
        student: (n, classes) probabilities.
        temperature: T, at least 1; the factor T^2 keeps the gradients' size whatever T is.
    """
    wanted, given = (ops.log_softmax(log_probabilities(p) / temperature, axis=-1) for p in (teacher, student))
    return temperature**2 * ops.sum(ops.exp(wanted) * (wanted - given), axis=-1)


def log_probabilities(probabilities: Any) -> Any:
    """Return logarithms that stay finite where a probability is 0."""
    return ops.log(ops.maximum(probabilities, _SMALLEST_PROBABILITY))
