import json

import pytest

from fer_app.prediction.webcam_panel.content import MAX_LANES, panel_content
from fer_core.labels import EXPRESSION_COLORS
from fer_core.prediction.live import FrameCounts, LiveFace, LiveResult, Timeline

NAMES = ("happy", "sad")
COUNTS = FrameCounts(received=120, processed=100, received_per_s=25.0, processed_per_s=20.0)


def face(track, expression="happy", probabilities=(0.9, 0.1)):
    return LiveFace(track, (0, 0, 9, 9), probabilities, expression, max(probabilities, default=0), 3.2, 41.0)


def content(result=None, timeline=(), *, is_live=True):
    return panel_content(result, timeline, COUNTS, delay_ms=42.4, class_names=NAMES, is_live=is_live)


def test_faces_carry_their_number_label_colour_and_percent():
    shown = content(LiveResult(0.0, (9, 9), (face(1), face(4, None, (0.55, 0.45)), face(5, None, ())), NAMES))["faces"]
    assert [(one["track"], one["label"], one["probabilities"]) for one in shown] == [
        (1, "happy", [90, 10]),
        (4, "unsure", [55, 45]),
        (5, "unsure", []),
    ]
    assert shown[0]["color"] == EXPRESSION_COLORS["happy"] != shown[1]["color"]


def test_rates_and_privacy_are_told_without_video_too():
    told = content(is_live=False)
    assert told["facts"] == {"received": 25.0, "processed": 20.0, "dropped": 5.0, "delay": 42, "step": None}
    assert told["privacy"] == {"processed": 100, "stored": 0, "sent": 0}
    assert not told["isLive"]


def test_the_timeline_has_a_lane_a_track_at_half_second_steps():
    timeline = Timeline()
    for number in range(100):
        timeline.add(LiveResult(0.1 * number, (9, 9), (face(2),) + ((face(7),) if number > 50 else ()), NAMES))
    lanes = content(timeline=timeline.rows())["lanes"]
    assert [lane["track"] for lane in lanes] == [2, 7]
    assert len(lanes[0]["ago"]) == pytest.approx(20, abs=5)
    assert lanes[0]["ago"] == sorted(lanes[0]["ago"], reverse=True)
    assert lanes[0]["values"][0] == [90] * len(lanes[0]["ago"])


def test_of_many_tracks_those_in_the_picture_have_a_lane():
    rows = [{"track": track, "ago_s": 0.1 * track, "p_happy": 1.0, "p_sad": 0.0} for track in range(1, 12)]
    lanes = content(LiveResult(0.0, (9, 9), (face(11), face(9)), NAMES), rows)["lanes"]
    assert [lane["track"] for lane in lanes] == [1, 2, 9, 11]
    assert len(lanes) == MAX_LANES


def test_it_goes_through_json():
    assert json.loads(json.dumps(content(LiveResult(0.0, (9, 9), (face(1),), NAMES))))["classNames"] == list(NAMES)
