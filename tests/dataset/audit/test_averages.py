import numpy as np
import pytest

from fer_core.dataset.audit.averages import average_faces, told_apart
from tests.dataset.audit.made_indexes import made_index, noise_images


def test_averages_are_the_means_of_class_and_split():
    images = noise_images(30)
    index = made_index(images, splits={"train": 20, "test": 10})
    averages = average_faces(index)
    assert (averages.parts, averages.class_names) == (("all", "train", "test"), ("happy", "sad"))
    assert averages.faces.shape == (3, 2, 48, 48, 1)
    assert averages.counts.tolist() == [[15, 15], [10, 10], [5, 5]]
    np.testing.assert_array_equal(averages.faces[2, 0], np.rint(images[20::2].mean(axis=0)))


def test_a_class_without_images_in_a_split_is_black_with_count_zero():
    index = made_index(noise_images(6), labels=["happy", "sad"] * 2 + ["happy"] * 2, splits={"train": 4, "test": 2})
    averages = average_faces(index)
    assert averages.counts[2].tolist() == [2, 0]
    assert not averages.faces[2, 1].any()


def test_classes_with_a_mark_of_their_own_are_told_apart_and_others_are_not():
    images = noise_images(600)
    labels = ["a", "b", "c"] * 200
    images[2::3, 10:30, 10:30] = 250
    shares = told_apart(made_index(images, labels=labels))
    assert shares.loc["a", "c"] == shares.loc["c", "a"] > 0.95
    assert shares.loc["a", "b"] == pytest.approx(0.5, abs=0.08)
    assert np.isnan(np.diag(shares)).all()


def test_light_alone_tells_no_classes_apart():
    images = noise_images(400)
    images[::2] = images[::2] // 2 + 20
    assert told_apart(made_index(images)).loc["happy", "sad"] == pytest.approx(0.5, abs=0.1)


def test_a_single_image_is_no_class_to_compare():
    assert told_apart(made_index(noise_images(9), labels=["a"] * 8 + ["b"])).isna().all(axis=None)


def test_progress_counts_the_images():
    seen = []
    average_faces(made_index(noise_images(20)), on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (20, 20)
