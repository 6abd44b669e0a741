"""Figures of confidence and robustness show the numbers that came in."""

import pytest

from fer_core.charts.confidence import reliability_figure, risk_coverage_figure, robustness_figure
from fer_core.evaluation.reliability import reliability_table
from fer_core.evaluation.selective import risk_coverage
from tests.evaluation.test_metrics import make_predictions

BLUR = {"kind": "blur", "title": "Blur", "unit": "pixels", "strength": 0.5, "accuracy": 0.6, "accuracy_ci": [0.5, 0.7]}
ROBUSTNESS = {"accuracy": 0.7, "accuracy_ci": [0.65, 0.75], "rows": [BLUR, {**BLUR, "kind": "dark", "accuracy": 0.5}]}


def test_bins_without_a_picture_are_left_out():
    table = reliability_table(*make_predictions(num_images=300))
    filled = [row for row in table if row["num_images"]]
    bars, honest = reliability_figure(table).data
    assert len(filled) < len(table)
    assert list(bars.y) == [100 * row["accuracy"] for row in filled]
    assert (list(honest.x), list(honest.y)) == ([0, 100], [0, 100])


def test_the_threshold_is_marked_on_the_curve():
    curve = risk_coverage(*make_predictions(num_images=300))
    line, mark = risk_coverage_figure(curve, 0.5).data
    point = next(point for point in curve if point.threshold == 0.5)
    assert (mark.x[0], mark.y[0]) == (100 * point.coverage, 100 * point.accuracy)
    assert max(line.x) == 100


def test_a_threshold_that_answers_nothing_has_no_place():
    assert len(risk_coverage_figure(risk_coverage([0, 1], [[0.6, 0.4], [0.5, 0.5]]), 0.99).data) == 1


def test_robustness_begins_with_undamaged_faces():
    (line,) = robustness_figure(ROBUSTNESS, "blur").data
    assert (list(line.x), list(line.y)) == (["none", "0.5"], [70, 60])
    assert line.error_y.array == pytest.approx((5, 10))
    with pytest.raises(ValueError, match="blur, dark"):
        robustness_figure(ROBUSTNESS, "fog")
