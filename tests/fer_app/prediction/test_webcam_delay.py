import pytest

from fer_app.prediction.webcam_delay import DelayMeter


def test_a_frame_that_came_late_has_waited_as_long_as_it_is_late():
    meter = DelayMeter()
    waits = [meter.waiting(100 + 0.04 * number + late, 0.04 * number) for number, late in enumerate([0, 0, 0.3, 0])]
    assert waits == pytest.approx([0, 0, 0.3, 0])


def test_the_first_frame_being_late_is_mended_by_the_next():
    meter = DelayMeter()
    assert meter.waiting(10.5, 0.0) == 0
    assert meter.waiting(10.04, 0.04) == 0
    assert meter.waiting(10.18, 0.08) == pytest.approx(0.1)


def test_two_clocks_that_drift_apart_do_not_become_a_growing_delay():
    meter = DelayMeter()
    waits = [meter.waiting(1.0001 * second, second) for second in range(1200)]
    assert max(waits) < 0.01


def test_without_camera_time_nothing_is_known_of_waiting():
    assert DelayMeter().waiting(5.0, None) == 0


def test_the_median_stands_for_the_last_frames():
    meter = DelayMeter()
    assert meter.median_ms is None
    for delay in (0.01, 0.02, 5.0):
        meter.note(delay)
    assert meter.median_ms == pytest.approx(20)
