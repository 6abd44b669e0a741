"""Adjusting for the shares of classes is Bayes' rule, and a fitted strength costs no accuracy."""

import numpy as np
import pytest

from fer_core.evaluation import classification_report
from fer_core.evaluation.logit_adjustment import STRENGTHS, adjust_for_shares, fit_strength


def test_strength_one_is_what_equal_classes_would_have_said():
    shares, likelihood = np.array([0.7, 0.2, 0.1]), np.random.default_rng(0).random((20, 3))
    posterior = likelihood * shares / (likelihood * shares).sum(axis=1, keepdims=True)
    expected = likelihood / likelihood.sum(axis=1, keepdims=True)
    assert adjust_for_shares(posterior, shares, 1.0) == pytest.approx(expected)
    assert adjust_for_shares(posterior, shares, 0.0) == pytest.approx(posterior)


def test_a_fitted_strength_helps_rare_classes_and_costs_no_accuracy():
    generator = np.random.default_rng(1)
    y_true = generator.choice(3, 3000, p=[0.9, 0.06, 0.04])
    logits = generator.normal(size=(3000, 3)) + 2.0 * np.eye(3)[y_true]
    y_prob = np.exp(logits + np.array([1.0, 0, 0]))
    y_prob /= y_prob.sum(axis=1, keepdims=True)
    strength = fit_strength(y_true, y_prob, [0.9, 0.06, 0.04])
    before, after = (
        classification_report(y_true, adjust_for_shares(y_prob, [0.9, 0.06, 0.04], each), ["a", "b", "c"])
        for each in (0.0, strength)
    )
    assert after["accuracy"] >= before["accuracy"]
    assert after["macro_f1"] >= before["macro_f1"]
    assert strength in STRENGTHS


def test_nothing_is_changed_where_nothing_is_gained():
    assert fit_strength([0, 1], [[0.9, 0.1], [0.1, 0.9]], [0.5, 0.5]) == 0.0


def test_a_class_without_training_pictures_is_refused():
    with pytest.raises(ValueError, match="above 0, got 0"):
        adjust_for_shares([[0.5, 0.5]], [1.0, 0.0], 0.5)
