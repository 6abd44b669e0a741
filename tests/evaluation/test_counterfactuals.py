"""One thing is changed and the rest stays: mirrors undo themselves, glasses lie at the eyes, a mask below them."""

import numpy as np
import pytest

from fer_core.evaluation.counterfactuals import COUNTERFACTUALS, change_faces, usual_landmarks
from tests.models.networks import make_faces

EVERY = [pytest.param(name, id=name) for name in COUNTERFACTUALS]


def landmarks_of(faces):
    return np.tile(usual_landmarks(faces.shape[1]), (len(faces), 1, 1))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("size", "channels"), [(48, 1), (512, 3)], ids=["grey", "colour"])
def test_a_change_keeps_the_shape_and_the_original(name, size, channels):
    faces = make_faces(2, size=size, channels=channels)
    before = faces.copy()
    changed = change_faces(faces, name, landmarks_of(faces))
    assert (changed.shape, changed.dtype) == (faces.shape, np.uint8)
    assert (faces == before).all()
    assert (changed != faces).any(axis=(1, 2, 3)).all()


def test_mirrored_twice_is_the_same_and_light_keeps_its_order():
    faces = make_faces(2)
    landmarks = landmarks_of(faces)
    assert (change_faces(change_faces(faces, "mirror", landmarks), "mirror", landmarks) == faces).all()
    means = [change_faces(faces, name, landmarks).mean() for name in ("darker", "brighter")]
    assert means[0] == pytest.approx(faces.mean() * 2 / 3, rel=0.02)
    assert means[1] > faces.mean()


@pytest.mark.parametrize("turn", [0, 20, -30])
def test_glasses_lie_around_the_eyes_and_a_mask_over_nose_and_mouth(turn):
    faces = np.full((1, 96, 96, 1), 128, np.uint8)
    angle, middle = np.radians(turn), np.array([48, 48])
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    landmarks = ((usual_landmarks(96) - middle) @ rotation + middle)[np.newaxis].astype(np.float32)
    with_glasses = change_faces(faces, "glasses", landmarks)[0, ..., 0] != 128
    with_mask = change_faces(faces, "mask", landmarks)[0, ..., 0] != 128
    right_eye, left_eye, nose, *corners = np.rint(landmarks[0]).astype(int)
    for x, y in (right_eye, left_eye):
        assert not with_glasses[y - 2 : y + 3, x - 2 : x + 3].any()  # one can see through them
        assert with_glasses[y - 18 : y + 19, x].sum() >= 4  # the frame above and below
        assert not with_mask[y, x]
    for x, y in (nose, *corners):
        assert with_mask[y, x]
        assert not with_glasses[y, x]


def test_a_mask_is_as_dark_as_its_face():
    faces = np.stack([np.full((48, 48, 1), light, np.uint8) for light in (40, 160)])
    masked = change_faces(faces, "mask", landmarks_of(faces))
    assert masked[0, 36, 24, 0] < masked[1, 36, 24, 0] - 60


def test_an_unknown_change_and_missing_landmarks_are_refused():
    faces = make_faces(2)
    with pytest.raises(ValueError, match=r"'hat'; known: mirror, darker"):
        change_faces(faces, "hat", landmarks_of(faces))
    with pytest.raises(ValueError, match=r"shape \(2, 5, 2\), got \(1, 5, 2\)"):
        change_faces(faces, "mask", landmarks_of(faces)[:1])
