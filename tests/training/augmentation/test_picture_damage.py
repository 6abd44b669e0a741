import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.scenes import FACE_IN_PORTRAIT, portrait


@pytest.fixture
def face() -> npt.NDArray[np.uint8]:
    """(48, 48) grey: a real face."""
    left, top, right, bottom = FACE_IN_PORTRAIT
    grey = cv2.cvtColor(portrait()[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (48, 48), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("quality", [20, 50, 90])
def test_the_marks_are_those_of_a_real_jpeg(face, quality: int) -> None:
    from fer_core.training.augmentation.picture_damage import block_cosines, damage_as_jpeg

    plane = face[None].astype(np.float32)
    ours = np.asarray(damage_as_jpeg(plane, np.full((1, 1, 1), quality, np.float32), block_cosines(48)))[0]
    encoded = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    real = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    damage = np.abs(real - face).mean()
    assert np.abs(ours - real).mean() < 0.2 * damage + 0.5


@pytest.mark.parametrize("size", [8, 32, 50, 224])
def test_cosines_of_blocks_can_be_undone_at_any_size(size: int) -> None:
    from fer_core.training.augmentation.picture_damage import block_cosines

    cosines = block_cosines(size)
    assert np.allclose(cosines @ cosines.T, np.eye(size), atol=1e-5)


def test_the_blur_is_a_gaussian_inside_and_keeps_an_even_picture_at_the_border(face) -> None:
    from fer_core.training.augmentation.picture_damage import blur, blur_matrix

    ours = np.asarray(blur(face[None].astype(np.float32), blur_matrix(48, 1.5)))[0]
    theirs = cv2.GaussianBlur(face.astype(np.float32), (15, 15), 1.5)
    assert np.allclose(ours[8:-8, 8:-8], theirs[8:-8, 8:-8], atol=0.1)
    even = np.full((1, 48, 48), 77, np.float32)
    assert np.allclose(blur(even, blur_matrix(48, 1.5)), even, atol=1e-3)


def test_luminance_of_grey_is_grey(face) -> None:
    from fer_core.training.augmentation.picture_damage import luminance

    grey = face[None, :, :, None].astype(np.float32)
    assert np.array_equal(luminance(grey), grey[..., 0])
    assert np.allclose(luminance(grey.repeat(3, axis=3)), grey[..., 0], atol=1e-3)
