import numpy as np
import pytest

from fer_core.labels import EXPRESSIONS
from fer_core.prediction.live import LiveFace, LiveResult, LiveSettings, Timeline, live_frame
from fer_core.prediction.live.counters import FrameCounter

HAPPY = tuple(0.7 if name == "happy" else 0.05 for name in EXPRESSIONS)


def result(time_s, *tracks, probabilities=HAPPY, names=EXPRESSIONS, expression="happy"):
    faces = [LiveFace(track, (0, 0, 9, 9), probabilities, expression, 0.7, time_s, 20.0) for track in tracks]
    return LiveResult(time_s, (640, 480), tuple(faces), names)


def test_table_has_one_row_a_face_and_the_columns_of_photos():
    table = result(2.5, 1, 4).to_frame()
    assert list(table["track"]) == [1, 4]
    assert list(table.columns[:2]) == ["time_s", "track"]
    assert {"x1", "label", "confidence", "unsure", "p_happy", "delay_ms"} <= set(table.columns)
    assert (table.loc[0, "time_s"], table.loc[0, "p_happy"], table.loc[0, "label"]) == (2.5, 0.7, "happy")


def test_unsure_and_unread_faces_have_rows():
    table = result(0.0, 1, expression=None).to_frame()
    assert (table.loc[0, "label"], bool(table.loc[0, "unsure"])) == ("happy", True)  # as in the table of a photo
    unread = result(0.0, 1, probabilities=(), expression=None).to_frame()
    assert unread.loc[0, "label"] == ""
    assert np.isnan(unread.loc[0, "p_sad"])


def test_empty_tables_have_the_same_columns():
    assert list(live_frame([], EXPRESSIONS).columns) == list(result(0.0, 1).to_frame().columns)
    empty, full = Timeline(), Timeline()
    empty.add(result(0.0))
    full.add(result(0.0, 1))
    assert list(empty.to_frame().columns) == list(full.to_frame().columns)


def test_timeline_keeps_the_last_minute_of_each_track():
    timeline = Timeline()
    for number in range(25 * 100):
        timeline.add(result(number / 25, 1, *([2] if number < 25 * 50 else [])))
    table = timeline.to_frame()
    assert table["ago_s"].max() <= 60
    assert table["ago_s"].min() < 0.25
    assert 290 <= (table["track"] == 1).sum() <= 301
    assert 45 <= (table["track"] == 2).sum() <= 55
    assert table.loc[table["track"] == 2, "ago_s"].min() == pytest.approx(50, abs=0.3)
    assert list(table["label"].unique()) == ["happy"]


def test_timeline_does_not_depend_on_the_frame_rate():
    counts = []
    for fps in (10, 25, 60):
        timeline = Timeline()
        for number in range(10 * fps):
            timeline.add(result(number / fps, 1))
        counts.append(len(timeline.rows()))
    assert max(counts) - min(counts) <= 6


def test_memory_of_the_timeline_is_bounded():
    timeline = Timeline(length_s=10, step_s=0.1)
    for number in range(4000):
        timeline.add(result(number / 100, *range(number // 10, number // 10 + 5)))
    assert len(timeline.rows()) <= 24 * 101


def test_timeline_begins_anew_with_another_model_or_when_time_goes_back():
    timeline = Timeline()
    timeline.add(result(5.0, 1))
    timeline.add(result(6.0, 1, probabilities=(0.5, 0.5), names=("ja", "nein")))
    assert [row["track"] for row in timeline.rows()] == [1]
    assert {"p_ja", "p_nein"} <= set(timeline.rows()[0])
    timeline.add(result(1.0, 2, probabilities=(0.5, 0.5), names=("ja", "nein")))
    assert [row["track"] for row in timeline.rows()] == [2]


def test_counter_tells_rates_of_the_last_seconds():
    counter = FrameCounter()
    for number in range(200):
        counter.note(number * 0.1, received=3)
    counts = counter.counts(20.0)
    assert (counts.received, counts.processed, counts.failed, counts.dropped) == (600, 200, 0, 400)
    assert counts.received_per_s == pytest.approx(30, rel=0.08)
    assert counts.processed_per_s == pytest.approx(10, rel=0.08)
    assert counter.counts(60.0).processed_per_s == 0.0  # nothing came for a while


def test_counter_counts_failures_apart():
    counter = FrameCounter()
    counter.note(0.0)
    counter.note(0.1, failed=True)
    counts = counter.counts(0.2)
    assert (counts.received, counts.processed, counts.failed, counts.dropped) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"smoothing_s": -1},
        {"smoothing_s": float("nan")},
        {"unsure_below": 1.2},
        {"hysteresis": 0.9},
        {"forget_s": 0},
        {"detect_every_s": 5},
        {"budget_ms": 0},
        {"hide_s": True},
    ],
    ids=lambda values: next(iter(values)),
)
def test_settings_out_of_range_are_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        LiveSettings(**values)
