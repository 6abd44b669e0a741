"""The risk-coverage curve agrees with counting, with the threshold of "unsure" and with its area's definition."""

import numpy as np
import pytest

from fer_core.evaluation import unsure_threshold
from fer_core.evaluation.selective import area_under_risk_coverage, point_at, risk_coverage
from tests.evaluation.test_metrics import make_predictions


def test_every_point_is_what_counting_says():
    y_true, y_prob = make_predictions(num_images=500)
    confidence, right = y_prob.max(axis=1), y_prob.argmax(axis=1) == y_true
    for point in risk_coverage(y_true, y_prob, num_points=11):
        answered = confidence >= point.threshold
        assert point.coverage == answered.mean()
        assert point.accuracy == pytest.approx(right[answered].mean() if answered.any() else 1)


def test_the_threshold_of_unsure_lies_on_the_curve():
    y_true, y_prob = make_predictions(num_images=3000)
    threshold = unsure_threshold(y_true, y_prob, 0.8)
    point = point_at(risk_coverage(y_true, y_prob), threshold)
    assert 0 < threshold < 1
    assert point.accuracy == pytest.approx(0.8, abs=0.02)


def test_ends_of_the_curve():
    curve = risk_coverage([0, 1], [[0.9, 0.1], [0.7, 0.3]])
    assert (curve[0].threshold, curve[0].coverage, curve[0].accuracy) == (0, 1, 0.5)
    assert (curve[-1].threshold, curve[-1].coverage, curve[-1].accuracy) == (1, 0, 1)


def test_area_is_the_mean_risk_over_all_coverages():
    y_prob = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]]
    assert area_under_risk_coverage([0, 0, 1, 0], y_prob) == pytest.approx((0 + 0 + 1 / 3 + 1 / 4) / 4)


def test_a_better_order_has_a_smaller_area():
    y_true, y_prob = make_predictions()
    flat = np.full_like(y_prob, 0.1)
    flat[np.arange(len(y_true)), y_prob.argmax(axis=1)] = 0.4
    assert area_under_risk_coverage(y_true, y_prob) < area_under_risk_coverage(y_true, flat / flat.sum(1)[:, None])
