"""Damage is repeatable, grows with its strength, and does what its name says."""

import numpy as np
import pytest

from fer_core.evaluation.degradations import DEGRADATIONS, degrade
from tests.models.networks import make_faces

EVERY = [pytest.param(name, id=name) for name in DEGRADATIONS]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("size", "channels"), [(48, 1), (64, 3)], ids=["grey", "colour"])
def test_damage_keeps_the_shape_and_the_original(name, size, channels):
    faces = make_faces(3, size=size, channels=channels)
    before = faces.copy()
    damaged = degrade(faces, name, DEGRADATIONS[name].strengths[-1])
    assert (damaged.shape, damaged.dtype) == (faces.shape, np.uint8)
    assert (faces == before).all()
    assert (damaged != faces).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("name", EVERY)
def test_damage_is_decided_by_the_seed(name):
    faces, strength = make_faces(4), DEGRADATIONS[name].strengths[1]
    assert (degrade(faces, name, strength, seed=3) == degrade(faces, name, strength, seed=3)).all()
    assert (degrade(faces[:2], name, strength) == degrade(faces, name, strength)[:2]).all()


@pytest.mark.parametrize("name", EVERY)
def test_stronger_is_further_from_the_original(name):
    faces = make_faces(12)
    changes = [
        np.abs(degrade(faces, name, strength).astype(float) - faces).mean() for strength in DEGRADATIONS[name].strengths
    ]
    assert changes == sorted(changes)


def test_names_are_what_happens():
    faces = make_faces(8)
    assert degrade(faces, "dark", 0.5).mean() == pytest.approx(faces.mean() / 2, rel=0.02)
    assert degrade(faces, "bright", 1.5).mean() > faces.mean()
    assert degrade(faces, "contrast", 0.5).std() < faces.std()
    assert (np.abs(np.diff(degrade(faces, "blur", 2.0).astype(int), axis=2))).mean() < 8
    covered = (degrade(faces, "occlusion", 0.5) != faces).mean()
    assert covered == pytest.approx(0.25, abs=0.02)


def test_a_shift_moves_a_point_by_its_distance():
    face = np.zeros((1, 48, 48, 1), np.uint8)
    face[0, 24, 24] = 255
    down, across = np.unravel_index(degrade(face, "shift", 6)[0, ..., 0].argmax(), (48, 48))
    assert np.hypot(down - 24, across - 24) == pytest.approx(6, abs=1)


def test_colours_keep_their_order_through_jpeg():
    face = np.zeros((1, 48, 48, 3), np.uint8)
    face[..., 0] = 200
    assert degrade(face, "jpeg", 50)[0, 24, 24].argmax() == 0


def test_an_unknown_kind_is_listed():
    with pytest.raises(ValueError, match=r"'fog'; known: blur, jpeg"):
        degrade(make_faces(1), "fog", 1)
