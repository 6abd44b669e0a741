"""The same photo agrees in every part whatever happened to it; two moments of one person do not."""

import numpy as np
import pytest

from fer_core.dataset.drawn.expressions import sample_movement
from fer_core.dataset.drawn.face import SIZE, draw_face
from fer_core.dataset.drawn.people import sample_person, sample_scene
from fer_core.dataset.duplicates.alignment import Boxes
from fer_core.dataset.duplicates.detail import detail_similarity
from fer_core.dataset.duplicates.displacement import displacement
from fer_core.dataset.duplicates.pairs import MIN_SIMILARITY
from tests.dataset.planted import drawn_faces, encoded_again, lit


def in_place(num_pairs: int) -> Boxes:
    one, zero = np.ones(num_pairs, np.float32), np.zeros(num_pairs, np.float32)
    return Boxes(one, one, zero, zero)


def similarity(first, second) -> float:
    pair = (np.asarray(picture, np.float32)[None] for picture in (first, second))
    return float(detail_similarity(*pair, in_place(1))[0])


def moments_of(seed: int) -> list[np.ndarray]:
    """One drawn person in one pose and light, smiling and astonished, each with noise of its own."""
    random = np.random.default_rng(seed)
    person, scene = sample_person(random), sample_scene(random)
    noises = random.random((2, 12, SIZE, SIZE)).sum(axis=1) - 6
    movements = [sample_movement(random, expression) for expression in ("happy", "surprise")]
    return [draw_face(person, scene, *each) for each in zip(movements, noises, strict=True)]


def test_a_picture_agrees_with_itself():
    face = drawn_faces(1)[0]
    assert similarity(face, face) == pytest.approx(1, abs=5e-3)


@pytest.mark.parametrize("change", [encoded_again, lambda face: lit(face, gain=0.7, offset=40)], ids=["jpeg", "light"])
def test_the_same_photo_agrees_whatever_was_done_to_it(change):
    assert all(similarity(face, change(face)) >= MIN_SIMILARITY for face in drawn_faces(20))


def test_two_moments_of_one_person_mostly_differ():
    alike = [similarity(*moments_of(seed)) >= MIN_SIMILARITY for seed in range(40)]
    assert sum(alike) <= 2


def test_flat_pictures_have_nothing_in_common():
    assert similarity(np.full((48, 48), 90), np.full((48, 48), 120)) < 0.5


def test_a_part_that_lies_elsewhere_is_noticed_and_a_whole_that_is_turned_is_not():
    rows, columns = np.mgrid[:48, :48].astype(np.float32)
    random = np.random.default_rng(0)
    waves = [(*random.uniform(0.3, 0.6, 2), random.uniform(0, 6)) for _ in range(6)]

    def scene(rows, columns):
        seen = sum(np.sin(a * rows + b * columns + c) for a, b, c in waves)
        return ((seen - seen.mean()) / seen.std()).astype(np.float32)[None]

    inside, still = np.ones((1, 48, 48), np.bool_), scene(rows, columns)
    turned = scene(rows + 0.01 * (columns - 24), columns - 0.01 * (rows - 24))
    moved = scene(rows + 0.5 * np.sin(columns / 4), columns)
    assert displacement(still, still, inside)[0] == 0
    assert displacement(still, turned, inside)[0] < 0.05
    assert 0.2 < displacement(still, moved, inside)[0] < 0.6
