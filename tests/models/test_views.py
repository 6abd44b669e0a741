import numpy as np
import pytest

from fer_core.models.views import VIEWS, make_views
from tests.models.networks import make_faces


@pytest.mark.parametrize("views", VIEWS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("num_faces", [0, 1, 3])
def test_views_have_the_shape_of_the_faces(views: str, channels: int, num_faces: int) -> None:
    made = make_views(make_faces(num_faces, channels=channels), views)
    assert made.shape == (num_faces, VIEWS[views], 48, 48, channels)
    assert made.dtype == np.uint8


def test_one_view_is_the_crop_as_it_is() -> None:
    faces = make_faces(2)
    assert np.array_equal(make_views(faces, "one")[:, 0], faces)


def test_all_views_are_the_crop_and_its_corners_each_with_its_mirror() -> None:
    faces = np.zeros((1, 48, 48, 1), np.uint8)
    faces[0, :2, :2] = 255  # besides the whole, only the crop at the top left sees this corner
    made = make_views(faces, "all")[0]
    assert np.array_equal(made[0::2, :, ::-1], made[1::2])
    assert [bool(view.any()) for view in made[0::2]] == [True, True, False, False, False]
    assert np.array_equal(made[0], faces[0])


def test_views_of_a_mirrored_face_are_the_same_set() -> None:
    faces = make_faces(1)
    mean, mirrored = (make_views(each, "all").astype(float).mean(axis=1) for each in (faces, faces[:, :, ::-1]))
    assert np.allclose(mean, mirrored, atol=0.6)  # rounding of the enlargement


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'both'; known: one, all"):
        make_views(make_faces(1), "both")
