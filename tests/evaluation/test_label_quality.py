import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import scale

from fer_core.evaluation.label_quality import available_methods, class_thresholds, judge_labels

# Worked by hand. Thresholds: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.9) / 2 = 0.8.
GIVEN = np.array([0, 0, 0, 1, 1])
Y_PROB = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.1, 0.9]])


def test_each_class_is_measured_by_its_own_threshold() -> None:
    assert class_thresholds(GIVEN, Y_PROB) == pytest.approx([0.6, 0.8])


def test_the_label_that_the_network_speaks_against_is_found() -> None:
    quality = judge_labels(GIVEN, Y_PROB)
    assert quality.is_suspicious.tolist() == [False, False, True, False, False]
    assert quality.suggested.tolist() == [0, 0, 1, 1, 1]
    assert quality.score == pytest.approx([0.1, 0.2, 0.9, 0.3, 0.1])
    # Confident counts: given 0: two of class 0, one of class 1; given 1: one of class 1 (0.7 is below its threshold).
    assert quality.joint == pytest.approx(np.array([[3 * 2 / 3, 3 * 1 / 3], [0, 2]]) / 5)
    assert quality.noise_share == pytest.approx(0.2)


def test_a_timid_class_is_found_too() -> None:
    # The network never gives class 1 more than 0.5; what reaches its mean is confidently of it.
    given = np.array([0] * 6 + [1] * 4)
    of_one = np.array([0.05, 0.1, 0.05, 0.1, 0.05, 0.52, 0.55, 0.5, 0.45, 0.5])
    assert np.flatnonzero(judge_labels(given, np.c_[1 - of_one, of_one]).is_suspicious).tolist() == [5]


def test_a_class_without_a_label_is_never_suggested() -> None:
    quality = judge_labels([0, 0, 1, 1], [[0.1, 0.1, 0.8], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.7, 0.2]])
    assert not quality.is_suspicious.any()
    assert quality.joint.sum() == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize("method", available_methods())
def test_planted_wrong_labels_are_found_out_of_sample(method: str) -> None:
    pixels, true = load_digits(return_X_y=True)
    generator = np.random.default_rng(0)
    planted = generator.random(len(true)) < 0.05
    given = np.where(planted, (true + generator.integers(1, 10, len(true))) % 10, true)
    network = LogisticRegression(C=0.1, max_iter=200)
    y_prob = cross_val_predict(network, scale(pixels), given, cv=4, method="predict_proba")
    quality = judge_labels(given, y_prob, method)
    assert planted[quality.is_suspicious].mean() > 0.7  # precision
    assert quality.is_suspicious[planted].mean() > 0.75  # recall
    assert (quality.suggested[quality.is_suspicious & planted] == true[quality.is_suspicious & planted]).mean() > 0.9
    worst = np.argsort(-quality.score)[: planted.sum()]
    assert planted[worst].mean() > 0.8
    assert quality.noise_share == pytest.approx(0.05, abs=0.04)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="available: built-in"):
        judge_labels(GIVEN, Y_PROB, "guess")
