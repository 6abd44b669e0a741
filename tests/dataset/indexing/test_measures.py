import cv2
import numpy as np
import pytest
from PIL import Image

from fer_core.dataset.indexing.measures import grey_pictures, measure, perceptual_hash


@pytest.fixture
def faces() -> np.ndarray:
    """(12, 48, 48) uint8: smooth noise of different contrast."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (12, 6, 6), dtype=np.uint8)
    return np.stack([cv2.resize(small, (48, 48), interpolation=cv2.INTER_CUBIC) for small in noise])


def bits_between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.bitwise_count(first ^ second)


@pytest.mark.parametrize("size", [8, 48, 33])
def test_measures_are_those_of_the_textbook(size):
    grey = np.random.default_rng(1).integers(0, 256, (5, size, size), dtype=np.uint8)
    values = measure(grey)
    np.testing.assert_allclose(values["brightness"], grey.mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(values["contrast"], grey.std(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(values["sharpness"], [cv2.Laplacian(one, cv2.CV_64F).var() for one in grey], rtol=1e-5)


def test_blank_pictures_measure_zero_whatever_their_shade():
    blank = np.stack([np.full((48, 48), shade, np.uint8) for shade in (0, 77, 255)])
    values = measure(blank)
    assert values["brightness"].tolist() == [0, 77, 255]
    assert values["contrast"].tolist() == values["sharpness"].tolist() == [0, 0, 0]
    assert len(set(perceptual_hash(blank)[1:])) == 1


def test_no_pictures_have_no_measures():
    nothing = np.zeros((0, 48, 48), np.uint8)
    assert [len(values) for values in measure(nothing).values()] == [0, 0, 0]
    assert perceptual_hash(nothing).shape == (0,)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda face: cv2.convertScaleAbs(face, alpha=0.7, beta=20), id="light"),
        pytest.param(lambda face: cv2.GaussianBlur(face, (5, 5), 1), id="blurred"),
        pytest.param(lambda face: cv2.imdecode(cv2.imencode(".jpg", face, (1, 40))[1], 0), id="jpeg"),
        pytest.param(lambda face: cv2.resize(cv2.resize(face, (30, 30)), (48, 48)), id="scaled-down-and-up"),
    ],
)
def test_the_hash_of_a_changed_picture_is_nearer_than_any_other_picture(faces, change):
    hashes = perceptual_hash(faces)
    changed = perceptual_hash(np.stack([change(face) for face in faces]))
    distances = bits_between(hashes[:, None], changed[None])
    assert np.diagonal(distances).max() <= 8
    assert distances[~np.eye(len(faces), dtype=bool)].min() > 12


def test_the_hash_is_that_of_the_cosine_transform(faces):
    frequencies = np.rint(cv2.dct(faces[0].astype(np.float32))[:8, :8]).ravel()
    bits = frequencies > np.median(frequencies)
    assert perceptual_hash(faces[:1])[0] == int("".join("01"[bit] for bit in bits.astype(int)), 2)


def test_colour_becomes_grey_as_opencv_has_it():
    colour = np.random.default_rng(2).integers(0, 256, (3, 20, 20, 3), dtype=np.uint8)
    expected = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in colour]
    np.testing.assert_array_equal(grey_pictures(colour), expected)
    assert np.abs(grey_pictures(colour)[0].astype(int) - np.asarray(Image.fromarray(colour[0]).convert("L"))).max() <= 1
