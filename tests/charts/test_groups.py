"""Each group with figures has a point with its interval, and all faces have a line."""

import pytest

from fer_core.charts.groups import groups_figure

ROWS = [
    {"group": "20-29", "num_images": 1200, "accuracy": 0.75, "accuracy_ci": [0.72, 0.78]},
    {"group": "60+", "num_images": 12, "accuracy": None, "accuracy_ci": None},
    {"group": "30-39", "num_images": 40, "accuracy": 0.5, "accuracy_ci": [0.35, 0.65]},
]


def test_groups_with_figures_are_points_with_their_intervals():
    figure = groups_figure(ROWS, 0.6)
    (points,) = figure.data
    assert list(points.y) == ["20-29 (1,200)", "30-39 (40)"]
    assert list(points.x) == [75, 50]
    assert list(points.error_x.array) == pytest.approx([3, 15])
    assert list(points.error_x.arrayminus) == pytest.approx([3, 15])
    assert figure.layout.shapes[0].x0 == 60
