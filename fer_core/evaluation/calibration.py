"""What a probability is worth: a temperature that makes confidences honest, and a threshold for "unsure".

Probabilities on validation data come in, one number goes out. Neither number may be fitted on the test split.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from fer_core.evaluation.validators import validate_predictions, validate_probabilities

# A network outside these bounds is no matter of calibration any more.
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0

# How strongly a temperature of 1 is believed in before any picture was seen: as a gamma distribution of 1 / T with
# its peak at 1 and a spread of about a half. Among thousands of pictures it changes the third digit.
PRIOR_WEIGHT = 4.0

# float32 probabilities underflow to 0; this is far below anything a network means.
_SMALLEST_PROBABILITY = 1e-12

_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


def fit_temperature(y_true: npt.ArrayLike, y_prob: npt.ArrayLike) -> float:
    """Find the temperature under which the true classes are most likely (Guo et al., ICML 2017).

    The logarithm of a probability is a logit up to a constant, so probabilities are enough. Likelihood alone
    would sharpen without limit where a small validation split is all but perfectly classified; a weak prior
    around 1 keeps such a classifier from claiming certainty.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) uncalibrated probabilities.

    Returns:
        The temperature, from `MIN_TEMPERATURE` to `MAX_TEMPERATURE`: above 1 it softens, below 1 it sharpens.
    """
    true, prob = validate_predictions(y_true, y_prob)
    logits = _logits(prob)

    def misfit(log_temperature: float) -> float:
        sharpness = math.exp(-log_temperature)
        scaled = logits * sharpness
        negative_log_likelihood = np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(true)), true]
        return float(negative_log_likelihood.sum()) + PRIOR_WEIGHT * (sharpness + log_temperature)

    # Both terms are convex in 1 / T, hence one valley in log T.
    return math.exp(_golden_section(misfit, math.log(MIN_TEMPERATURE), math.log(MAX_TEMPERATURE)))


def apply_temperature(y_prob: npt.ArrayLike, temperature: float) -> npt.NDArray[np.float64]:
    """Soften (temperature above 1) or sharpen (below 1) probabilities; the order of the classes stays.

    Args:
        y_prob: (n, classes) probabilities; n = 0 is fine.
        temperature: Above 0; 1 changes nothing.

    Returns:
        (n, classes) probabilities, every row summing to 1.
    """
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature must be a finite number above 0, got {temperature}")
    powers = np.exp(_logits(validate_probabilities(y_prob)) / temperature)
    calibrated: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return calibrated


def unsure_threshold(y_true: npt.ArrayLike, y_prob: npt.ArrayLike, target_accuracy: float = 0.8) -> float:
    """Find the confidence below which a prediction should be called unsure.

    Selective classification (El-Yaniv & Wiener, JMLR 2010): answer as many pictures as possible while those
    answered reach the target. A picture is answered if its highest probability is at least the threshold.

    Args:
        y_true: (n,) true class indices, n at least 1.
        y_prob: (n, classes) calibrated probabilities.
        target_accuracy: Share of the answered pictures that must be right, from 0 to 1.

    Returns:
        The lowest confidence that reaches the target: 0.0 if answering every picture does, 1.0 if nothing
        does (then only certainty is answered).
    """
    true, prob = validate_predictions(y_true, y_prob)
    if not 0 <= target_accuracy <= 1:
        raise ValueError(f"target_accuracy must lie between 0 and 1, got {target_accuracy}")
    confidence = prob.max(axis=1)
    surest_first = np.argsort(-confidence, kind="stable")
    confidence = confidence[surest_first]
    right = (prob.argmax(axis=1) == true)[surest_first]
    accuracy = np.cumsum(right) / np.arange(1, len(right) + 1)
    # Equal confidences are answered together: only the last of them can be a threshold.
    last_of_equals = np.append(confidence[1:] < confidence[:-1], True)
    reaches = np.flatnonzero((accuracy >= target_accuracy) & last_of_equals)
    if not reaches.size:
        return 1.0
    return 0.0 if reaches[-1] == len(right) - 1 else float(confidence[reaches[-1]])


def _logits(prob: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return logits of the given probabilities, shifted so that the highest of each row is 0."""
    logits = np.log(np.maximum(prob, _SMALLEST_PROBABILITY))
    shifted: npt.NDArray[np.float64] = logits - logits.max(axis=1, keepdims=True)
    return shifted


def _golden_section(function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-5) -> float:
    """Return where a function with one valley is lowest between two bounds (Kiefer, 1953)."""
    left, right = high - _GOLDEN_RATIO * (high - low), low + _GOLDEN_RATIO * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > tolerance:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN_RATIO * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN_RATIO * (high - low)
            at_right = function(right)
    return (low + high) / 2
