"""How often faces are searched and read, for a given price of the work."""

import pytest

from fer_core.prediction.live.pacing import Pacer
from fer_core.prediction.live.settings import LiveSettings
from fer_core.prediction.live.tracks import Track


def pacer(*, detection_s, reading_s=0.002, num_sharing=1):
    made = Pacer()
    for _ in range(9):
        made.detection.add(detection_s)
        made.reading.add(reading_s)
    made.num_sharing = num_sharing
    return made


def test_cheap_work_is_done_as_often_as_wanted():
    assert pacer(detection_s=0.005).wait_s(LiveSettings()) == LiveSettings().detect_every_s


def test_streams_that_share_a_computer_search_more_rarely():
    waits = [pacer(detection_s=0.03, num_sharing=number).wait_s(LiveSettings()) for number in (1, 2, 4)]
    assert waits[1] == pytest.approx(2 * waits[0])
    assert waits[2] == pytest.approx(4 * waits[0])


def test_a_newcomer_waits_a_second_at_most():
    assert pacer(detection_s=0.5, num_sharing=8).wait_s(LiveSettings()) == 1.0


@pytest.mark.parametrize(("num_sharing", "num_faces", "is_due"), [(1, 1, True), (4, 1, False), (1, 4, False)])
def test_faces_are_read_more_rarely_the_more_their_reading_takes(num_sharing, num_faces, is_due):
    track = Track(1, (0, 0, 50, 50), None, 0.9, began_s=0.0, seen_s=5.0, found_s=5.0, read_s=4.85)
    slow = pacer(detection_s=0.005, reading_s=0.02, num_sharing=num_sharing)
    assert slow.is_due(track, 5.0, LiveSettings(), num_faces=num_faces) == is_due


def test_without_a_budget_the_computer_makes_no_difference():
    settings = LiveSettings(budget_ms=None)
    track = Track(1, (0, 0, 50, 50), None, 0.9, began_s=0.0, seen_s=5.0, found_s=5.0, read_s=4.85)
    slow = pacer(detection_s=0.5, reading_s=0.5, num_sharing=8)
    assert slow.wait_s(settings) == settings.detect_every_s
    assert slow.is_due(track, 5.0, settings, num_faces=8)
