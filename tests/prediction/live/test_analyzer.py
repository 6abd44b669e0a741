import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest

from fer_core.prediction.live import LiveAnalyzer, LiveSettings
from tests.prediction.live.stand_ins import BlockPredictor, Clock, blocks

CALM = LiveSettings(budget_ms=None)


def shown(analyzer, frames, *, fps=25.0, start_s=0.0):
    """The results of frames one after another."""
    return [analyzer.analyse(frame, start_s + number / fps) for number, frame in enumerate(frames)]


def test_each_face_keeps_its_own_number_and_expression():
    frames = [blocks((75 + 2 * number, 100, 0.9), (250 - 2 * number, 170, 0.1)) for number in range(30)]
    results = shown(LiveAnalyzer(BlockPredictor(), CALM), frames)
    for result in results[3:]:
        assert [(face.track, face.label) for face in result.faces] == [(1, "happy"), (2, "sad")]
    assert results[-1].faces[0].confidence == pytest.approx(0.9, abs=0.02)
    assert results[-1].faces[0].age_s == pytest.approx(29 / 25)


def test_faces_are_searched_now_and_then_and_followed_in_between():
    predictor = BlockPredictor()
    results = shown(LiveAnalyzer(predictor, CALM), [blocks((60 + 2 * number, 100, 0.9)) for number in range(50)])
    assert 15 <= len(predictor.detected) <= 26
    assert results[-1].detect_step in (2, 3)
    for number, result in enumerate(results[5:], start=5):
        (face,) = result.faces
        assert (face.bbox[0] + face.bbox[2]) / 2 == pytest.approx(60 + 2 * number, abs=4)


@pytest.mark.parametrize("fps", [5, 10, 25, 50])
def test_label_changes_after_the_same_time_at_any_frame_rate(fps):
    moods = [blocks((150, 100, 0.9 if number <= 2 * fps else 0.1)) for number in range(4 * fps)]
    results = shown(LiveAnalyzer(BlockPredictor(), LiveSettings(budget_ms=None, smoothing_s=0.5)), moods, fps=fps)
    changed = next(result.time_s for result in results if result.time_s > 2 and result.faces[0].label == "sad")
    assert changed - 2 == pytest.approx(0.5, abs=0.25)
    labels = [result.faces[0].label for result in results]
    assert sum(one != other for one, other in itertools.pairwise(labels)) <= 2  # through unsure


def num_changes(settings):
    """How often the label changes while the readings jump to and fro for four seconds."""
    rng = np.random.default_rng(0)
    frames = [blocks((150, 100, rng.choice([0.2, 0.9]))) for _ in range(100)]
    labels = [result.faces[0].label for result in shown(LiveAnalyzer(BlockPredictor(), settings), frames)[25:]]
    return sum(one != other for one, other in itertools.pairwise(labels))


def test_readings_that_jump_do_not_make_the_label_flicker():
    every_frame = LiveSettings(budget_ms=None, detect_every_s=0, read_every_s=0)
    raw = num_changes(replace(every_frame, smoothing_s=0, hysteresis=0))
    assert raw > 25
    assert num_changes(every_frame) <= raw / 5
    assert num_changes(CALM) <= raw / 5


def test_faces_are_read_where_they_were_found_and_new_ones_at_once():
    predictor = BlockPredictor()
    shown(LiveAnalyzer(predictor, CALM), [blocks((150, 100, 0.9))] * 50)
    assert 22 <= len(predictor.read) <= 32
    predictor = BlockPredictor()
    shown(LiveAnalyzer(predictor, replace(CALM, read_every_s=0)), [blocks((150, 100, 0.9))] * 50)
    assert len(predictor.read) == 50


def test_newcomer_starts_empty_beside_a_face_with_history():
    analyzer = LiveAnalyzer(BlockPredictor(), CALM)
    shown(analyzer, [blocks((75, 100, 0.9))] * 50)
    result = shown(analyzer, [blocks((75, 100, 0.9), (225, 100, 0.2))] * 4, start_s=2.0)[-1]
    assert [(face.track, face.label) for face in result.faces] == [(1, "happy"), (2, "sad")]
    assert result.faces[1].confidence == pytest.approx(0.8, abs=0.02)


def test_face_that_leaves_vanishes_and_comes_back_as_settings_say():
    face, nobody = blocks((150, 100, 0.9)), blocks()
    for away_s, number in ((1.0, 1), (3.0, 2)):
        analyzer = LiveAnalyzer(BlockPredictor(), CALM)
        results = shown(analyzer, [face] * 25 + [nobody] * round(25 * away_s) + [face] * 10)
        assert results[24].faces[0].is_found
        assert results[24 + 18].faces == ()
        assert [shown.track for shown in results[-1].faces] == [number]


@pytest.mark.parametrize("note", ["turned away", "cut off"])
def test_face_that_cannot_be_read_becomes_unsure_and_keeps_its_number(note):
    predictor = BlockPredictor()
    analyzer = LiveAnalyzer(predictor, CALM)
    assert shown(analyzer, [blocks((150, 100, 0.9))] * 25)[-1].faces[0].label == "happy"
    predictor.notes = (note,)
    result = shown(analyzer, [blocks((150, 100, 0.9))] * 25, start_s=1.0)[-1]
    assert [(face.track, face.label, face.quality) for face in result.faces] == [(1, "unsure", (note,))]
    assert result.faces[0].delay_ms > 500  # its newest reading is that old
    predictor.notes = ()
    assert shown(analyzer, [blocks((150, 100, 0.9))] * 5, start_s=2.0)[-1].faces[0].label == "happy"


def test_empty_and_black_rooms_give_empty_results():
    analyzer = LiveAnalyzer(BlockPredictor(), CALM)
    results = shown(analyzer, [blocks()] * 5 + [np.zeros((240, 320, 3), np.uint8)] * 10)
    assert all(result.faces == () and result.error is None for result in results)
    assert (results[0].is_dark, results[-1].is_dark) == (False, True)


@pytest.mark.parametrize(
    ("size", "track"), [((160, 120), 1), ((240, 180), 1), ((240, 320), 2)], ids=["half", "smaller", "turned"]
)
def test_size_of_the_frame_may_change(size, track):
    analyzer = LiveAnalyzer(BlockPredictor(), CALM)
    shown(analyzer, [blocks((160, 120, 0.9))] * 25)
    small = np.ascontiguousarray(_resized(blocks((160, 120, 0.9)), size))
    results = shown(analyzer, [small] * 10, start_s=1.0)
    assert {(result.size, result.error) for result in results} == {(size, None)}
    assert [face.track for face in results[-1].faces] == [track]


def _resized(frame, size):
    rows = np.arange(size[1]) * frame.shape[0] // size[1]
    columns = np.arange(size[0]) * frame.shape[1] // size[0]
    return frame[rows][:, columns]


def test_error_is_told_and_the_next_frame_is_analysed():
    predictor = BlockPredictor()
    analyzer = LiveAnalyzer(predictor, LiveSettings(budget_ms=None, detect_every_s=0))
    assert analyzer.analyse(blocks((150, 100, 0.9)), 0.0).error is None
    predictor.failure = RuntimeError("out of order")
    result = analyzer.analyse(blocks((150, 100, 0.9)), 0.04)
    assert (result.error, result.faces, result.size) == ("RuntimeError: out of order", (), (320, 240))
    predictor.failure = None
    assert [face.track for face in analyzer.analyse(blocks((150, 100, 0.9)), 0.08).faces] == [1]
    counts = analyzer.counts()
    assert (counts.received, counts.processed, counts.failed, counts.dropped) == (3, 2, 1, 0)


@pytest.mark.parametrize(
    "frame",
    [None, np.zeros((0, 0, 3), np.uint8), np.zeros((48, 48), np.uint8), np.zeros((48, 48, 3))],
    ids=["nothing", "no pixel", "grey", "float"],
)
def test_frame_that_is_none_is_an_error_and_no_exception(frame):
    result = LiveAnalyzer(BlockPredictor(), CALM).analyse(frame, 0.0)
    assert "expected" in result.error


def test_time_that_goes_back_begins_anew():
    analyzer = LiveAnalyzer(BlockPredictor(), CALM)
    shown(analyzer, [blocks((150, 100, 0.9))] * 25)
    result = shown(analyzer, [blocks((150, 100, 0.2))] * 3)[-1]
    assert [(face.track, face.label) for face in result.faces] == [(2, "sad")]


def test_settings_change_between_two_frames():
    analyzer = LiveAnalyzer(BlockPredictor(), CALM)
    assert shown(analyzer, [blocks((150, 100, 0.75))] * 10)[-1].faces[0].label == "happy"
    analyzer.settings = replace(CALM, unsure_below=0.9)
    assert analyzer.analyse(blocks((150, 100, 0.75)), 0.5).faces[0].label == "unsure"


def test_settings_and_numbers_are_safe_to_use_from_other_threads():
    analyzer = LiveAnalyzer(BlockPredictor(), CALM)
    stop, failures = threading.Event(), []

    def look():
        try:
            number = 0
            while not stop.is_set():
                number += 1
                analyzer.settings = replace(CALM, smoothing_s=0.1 + number % 10 / 10)
                analyzer.timeline.to_frame()
                analyzer.counts()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    results = shown(analyzer, [blocks((75, 100, 0.9), (225, 100, 0.2))] * 40)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(result.error is None for result in results)


def slow(detection_s, reading_s, num_faces=2, *, frames=70):
    """Results on a computer as slow as said, which gets the newest frame whenever it is done."""
    clock = Clock()
    predictor = BlockPredictor(clock, detection_s=detection_s, reading_s=reading_s)
    analyzer = LiveAnalyzer(predictor, clock=clock)
    places = [(24 + 54 * (number % 6), 40 + 75 * (number // 6), 0.9) for number in range(num_faces)]
    frame, results, last = blocks(*places), [], 0
    began = clock.now
    for _ in range(frames):
        clock.now += 0.002
        newest = int((clock.now - began) * 25) + 1  # the camera's next frame
        clock.now = max(clock.now, began + newest / 25)
        results.append(analyzer.analyse(frame, newest / 25, skipped=newest - last - 1))
        last = newest
    return predictor, analyzer, results


@pytest.mark.parametrize(
    ("detection_s", "reading_s", "num_faces"),
    [(0.005, 0.001, 2), (0.03, 0.01, 2), (0.1, 0.02, 2), (0.4, 0.05, 3), (0.005, 0.004, 18)],
    ids=["quick", "busy", "slow", "very slow", "crowd"],
)
def test_delay_is_bounded_however_slow_the_computer(detection_s, reading_s, num_faces):
    _, _, results = slow(detection_s, reading_s, num_faces)
    delays = np.array([result.delay_ms for result in results[20:]])
    typical = max(40, 1000 * reading_s) + 5
    assert np.median(delays) <= typical
    assert delays.max() <= 1000 * (detection_s + reading_s) + typical  # and it does not grow
    assert max(face.delay_ms for result in results[20:] for face in result.faces) < 1600


def test_slow_computer_searches_more_rarely_but_never_gives_up():
    quick, slow_one = slow(0.005, 0.001)[0], slow(0.1, 0.001)[0]
    assert np.diff(quick.detected).max() < 0.13
    waits = np.diff(slow_one.detected[5:])
    assert 0.3 < waits.mean() < 0.65
    assert waits.max() < 0.7


def test_crowd_is_read_in_turns():
    predictor, _, results = slow(0.005, 0.004, 18)
    assert max(len(boxes) for boxes in predictor.read[20:]) < 18
    assert {face.label for face in results[-1].faces} == {"happy"}
    assert len(results[-1].faces) == 18


def test_frames_that_were_passed_over_count_as_dropped():
    _, analyzer, results = slow(0.1, 0.02)
    counts = analyzer.counts()
    assert counts.processed == len(results)
    assert counts.dropped > 20
    assert counts.received == counts.processed + counts.dropped
    assert counts.received_per_s == pytest.approx(25, abs=4)
    assert counts.processed_per_s < counts.received_per_s


def test_waiting_counts_as_delay():
    assert LiveAnalyzer(BlockPredictor(), CALM).analyse(blocks(), 0.0, waited_s=0.1).delay_ms >= 100
