import itertools

import numpy as np
import pytest

from fer_core.prediction.label_layout import leader, place_labels

FULL, SHORT = (110, 24), (24, 24)


def overlap(a, b):
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def random_boxes(num_boxes, size, seed):
    random = np.random.default_rng(seed)
    side = 0.6 * min(size) / np.sqrt(num_boxes)
    corners = random.uniform((0, 0), (size[0] - side, size[1] - side), (num_boxes, 2))
    return [(x, y, x + side, y + side) for x, y in corners.tolist()]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("num_boxes", [1, 6, 20])
def test_labels_neither_collide_nor_leave_the_picture(num_boxes, seed):
    size = (1280, 720)
    places = place_labels(random_boxes(num_boxes, size, seed), [(FULL, SHORT)] * num_boxes, size)
    assert len(places) == num_boxes
    for place in places:
        x1, y1, x2, y2 = place.box
        assert 0 <= x1 < x2 <= size[0]
        assert 0 <= y1 < y2 <= size[1]
    assert all(overlap(a.box, b.box) == 0 for a, b in itertools.combinations(places, 2))


def test_label_stands_on_its_box_where_nothing_is_in_the_way():
    (place,) = place_labels([(300, 300, 400, 420)], [(FULL, SHORT)], (800, 600))
    assert place.box == (300, 276, 410, 300)
    assert not place.is_short


@pytest.mark.parametrize("box", [(0, 0, 100, 120), (700, 0, 799, 120), (0, 480, 100, 599), (-40, -40, 60, 60)], ids=str)
def test_label_of_a_box_in_a_corner_stays_inside(box):
    (place,) = place_labels([box], [(FULL, SHORT)], (800, 600))
    assert min(place.box) >= 0
    assert place.box[2] <= 800
    assert place.box[3] <= 600


def test_label_keeps_clear_of_other_faces():
    boxes = [(300, 300, 400, 400), (300, 190, 400, 295)]
    first, _ = place_labels(boxes, [(FULL, SHORT)] * 2, (800, 600))
    assert overlap(first.box, boxes[1]) == 0


def test_crowded_labels_fall_back_to_numbers():
    box = (100, 100, 130, 130)
    places = place_labels([box] * 40, [(FULL, SHORT)] * 40, (800, 600))
    assert not places[0].is_short
    assert places[-1].is_short


def test_label_wider_than_the_picture_gives_its_number_only():
    (place,) = place_labels([(5, 100, 55, 160)], [(FULL, SHORT)], (60, 400))
    assert place.is_short
    assert place.box[2] <= 60


def test_clear_labels_hide_no_other_face():
    boxes = random_boxes(12, (1280, 720), 3)
    for number, place in enumerate(place_labels(boxes, [(FULL, SHORT)] * 12, (1280, 720))):
        others = [box for other, box in enumerate(boxes) if other != number]
        hidden = max(overlap(place.box, box) / ((box[2] - box[0]) * (box[3] - box[1])) for box in others)
        assert not place.is_clear or hidden < 0.1


@pytest.mark.parametrize(
    ("label", "line"),
    [
        ((100, 80, 200, 100), None),
        ((100, 40, 200, 60), (150, 60, 150, 100)),
        ((260, 120, 300, 140), (260, 130, 200, 130)),
        ((210, 60, 250, 90), (210, 90, 200, 100)),
    ],
    ids=["touching", "above", "beside", "diagonal"],
)
def test_a_label_away_from_its_box_gets_a_line_to_it(label, line):
    assert leader(label, (100, 100, 200, 200)) == line
