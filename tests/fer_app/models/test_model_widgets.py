"""Tests of what the table of the models says."""

import pytest

from fer_app.models.model_widgets import measured_accuracy
from fer_core.models import find_model

VALIDATION = {"validation, one view": {"accuracy": 0.5, "num_images": 9.0}, "validation": {"accuracy": 0.6}}


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        pytest.param({}, "not measured", id="nothing"),
        pytest.param({"test": {"num_images": 9.0}}, "not measured", id="no accuracy"),
        pytest.param(VALIDATION, "60.0 % (validation)", id="validation alone"),
        pytest.param(VALIDATION | {"test": {"accuracy": 0.7, "num_images": 9.0}}, "70.0 % of 9 (test)", id="a test"),
        pytest.param({"test, one view": {"accuracy": 0.7}}, "70.0 % (test, one view)", id="one view alone"),
    ],
)
def test_a_test_is_told_rather_than_the_validation(metrics: dict[str, dict[str, float]], expected: str) -> None:
    assert measured_accuracy(metrics) == expected


def test_of_the_shipped_model_the_official_test_is_told() -> None:
    assert "of 3,589 (FER2013 test)" in measured_accuracy(find_model().info.metrics)
