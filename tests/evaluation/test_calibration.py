"""Temperatures make confidences honest; thresholds reach the accuracy they were asked for."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from fer_core.evaluation import apply_temperature, fit_temperature, unsure_threshold
from fer_core.evaluation.calibration import MAX_TEMPERATURE


def make_calibrated(seed=0, num_images=4000, num_classes=7):
    """Return y_true drawn from y_prob itself: probabilities that are honest by construction."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2, size=(num_images, num_classes))
    y_prob = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y_true = np.array([rng.choice(num_classes, p=row) for row in y_prob])
    return y_true, y_prob


@pytest.mark.parametrize("sharpened", [0.4, 1.0, 2.5])
def test_the_temperature_that_was_taken_away_is_found(sharpened):
    y_true, y_prob = make_calibrated()
    distorted = apply_temperature(y_prob, 1 / sharpened)
    assert fit_temperature(y_true, distorted) == pytest.approx(sharpened, rel=0.05)


def test_no_other_temperature_is_more_likely():
    y_true, y_prob = make_calibrated(seed=1)
    best = fit_temperature(y_true, y_prob)
    losses = {t: log_loss(y_true, apply_temperature(y_prob, t)) for t in (best * 0.95, best, best * 1.05)}
    assert min(losses, key=losses.get) == best


def test_a_small_split_without_mistakes_sharpens_with_measure():
    y_prob = np.full((70, 7), 0.1 / 6)
    y_prob[:, 0] = 0.9
    y_true = np.zeros(70, dtype=int)
    assert 0.4 < fit_temperature(y_true, y_prob) < 1
    assert apply_temperature(y_prob, fit_temperature(y_true, y_prob)).max() < 0.9999


def test_a_classifier_that_is_always_wrong_ends_at_the_bound():
    y_prob = np.full((500, 2), [0.9, 0.1])
    assert fit_temperature(np.ones(500, dtype=int), y_prob) == pytest.approx(MAX_TEMPERATURE, rel=1e-3)


def test_probabilities_of_zero_are_fine():
    y_prob = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    assert fit_temperature([0, 1, 1], y_prob) > 1
    assert np.isfinite(apply_temperature(y_prob, 0.1)).all()


def test_temperature_keeps_order_and_sum():
    _, y_prob = make_calibrated(num_images=50)
    softened = apply_temperature(y_prob, 3.0)
    np.testing.assert_array_equal(softened.argsort(axis=1), y_prob.argsort(axis=1))
    np.testing.assert_allclose(softened.sum(axis=1), 1)
    np.testing.assert_allclose(apply_temperature(y_prob, 1.0), y_prob)
    assert apply_temperature(np.zeros((0, 7)), 2.0).shape == (0, 7)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_none_is_refused(temperature):
    with pytest.raises(ValueError, match="above 0, got"):
        apply_temperature([[0.5, 0.5]], temperature)


@pytest.mark.parametrize("target", [0.6, 0.8, 0.95])
def test_answered_pictures_reach_the_target_and_no_lower_threshold_does(target):
    y_true, y_prob = make_calibrated(num_images=500)
    threshold = unsure_threshold(y_true, y_prob, target)
    confidence, right = y_prob.max(axis=1), y_prob.argmax(axis=1) == y_true
    assert right[confidence >= threshold].mean() >= target
    assert all(right[confidence >= lower].mean() < target for lower in confidence[confidence < threshold])


@pytest.mark.parametrize(
    ("y_true", "confidence", "target", "expected"),
    [
        pytest.param([0, 0, 1], [0.9, 0.8, 0.7], 0.6, 0.0, id="all may be answered"),
        pytest.param([0, 0, 1], [0.9, 0.8, 0.7], 0.8, 0.8, id="the wrong one is left out"),
        pytest.param([1, 0, 0, 0], [0.9, 0.8, 0.7, 0.6], 0.7, 0.0, id="an early mistake is made up for"),
        pytest.param([1, 1], [0.9, 0.8], 0.8, 1.0, id="out of reach"),
        pytest.param([0, 1], [0.9, 0.9], 0.8, 1.0, id="equal confidences go together"),
        pytest.param([0, 1, 1], [0.9, 0.8, 0.8], 0.0, 0.0, id="nothing asked"),
    ],
)
def test_threshold_of_a_small_table(y_true, confidence, target, expected):
    y_prob = np.column_stack([confidence, 1 - np.array(confidence)])
    assert unsure_threshold(y_true, y_prob, target) == expected


def test_a_target_that_is_no_share_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1, got 80"):
        unsure_threshold([0], [[0.5, 0.5]], 80)
