from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.evaluation.projection import PCA
from fer_core.jobs import run_here
from fer_core.models.package import ModelPackage
from fer_core.models.picture_map import draw_map, embedding_points, load_map, pixel_points, sample_images
from fer_core.models.predictions import predict_dataset


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    write_drawn_faces(tmp_path / "faces", num_train=70, num_test=21)
    return add_dataset(tmp_path / "faces", name="faces")


def test_a_sample_has_each_label_of_each_split_by_its_share(dataset: Dataset) -> None:
    assert len(sample_images(dataset.index, seed=0)) == 91
    sample = sample_images(dataset.index, seed=0, num_images=42)
    rows = dataset.index.table.iloc[sample]
    assert (np.diff(sample) > 0).all()
    assert rows.groupby(["split", "label"]).size().groupby("split").unique().map(list).to_dict() == {
        "test": [1],
        "train": [5],
    }
    assert sample.tolist() == sample_images(dataset.index, seed=0, num_images=42).tolist()
    assert sample.tolist() != sample_images(dataset.index, seed=1, num_images=42).tolist()


def test_pixels_place_pictures_whatever_their_light(dataset: Dataset) -> None:
    index = dataset.index
    image_ids = sample_images(index, seed=0)
    points = pixel_points(index, image_ids)
    assert points.values.shape == (91, 24 * 24)
    assert np.allclose(points.values.mean(axis=1), 0, atol=1e-4)
    drawn, explained = draw_map(points, image_ids)
    assert drawn["image_id"].tolist() == image_ids.tolist()
    assert drawn[["x", "y"]].std().min() > 0
    assert 0 < explained < 1


def test_a_model_places_pictures_once_it_has_read_them(tiny_package: ModelPackage, dataset: Dataset) -> None:
    assert embedding_points(dataset, tiny_package, dataset.index) is None
    predict_dataset(tiny_package, dataset)
    points = embedding_points(dataset, tiny_package, dataset.index)
    assert points is not None
    sample = sample_images(dataset.index, seed=0, num_images=42)
    drawn, _ = draw_map(points, sample)
    assert drawn["image_id"].tolist() == sample.tolist()


@pytest.mark.parametrize("by_model", [True, False], ids=["model", "pixels"])
def test_the_job_keeps_a_map(tiny_package: ModelPackage, dataset: Dataset, fer_home: Path, by_model: bool) -> None:
    package = tiny_package if by_model else None
    image_ids = sample_images(dataset.index, seed=4)
    assert load_map(dataset, package, image_ids, method=PCA, seed=4) is None
    arguments = {"dataset": "faces", "model": str(tiny_package.folder) if by_model else "", "method": PCA, "seed": 4}
    run_here(fer_home / "jobs" / "map", "fer_core.models.picture_map:draw_map_job", arguments, title="Map")
    drawn = load_map(dataset, package, image_ids, method=PCA, seed=4)
    assert drawn is not None
    assert drawn["image_id"].tolist() == image_ids.tolist()
    assert load_map(dataset, package, image_ids[1:], method=PCA, seed=4) is None
