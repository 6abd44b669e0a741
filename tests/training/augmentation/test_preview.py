from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.errors import TrainingError
from fer_core.jobs import run_here
from fer_core.training import TrainConfig
from fer_core.training.augmentation.preview import draw_mosaic, preview_path

TARGET = "fer_core.training.augmentation.preview:preview_job"


def write_faces(folder: Path, channels: int, split: str = "train") -> Path:
    """Eight 48 x 48 pictures of two labels: grey, or green to the left and red to the right."""
    for number in range(8):
        place = folder / split / ("happy", "sad")[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        picture = np.full((48, 48, channels), 20 * number + 40, np.uint8)
        if channels == 3:
            picture[:, :24] = (0, 200, 0)
            picture[:, 24:] = (0, 0, 200)
        cv2.imwrite(str(place / f"{number}.png"), picture)
    return folder


def preview(dataset: Dataset, tmp_path: Path, **settings: object) -> np.ndarray:
    """(height, width, 4) blue, green, red and opacity."""
    config = TrainConfig(dataset.name, **settings)
    arguments = {name: getattr(config, name) for name in ("augmentation", "crop_low", "crop_high", "mixup", "seed")}
    run_here(tmp_path / "job", TARGET, {"dataset": dataset.name, **arguments}, title="Preview")
    return cv2.imread(str(preview_path(config, dataset)), cv2.IMREAD_UNCHANGED)


@pytest.fixture(params=[1, 3], ids=["grey", "colour"])
def dataset(request, fer_home, tmp_path) -> Dataset:
    return add_dataset(write_faces(tmp_path / "faces", request.param), name="faces")


def test_the_preview_shows_six_faces_and_five_variants_of_each(dataset, tmp_path) -> None:
    picture = preview(dataset, tmp_path, augmentation="strong", mixup=0.5, crop_low=0.8, crop_high=1.0)
    opaque = picture[..., 3] > 0
    assert picture.shape == (6 * 118 - 6, 6 * 112 + 22 + 4 * 6, 4)
    assert opaque.any(axis=0).sum() == 6 * 112
    assert opaque.any(axis=1).sum() == 6 * 112


def test_without_augmentation_nothing_changes_but_the_crop(dataset, tmp_path) -> None:
    picture = preview(dataset, tmp_path, augmentation="none", crop_low=1.0, crop_high=1.0)
    for row in range(6):
        tiles = [picture[118 * row : 118 * row + 112, left : left + 112] for left in (0, 134, 252, 370, 488, 606)]
        assert all(np.array_equal(tile, tiles[0]) for tile in tiles)
    if dataset.index.images.shape[3] == 3:
        green_and_red = picture[56, (20, 90), :3]
        assert np.array_equal(green_and_red, [[0, 200, 0], [0, 0, 200]])


def test_every_setting_has_a_picture_of_its_own(dataset) -> None:
    settings = [{}, {"augmentation": "light"}, {"crop_high": 0.9}, {"mixup": 0.5}, {"seed": 1}]
    assert len({preview_path(TrainConfig("faces", **changes), dataset) for changes in settings}) == len(settings)
    assert preview_path(TrainConfig("faces", epochs=3), dataset) == preview_path(TrainConfig("faces"), dataset)


def test_a_dataset_without_training_pictures_is_refused(fer_home, tmp_path) -> None:
    only_tests = add_dataset(write_faces(tmp_path / "faces", 1, split="test"), name="tests")
    with pytest.raises(TrainingError, match="only test"):
        preview(only_tests, tmp_path)


def test_variants_of_any_side_stand_in_tiles_of_one_size() -> None:
    faces = np.full((2, 48, 48, 1), 7, np.uint8)
    mosaic = draw_mosaic(faces, [np.full((2, side, side, 1), side, np.float32) for side in (33, 200)])
    assert [int(mosaic[5, left, 0]) for left in (0, 134, 252)] == [7, 33, 200]
