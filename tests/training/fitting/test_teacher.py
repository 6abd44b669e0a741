from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fer_core.errors import TrainingError
from fer_core.models.package import ModelPackage
from fer_core.models.reading import read_pictures
from fer_core.training import TrainConfig
from tests.models.networks import make_faces
from tests.training.fitting.fits import add_drawn_faces


@dataclass(frozen=True)
class Index:
    """What a teacher wants to know of a dataset."""

    class_names: tuple[str, ...]
    images: npt.NDArray[np.uint8]


def teacher_for(package: ModelPackage, class_names: tuple[str, ...], images: npt.NDArray[np.uint8]) -> Any:
    from fer_core.training.fitting.teacher import load_teacher

    return load_teacher(TrainConfig(dataset="faces", teacher=str(package.folder)), Index(class_names, images))


def answers(package: ModelPackage, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(n, classes) probabilities of the package's own network."""
    import keras

    return np.asarray(keras.models.load_model(package.keras_path, compile=False)(faces.astype(np.float32)))


def smooth(size: int, seed: int) -> npt.NDArray[np.uint8]:
    """(size, size, 1) waves that look alike at any size."""
    places = (np.arange(size) + 0.5) / size * (2 + seed)
    return (127.5 + 60 * (np.sin(places)[:, None, None] + np.cos(places)[None, :, None])).astype(np.uint8)


def test_a_teacher_answers_in_the_order_of_the_dataset(tiny_package) -> None:
    faces, names = make_faces(6), tiny_package.info.class_names
    shuffled = (*names[3:], *names[:3])
    taught = np.asarray(teacher_for(tiny_package, shuffled, faces)(faces))
    own = answers(tiny_package, faces)
    for column, name in enumerate(shuffled):
        assert np.allclose(taught[:, column], own[:, names.index(name)], atol=1e-6)


def test_a_teacher_takes_crops_of_any_size_and_never_trains(tiny_package) -> None:
    teacher = teacher_for(tiny_package, tiny_package.info.class_names, make_faces(1))
    for size in (33, 40, 48):
        assert np.asarray(teacher(make_faces(2, size=size), training=True)).shape == (2, 7)
    assert not any(variable.trainable for variable in teacher.variables)


def test_a_teacher_of_another_size_and_other_channels_sees_pictures_as_it_knows_them(tiny_package) -> None:
    faces, large = (np.stack([smooth(size, seed) for seed in range(6)]) for size in (48, 96))
    large = large.repeat(3, axis=3)
    taught = teacher_for(tiny_package, tiny_package.info.class_names, large)(large)
    assert np.allclose(taught, answers(tiny_package, faces), atol=0.02)


def test_a_teacher_that_looks_once_is_asked_about_whole_pictures(fer_home, tmp_path, tiny_package) -> None:
    from fer_core.training.fitting.teacher import load_teacher, read_opinions

    index = add_drawn_faces(tmp_path).index
    config = TrainConfig(dataset="faces", teacher=str(tiny_package.folder), teacher_views="once")
    rows = np.array([5, 2, 60])
    opinions = read_opinions(config, index, rows)
    ids = index.table["image_id"].to_numpy(np.int64)[rows]
    expected, _ = read_pictures(tiny_package, index, ids, views="all")
    order = [tiny_package.info.class_names.index(name) for name in index.class_names]
    assert np.array_equal(opinions, expected[:, order])
    assert load_teacher(config, index) is None
    assert read_opinions(replace(config, teacher_views="same"), index, rows) is None


@pytest.mark.parametrize(
    ("class_names", "said"),
    [
        (("happy", "sad"), "the dataset has happy, sad"),
        (("a", "b", "c", "d", "e", "f", "g"), "Choose a teacher with the same classes"),
    ],
    ids=["fewer", "other"],
)
def test_a_teacher_of_other_classes_is_refused(tiny_package, class_names: tuple[str, ...], said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        teacher_for(tiny_package, class_names, make_faces(1))


def test_a_teacher_that_is_not_there_is_said(fer_home) -> None:
    from fer_core.training.fitting.teacher import load_teacher

    with pytest.raises(TrainingError, match="no model 'nobody'"):
        load_teacher(TrainConfig(dataset="faces", teacher="nobody"), Index(("happy", "sad"), make_faces(1)))


def test_nobody_teaches_unless_asked() -> None:
    from fer_core.training.fitting.teacher import load_teacher

    assert load_teacher(TrainConfig(dataset="faces"), Index(("happy", "sad"), make_faces(1))) is None
