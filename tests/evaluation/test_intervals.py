"""Intervals agree with SciPy and with a slow bootstrap, and know that duplicates are one piece of evidence."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score, f1_score

from fer_core.evaluation.intervals import bootstrap_intervals, wilson_interval
from tests.evaluation.test_metrics import make_predictions


@pytest.mark.parametrize(("num_right", "num_images"), [(0, 1), (1, 1), (0, 30), (30, 30), (7, 10), (2463, 3589)])
def test_wilson_agrees_with_scipy(num_right, num_images):
    expected = binomtest(num_right, num_images).proportion_ci(method="wilson")
    assert wilson_interval(num_right, num_images) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(("num_right", "num_images"), [(1, 0), (2, 1), (-1, 5)])
def test_impossible_counts_are_refused(num_right, num_images):
    with pytest.raises(ValueError, match="at least 1"):
        wilson_interval(num_right, num_images)


def test_bootstrap_agrees_with_resampling_picture_by_picture():
    y_true, y_prob = make_predictions(num_images=300)
    y_pred = y_prob.argmax(axis=1)
    generator = np.random.default_rng(1)
    f1, balanced = [], []
    for _ in range(100):
        drawn = generator.integers(0, 300, 300)
        f1.append(f1_score(y_true[drawn], y_pred[drawn], average="macro", zero_division=0))
        balanced.append(balanced_accuracy_score(y_true[drawn], y_pred[drawn]))
    received = bootstrap_intervals(y_true, y_pred, 7)
    assert received["macro_f1"] == pytest.approx(tuple(np.percentile(f1, [2.5, 97.5])), abs=0.025)
    assert received["balanced_accuracy"] == pytest.approx(tuple(np.percentile(balanced, [2.5, 97.5])), abs=0.025)


def test_the_same_seed_gives_the_same_interval():
    y_true, y_prob = make_predictions(num_images=60)
    first, again = (bootstrap_intervals(y_true, y_prob.argmax(axis=1), 7) for _ in range(2))
    assert first == again


def test_copies_of_pictures_make_nothing_surer_once_they_are_grouped():
    y_true, y_prob = make_predictions(num_images=100)
    y_pred = y_prob.argmax(axis=1)
    once = bootstrap_intervals(y_true, y_pred, 7)["macro_f1"]
    groups = np.tile(np.arange(100), 4)
    grouped = bootstrap_intervals(np.tile(y_true, 4), np.tile(y_pred, 4), 7, groups=groups)["macro_f1"]
    alone = bootstrap_intervals(np.tile(y_true, 4), np.tile(y_pred, 4), 7)["macro_f1"]
    assert grouped == pytest.approx(once, abs=1e-6)
    assert alone[1] - alone[0] < 0.7 * (once[1] - once[0])
