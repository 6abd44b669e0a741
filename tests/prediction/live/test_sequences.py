"""Moving pictures with known truth, through the real detector: who is who, and for how long."""

from collections import Counter, defaultdict

import pytest

from fer_core.faces import FaceDetector
from fer_core.prediction import Predictor
from fer_core.prediction.live import LiveAnalyzer, LiveSettings
from tests.prediction.live.sequences import Somebody, frames, walk, who_is_it
from tests.prediction.stand_ins import BrightnessClassifier

BROWN, BLUE = (0.6, 0.5, 0.45), (0.7, 0.85, 1.15)
FPS = 12


@pytest.fixture(scope="module")
def predictor():
    return Predictor(BrightnessClassifier(), FaceDetector())


def seen(predictor, people, seconds, **scene):
    """The results, and for each track how often it showed which person."""
    analyzer = LiveAnalyzer(predictor, LiveSettings(budget_ms=None))
    results, owners = [], defaultdict(Counter)
    for time_s, frame, truth in frames(people, seconds, fps=FPS, **scene):
        results.append(analyzer.analyse(frame, time_s))
        for face in results[-1].faces:
            person = who_is_it(face.bbox, truth)
            if person is not None and face.is_found:
                owners[face.track][person] += 1
    assert [result.error for result in results if result.error] == []
    return results, owners


def cross(seconds):
    return walk((0, 120, 240), (seconds, 520, 240)), walk((0, 520, 240), (seconds, 120, 240))


def meet_and_turn_back(seconds):
    left = walk((0, 120, 240), (seconds / 2, 305, 240), (seconds, 120, 240))
    return left, walk((0, 520, 240), (seconds / 2, 335, 240), (seconds, 520, 240))


@pytest.mark.parametrize("color", [BROWN, BLUE], ids=["brown", "blue"])
@pytest.mark.parametrize("paths", [cross, meet_and_turn_back])
def test_two_people_who_meet_do_not_swap_their_histories(predictor, paths, color):
    first, second = paths(2.5)
    people = [Somebody(first), Somebody(second, color, is_mirrored=True)]
    results, owners = seen(predictor, people, 2.5)
    assert {track: list(persons) for track, persons in owners.items()} == {1: [0], 2: [1]}
    assert min(owners[1][0], owners[2][1]) > 15
    assert {face.track for face in results[-1].faces} == {1, 2}


def test_one_leaves_and_returns_while_the_other_stays(predictor):
    stays = Somebody(walk((0, 480, 240), (9, 480, 240)), BROWN)
    leaves = Somebody(walk((0, 200, 240), (1, -80, 240)))
    soon, late = (Somebody(walk((at, -80, 240), (at + 1, 200, 240), (9, 200, 240))) for at in (1.4, 3.2))
    _, owners = seen(predictor, [stays, leaves, soon], 2.4)
    tracks_of = {person: [track for track, persons in owners.items() if person in persons] for person in range(3)}
    assert len(tracks_of[0]) == 1
    assert tracks_of[2] == tracks_of[1]  # back within two seconds: the same number
    _, owners = seen(predictor, [stays, leaves, late], 4.2)
    assert [list(persons) for persons in owners.values()] == [[1], [0], [2]]  # later: a new one


def test_face_that_turns_away_vanishes_and_returns_with_its_number(predictor):
    somebody = Somebody(walk((0, 320, 240), (4, 330, 240)), turned_away=lambda time_s: 1 <= time_s < 2.3)
    results, owners = seen(predictor, [somebody], 3.2)
    assert list(owners) == [1]
    assert [face.track for face in results[FPS].faces] == [1]
    assert results[2 * FPS].faces == ()
    assert [face.track for face in results[-1].faces] == [1]


@pytest.mark.parametrize("light", [1.0, 0.04], ids=["lit", "dark"])
def test_empty_room_has_no_faces(predictor, light):
    results, _ = seen(predictor, [], 1.5, light=light)
    assert all(result.faces == () for result in results)
    assert results[-1].is_dark is (light < 1)


def test_face_in_a_dark_room_is_found_and_read_with_more_light(predictor):
    somebody = Somebody(walk((0, 300, 240), (2, 340, 240)))
    results, owners = seen(predictor, [somebody], 1, light=0.07, noise=1.0)
    assert owners[1][0] > 8
    assert results[-1].is_dark
    (face,) = results[-1].faces
    assert face.quality == ()
    assert face.probabilities[predictor.class_names.index("happy")] > 0.15  # the brightness; 0.04 in the frame itself
