"""The drawn faces are the same for everyone, need more than pixel weights to read, and favour nobody."""

import hashlib
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from fer_core.dataset.drawn.faces import drawn_face, sample_parameters, write_drawn_faces
from fer_core.dataset.drawn.people import HAIR_STYLES
from fer_core.errors import Cancelled
from fer_core.labels import EXPRESSIONS


def read_split(folder, split):
    """Return the pictures of a split, (n, 48, 48), and the indices of their labels, (n,)."""
    paths = sorted((folder / split).rglob("*.png"))
    return np.stack([np.asarray(Image.open(path)) for path in paths]), np.array(
        [EXPRESSIONS.index(path.parent.name) for path in paths]
    )


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(np.asarray(Image.open(path)).tobytes()).hexdigest()
        for path in sorted(folder.rglob("*.png"))
    }


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """The folder with the whole set as everyone gets it."""
    folder = tmp_path_factory.mktemp("drawn")
    write_drawn_faces(folder)
    return folder


def test_the_set_has_seven_hundred_and_two_hundred_ten_faces_in_equal_classes(faces):
    counts = {
        split.name: {label.name: len(list(label.iterdir())) for label in split.iterdir()} for split in faces.iterdir()
    }
    assert counts == {"train": dict.fromkeys(EXPRESSIONS, 100), "test": dict.fromkeys(EXPRESSIONS, 30)}
    assert (faces / "train" / "happy" / "happy_0001.png").is_file()


def test_every_face_is_a_small_grey_png(faces):
    for path in faces.rglob("*.png"):
        with Image.open(path) as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (48, 48))


def test_no_face_occurs_twice(faces):
    found = digests(faces)
    assert len(found) == len(set(found.values())) == 910


def test_faces_depend_on_neither_call_nor_count(faces, tmp_path):
    write_drawn_faces(tmp_path, num_train=14, num_test=7)
    few, all_faces = digests(tmp_path), digests(faces)
    assert len(few) == 21
    assert few == {name: all_faces[name] for name in few}


def test_another_seed_draws_other_faces():
    assert not np.array_equal(drawn_face("sad", 1, split="test", seed=0), drawn_face("sad", 1, split="test", seed=1))


def test_faces_vary_in_tone_and_shape(faces):
    pictures, _ = read_split(faces, "train")
    assert pictures.mean(axis=(1, 2)).std() > 15
    assert pictures.std(axis=0).min() > 15
    assert pictures.std(axis=(1, 2)).min() > 10


def test_pixel_weights_read_at_most_sixty_percent(faces):
    (x_train, y_train), (x_test, y_test) = read_split(faces, "train"), read_split(faces, "test")
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    with threadpool_limits(1):  # small matrices: threads only wait for each other on a busy computer
        classifier.fit(x_train.reshape(len(x_train), -1).astype(np.float32), y_train)
    accuracy = classifier.score(x_test.reshape(len(x_test), -1), y_test)
    assert 0.25 <= accuracy <= 0.60


def test_person_and_scene_say_nothing_about_the_expression():
    per_class = 300
    table = {expression: [flat_looks(expression, number) for number in range(per_class)] for expression in EXPRESSIONS}
    values = np.array([table[expression] for expression in EXPRESSIONS])  # (7, 300, properties)
    between = values.mean(axis=1).std(axis=0, ddof=1)
    expected = values.std(axis=(0, 1)) / np.sqrt(per_class)
    # The seven class means scatter as means of random samples do; 2 is the 99.9th percentile of that ratio.
    assert (between / expected).max() < 2


def flat_looks(expression, number):
    person, scene, _ = sample_parameters(expression, number, split="train", seed=5)
    looks = asdict(person) | asdict(scene)
    hair_style = looks.pop("hair_style")
    styles = [hair_style == style for style in HAIR_STYLES]
    beard = looks.pop("beard") != "none"
    return np.hstack([*styles, beard, *(np.ravel(value) for value in looks.values())]).astype(float)


def test_progress_counts_every_face(tmp_path):
    calls = []
    write_drawn_faces(tmp_path, num_train=14, num_test=7, on_progress=lambda done, total: calls.append((done, total)))
    assert calls == [(done, 21) for done in range(1, 22)]


def test_cancelling_stops_the_drawing(tmp_path):
    def cancel(done, total):
        if done == 3:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        write_drawn_faces(tmp_path, num_train=14, num_test=7, on_progress=cancel)
    assert len(list(tmp_path.rglob("*.png"))) == 3


@pytest.mark.parametrize("count", [-7, 10])
def test_a_count_that_cannot_be_shared_equally_is_refused(tmp_path, count):
    with pytest.raises(ValueError, match=f"multiple of 7, got {count}"):
        write_drawn_faces(tmp_path, num_train=count)
    assert not list(tmp_path.iterdir())
