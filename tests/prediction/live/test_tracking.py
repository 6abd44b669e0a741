import itertools
import math

import numpy as np
import pytest

from fer_core.faces import Detection
from fer_core.prediction.live.matching import assign
from fer_core.prediction.live.tracking import Tracker
from tests.prediction.live.sequences import room

LANDMARKS = np.zeros((5, 2), np.float32)
RED, BLUE = (200, 60, 60), (60, 60, 200)


def at(x, y, height=100):
    """A detection with its centre at a place."""
    return Detection((x - 40, y - height / 2, x + 40, y + height / 2), 0.9, LANDMARKS)


def picture(**people):
    """A room with coloured blocks where faces are: red=(x, y)."""
    frame = room().copy()
    for color, (x, y) in people.items():
        frame[y - 90 : y + 130, x - 60 : x + 60] = {"red": RED, "blue": BLUE}[color]
    return frame


def follow(tracker, steps, *, fps=25.0, forget_s=2.0):
    """Feed [(frame, detections)]; return the numbers of the tracks of each step's detections."""
    numbers = []
    for step, (frame, found) in enumerate(steps):
        here = tracker.update(frame, found, step / fps, forget_s)
        by_place = {track.box: track.number for track in here}
        numbers.append([by_place[detection.bbox] for detection in found])
    return numbers


def test_two_who_cross_keep_their_numbers_by_motion_alone():
    steps = []
    for number in range(50):
        left, right = at(120 + 8 * number, 240), at(520 - 8 * number, 240)
        hidden = abs(400 - 16 * number) < 60
        steps.append((room(), [left] if hidden else [left, right]))
    numbers = follow(Tracker(), steps)
    assert numbers[0] == numbers[-1]
    assert {number for pair in numbers for number in pair} == {1, 2}


def test_two_who_meet_and_turn_back_keep_their_numbers_by_their_looks():
    steps = []
    for number in range(60):
        near = 8 * min(number, 59 - number)
        x_red, x_blue = 80 + near, 560 - near
        hidden = x_blue - x_red < 60
        frame = picture(blue=(x_blue, 240), red=(x_red, 240))
        steps.append((frame, [at(x_red, 240)] if hidden else [at(x_red, 240), at(x_blue, 240)]))
    numbers = follow(Tracker(), steps)
    assert numbers[0] == numbers[-1]


def test_one_who_comes_back_soon_keeps_the_number_and_later_gets_a_new_one():
    here, away = (picture(red=(300, 240)), [at(300, 240)]), (room(), [])
    soon = follow(Tracker(), [here] * 10 + [away] * 25 + [here] * 5)
    late = follow(Tracker(), [here] * 10 + [away] * 60 + [here] * 5)
    assert (soon[0], soon[-1]) == ([1], [1])
    assert (late[0], late[-1]) == ([1], [2])


def test_another_person_at_the_same_place_gets_no_history():
    red, blue = (picture(red=(300, 240)), [at(300, 240)]), (picture(blue=(380, 240)), [at(380, 240)])
    assert follow(Tracker(), [red] * 10 + [(room(), [])] * 20 + [blue] * 5)[-1] == [2]


def test_lamp_that_is_switched_on_ends_nobody():
    dark = (picture(red=(300, 240)) // 5, [at(300, 240)])
    bright = (picture(red=(300, 240)), [at(302, 241)])
    assert follow(Tracker(), [dark] * 10 + [bright] * 5)[-1] == [1]


def test_face_far_away_or_of_another_size_is_a_new_one():
    near, far, small = [at(200, 240)], [at(500, 240)], [at(200, 240, height=20)]
    assert follow(Tracker(), [(room(), near)] * 5 + [(room(), far)])[-1] == [2]
    assert follow(Tracker(), [(room(), near)] * 5 + [(room(), small)])[-1] == [2]


def test_frame_that_becomes_smaller_keeps_the_tracks():
    tracker = Tracker()
    follow(tracker, [(room(), [at(200 + 4 * number, 240)]) for number in range(10)])
    tracker.rescale(0.5)
    half = Detection((100, 95, 140, 145), 0.9, LANDMARKS)
    (track,) = tracker.update(room()[::2, ::2], [half], 0.4, 2.0)
    assert track.number == 1


def test_many_false_faces_do_not_fill_the_memory():
    tracker = Tracker()
    for number in range(200):
        tracker.update(room(), [at(50 + 37 * number % 500, 50 + 91 * number % 380)], number / 25, 60.0)
    assert len(tracker.tracks) <= 64


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 3), (2, 4), (4, 2), (5, 3), (0, 3), (3, 0)])
def test_assignment_is_the_best_there_is(shape):
    rng = np.random.default_rng(shape)
    for _ in range(20):
        costs = rng.uniform(0, 10, shape)
        costs[rng.random(shape) < 0.25] = math.inf
        matches = assign(costs)
        assert len(set(matches.values())) == len(matches)
        assert (len(matches), sum(costs[pair] for pair in matches.items())) == pytest.approx(best_by_trying(costs))


def best_by_trying(costs):
    """Most pairs, then the least cost, of all ways to match."""
    rows, columns = costs.shape
    best = (0, 0.0)
    for chosen in itertools.permutations([*range(columns)] + [None] * rows, rows):
        pairs = [(row, column) for row, column in enumerate(chosen) if column is not None]
        total = sum(costs[pair] for pair in pairs)
        if math.isfinite(total) and (-len(pairs), total) < (-best[0], best[1]):
            best = (len(pairs), total)
    return best
