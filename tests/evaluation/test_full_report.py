"""The report's figures agree with scikit-learn and with definitions written out, and survive JSON."""

import json

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss

from fer_core.evaluation.full_report import FIGURES, full_report, main_figures
from fer_core.evaluation.reliability import expected_calibration_error, reliability_table
from fer_core.labels import EXPRESSIONS
from tests.evaluation.test_metrics import make_predictions


@pytest.mark.parametrize("absent", [(), (1,)], ids=["every class", "one class absent"])
def test_figures_agree_with_their_definitions(absent):
    y_true, y_prob = make_predictions(absent=absent)
    report = full_report(y_true, y_prob, EXPRESSIONS)
    of_true = y_prob[np.arange(len(y_true)), y_true]
    assert report["top2_accuracy"] == pytest.approx(np.mean([(p > t).sum() < 2 for p, t in zip(y_prob, of_true)]))  # noqa: B905
    assert report["nll"] == pytest.approx(log_loss(y_true, y_prob, labels=range(7)))
    assert report["nll"] == pytest.approx(-np.log(of_true).mean())
    assert report["brier"] == pytest.approx(((y_prob - np.eye(7)[y_true]) ** 2).sum(axis=1).mean())
    assert report["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(y_true, y_prob.argmax(axis=1)))
    for name in ("accuracy", "macro_f1", "balanced_accuracy"):
        low, high = report[f"{name}_ci"]
        assert low < report[name] < high


def _calibration_error(y_true, y_prob, num_bins=15):
    """Written out bin by bin: the mean of |right - confidence| over the bins, weighted by their pictures."""
    confidence, right = y_prob.max(axis=1), y_prob.argmax(axis=1) == y_true
    total = 0.0
    for number in range(num_bins):
        inside = (confidence > number / num_bins) & (confidence <= (number + 1) / num_bins)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


def test_calibration_error_agrees_with_its_definition():
    y_true, y_prob = make_predictions(num_images=2000)
    table = reliability_table(y_true, y_prob)
    assert expected_calibration_error(table) == pytest.approx(_calibration_error(y_true, y_prob))
    assert sum(row["num_images"] for row in table) == 2000
    assert (table[0]["low"], table[-1]["high"], len(table)) == (0, 1, 15)


def test_certainty_that_is_always_right_is_calibrated():
    assert full_report([0, 1], np.eye(2), ["a", "b"])["ece"] == 0
    assert full_report([1, 0], np.eye(2), ["a", "b"])["ece"] == 1


def test_labels_alone_have_no_calibration():
    report = full_report([0, 1, 2, 2], np.eye(3)[[0, 1, 2, 1]], ["a", "b", "c"], has_probabilities=False)
    assert report["accuracy"] == 0.75
    assert {report[name] for name in ("ece", "brier", "nll", "top2_accuracy", "aurc")} == {None}
    assert report["reliability"] is None


def test_a_report_survives_json_and_has_every_figure():
    report = full_report(*make_predictions(num_images=50), EXPRESSIONS)
    assert json.loads(json.dumps(report)) == report
    assert tuple(main_figures(report)) == FIGURES


def test_probabilities_that_are_nearly_one_in_sum_are_taken():
    assert full_report([0, 1], [[0.699, 0.299], [0.2, 0.806]], ["a", "b"])["num_images"] == 2
