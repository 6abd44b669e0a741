import itertools

import numpy as np
import pytest

from fer_core.prediction.live.smoothing import SmoothedReading, SteadyLabel

HAPPY, SAD = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def after_a_change(fps, *, seconds=1.0, time_constant_s=0.5):
    """The share of `sad` when a face that was happy for three seconds has been sad for some time."""
    reading = SmoothedReading()
    for number in range(round((3 + seconds) * fps) + 1):
        time_s = number / fps
        reading.add(HAPPY if time_s <= 3 else SAD, time_s, time_constant_s)
    return reading.values()[1]


@pytest.mark.parametrize("fps", [4, 10, 25, 60])
def test_smoothing_does_not_depend_on_the_frame_rate(fps):
    assert after_a_change(fps) == pytest.approx(1 - np.exp(-2), abs=0.005)


def test_irregular_frames_give_the_same_curve():
    regular, irregular = SmoothedReading(), SmoothedReading()
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 4, 60))
    for number in range(101):
        regular.add(HAPPY if number <= 50 else SAD, number / 25, 0.5)
    for time_s in [0, *times, 4]:
        irregular.add(HAPPY if time_s <= 2 else SAD, time_s, 0.5)
    assert irregular.values() == pytest.approx(regular.values(), abs=0.02)


def test_new_face_is_empty_and_takes_its_first_reading_as_it_is():
    reading = SmoothedReading()
    assert reading.is_empty
    assert reading.values().shape == (0,)
    reading.add(np.array([0.3, 0.7]), 100.0, 0.5)
    assert reading.values() == pytest.approx([0.3, 0.7])


def test_odd_first_frame_is_soon_outweighed():
    reading = SmoothedReading()
    reading.add(SAD, 0.0, 0.5)
    for number in range(1, 11):
        reading.add(HAPPY, number / 25, 0.5)
    assert reading.values()[0] > 0.9


def test_without_a_time_constant_the_newest_reading_stands_alone():
    reading = SmoothedReading()
    for time_s, one in enumerate((HAPPY, SAD, HAPPY)):
        reading.add(one, time_s, 0)
        assert reading.values() == pytest.approx(one)


def test_after_a_long_gap_the_old_readings_count_no_more():
    reading = SmoothedReading()
    reading.add(HAPPY, 0.0, 0.5)
    reading.add(SAD, 3600.0, 0.5)
    assert reading.values() == pytest.approx(SAD)


def test_values_are_probabilities():
    rng = np.random.default_rng(0)
    reading = SmoothedReading()
    for time_s in np.cumsum(rng.exponential(0.05, 500)):
        reading.add(rng.dirichlet(np.ones(7)), time_s, 0.3)
        assert reading.values().sum() == pytest.approx(1)


def changes(values, hysteresis):
    label = SteadyLabel()
    shown = [label.update(value, threshold=0.4, hysteresis=hysteresis) for value in values]
    return sum(one != other for one, other in itertools.pairwise(shown))


def test_label_does_not_flicker_between_two_classes_that_are_level():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.015, 200)
    values = [np.array([0.48 + part, 0.48 - part, 0.04]) for part in noise]
    assert changes(values, hysteresis=0) > 50
    assert changes(values, hysteresis=0.1) == 0


def test_label_does_not_flicker_round_the_threshold():
    noise = np.random.default_rng(0).normal(0, 0.015, 200)
    values = [np.array([0.4 + part, 0.6 - 0.25 - part, 0.25]) for part in noise]
    assert changes(values, hysteresis=0) > 50
    assert changes(values, hysteresis=0.12) <= 1


def test_label_gives_way_to_one_that_is_clearly_ahead():
    label = SteadyLabel()
    assert label.update(np.array([0.8, 0.2]), threshold=0.5, hysteresis=0.1) == 0
    assert label.update(np.array([0.49, 0.51]), threshold=0.3, hysteresis=0.1) == 0
    assert label.update(np.array([0.4, 0.6]), threshold=0.5, hysteresis=0.1) == 1


@pytest.mark.parametrize("values", [np.array([0.3, 0.35, 0.35]), np.empty(0)], ids=["nothing stands out", "unread"])
def test_label_is_unsure(values):
    assert SteadyLabel().update(values, threshold=0.5, hysteresis=0.06) is None
