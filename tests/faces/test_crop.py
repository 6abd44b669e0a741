import cv2
import numpy as np
import pytest

from fer_core.faces.crop import crop_face, whole_picture
from fer_core.faces.detection import FaceDetector
from tests.scenes import Place, portrait, scene

LEVEL_EYES = np.array([(40, 50), (60, 50), (50, 60), (42, 70), (58, 70)], np.float32)


def gradient(height=100, width=120):
    """Red grows to the right, green downwards: every pixel tells where it was."""
    rows, columns = np.mgrid[:height, :width]
    return np.dstack([columns, rows, np.zeros_like(rows)]).astype(np.uint8)


def test_square_is_as_high_as_the_box_and_lies_on_its_centre():
    crop = crop_face(gradient(), (40, 20, 60, 70), size=50, channels=3)
    assert crop.shape == (50, 50, 3)
    assert (crop[0, 0, 0], crop[-1, -1, 0]) == (25, 74)  # centre 50, side 50
    assert (crop[0, 0, 1], crop[-1, -1, 1]) == (20, 69)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [16, 48, 96])
def test_crop_has_the_shape_the_network_asks_for(size, channels):
    crop = crop_face(portrait(), (178, 63, 268, 176), size=size, channels=channels)
    assert crop.shape == (size, size, channels)
    assert crop.dtype == np.uint8


def test_a_box_that_trembles_by_a_fraction_of_a_pixel_moves_the_crop_by_as_much():
    image, bbox = gradient(200, 200), np.array((40, 60, 100, 120))
    for shift in (0.1, 0.25, 0.5):
        crop = crop_face(image, tuple(bbox + shift), size=60, channels=3)
        still = crop_face(image, tuple(bbox), size=60, channels=3)
        assert (crop.astype(float) - still)[5:-5, 5:-5, :2].mean() == pytest.approx(shift, abs=0.25)


@pytest.mark.parametrize("side", [30, 70, 300, 1000, 3000])
def test_the_crop_shows_the_same_at_any_size_of_the_face(side):
    small = crop_face(portrait(), (178, 63, 291, 176), size=48).astype(float)
    scale = side / 113
    resized = cv2.resize(portrait(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    box = np.array((178, 63, 291, 176)) * resized.shape[0] / 512
    crop = crop_face(resized, tuple(box), size=48).astype(float)
    assert np.abs(crop - small).mean() < (8 if side < 48 else 4)


def test_faces_in_very_wide_and_very_large_pictures_are_cut():
    wide = np.full((50, 70_000, 3), 9, np.uint8)
    wide[:, 69_000:] = 200
    assert (crop_face(wide, (69_500, 0, 69_540, 50), size=48) == 200).all()
    assert crop_face(wide, (0, -35_000, 70_000, 35_000), size=48).shape == (48, 48, 1)


def test_beyond_the_edge_the_border_is_repeated():
    crop = crop_face(gradient(), (-30, -10, 10, 50), size=60, channels=3)
    assert (crop[:, :40, 0] == 0).all()  # the square begins at x = -40
    assert (crop[:10, :, 1] == 0).all()  # and at y = -10
    assert crop[-1, -1, 0] == 19


@pytest.mark.parametrize(
    "bbox", [(500, 500, 520, 530), (-90, -90, -50, -40), (-300, -300, 400, 400), (5, 5, 5.2, 5.2)], ids=str
)
def test_boxes_outside_larger_or_tiny_still_give_a_square(bbox):
    assert crop_face(gradient(), bbox, size=48).shape == (48, 48, 1)


def test_grey_is_the_luminance_of_the_colours():
    image = np.zeros((60, 60, 3), np.uint8)
    image[..., 1] = 200
    assert crop_face(image, (0, 0, 60, 60), size=48)[0, 0, 0] == round(200 * 0.587)


def test_shrinking_averages_instead_of_picking_pixels():
    rows, columns = np.indices((480, 480))
    checkers = np.dstack([((rows + columns) % 2 * 255).astype(np.uint8)] * 3)
    crop = crop_face(checkers, (0, 0, 480, 480), size=48)
    assert 120 <= crop.min() <= crop.max() <= 135


@pytest.mark.parametrize("roll", [-11, 0, 11])
def test_slight_tilt_leaves_the_crop_as_it_is(roll):
    image, bbox = portrait(), (178, 63, 268, 176)
    turned = cv2.transform(LEVEL_EYES[None], cv2.getRotationMatrix2D((50, 55), -roll, 1.0))[0]
    assert np.array_equal(
        crop_face(image, bbox, size=48, landmarks=turned.astype(np.float32)), crop_face(image, bbox, size=48)
    )


@pytest.mark.parametrize("tilt", [-40, -20, 20, 40])
def test_tilted_face_is_turned_upright(tilt):
    upright, _ = scene(400, 400, [Place(200, 200, 150)])
    tilted, _ = scene(400, 400, [Place(200, 200, 150, tilt=tilt)])
    (face,) = FaceDetector().detect(upright)
    middle = [(face.bbox[0] + face.bbox[2]) / 2, (face.bbox[1] + face.bbox[3]) / 2]
    matrix = cv2.getRotationMatrix2D((200, 200), -tilt, 1.0)
    landmarks = cv2.transform(face.landmarks[None], matrix)[0]
    x, y = cv2.transform(np.array([[middle]]), matrix)[0, 0]
    bbox = (x - 60, y - 75, x + 60, y + 75)
    wanted = crop_face(upright, (middle[0] - 60, middle[1] - 75, middle[0] + 60, middle[1] + 75), size=48).astype(float)
    turned = crop_face(tilted, bbox, size=48, landmarks=landmarks)
    assert np.abs(turned - wanted).mean() < 8
    assert np.abs(crop_face(tilted, bbox, size=48) - wanted).mean() > 20


def test_turned_square_is_exact_for_a_right_angle():
    eyes = np.array([(50, 40), (50, 60), (40, 50), (30, 42), (30, 58)], np.float32)  # roll 90 degrees
    bbox = (30, 30, 70, 70)
    turned = crop_face(gradient(), bbox, size=40, channels=3, landmarks=eyes)
    level = crop_face(gradient(), bbox, size=40, channels=3)
    assert np.abs(turned.astype(int) - np.rot90(level)).max() <= 1


def test_whole_picture_equals_the_pixels_of_the_dataset_index(tmp_path):
    import pandas as pd

    from fer_core.dataset.indexing.building import build_index

    shapes = [(48, 48), (200, 150), (30, 70), (60, 500)]
    for number, (height, width) in enumerate(shapes):
        picture = cv2.resize(portrait(), (width, height), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture[..., ::-1])
    names = [f"{number}.png" for number in range(len(shapes))]
    table = pd.DataFrame({"path": names, "split": "train", "label": ["a", "b"] * 2})
    index = build_index(table, tmp_path, tmp_path)
    for name, pixels in zip(names, index.images, strict=True):
        image = cv2.imread(str(tmp_path / name))[..., ::-1]
        assert np.array_equal(whole_picture(image, size=48), pixels)


def test_whole_picture_of_the_right_size_is_passed_on_unchanged():
    image = portrait()[63:111, 190:238]
    assert np.array_equal(whole_picture(image, size=48, channels=3), image)


def test_crop_is_a_copy_and_never_a_window_into_the_picture():
    image = portrait()[:48, :48].copy()
    for crop in (
        whole_picture(image, size=48, channels=3),
        crop_face(image, (0, 0, 48, 48), size=48, channels=3),
    ):
        assert not np.shares_memory(crop, image)


def test_other_channel_counts_are_refused():
    with pytest.raises(ValueError, match="1 or 3 channels, received 2"):
        whole_picture(portrait(), size=48, channels=2)
