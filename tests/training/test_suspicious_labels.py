import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.suspicious import examined_images, read_suspicious, searches
from fer_core.errors import ModelError
from fer_core.jobs import run_here
from fer_core.models.classifier import load_classifier
from fer_core.models.package import ModelPackage, read_package, write_info
from fer_core.training.suspicious_labels import find_suspicious_labels
from tests.models.networks import make_faces

NUM_FACES, WRONG = 200, (3, 50, 120)


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path, tiny_package: ModelPackage) -> Dataset:
    """Pictures labelled as the tiny network sees them, but for three, and some whose label it does not know."""
    faces = make_faces(NUM_FACES)
    y_prob = load_classifier(tiny_package).predict(faces, "one")
    for number, face in enumerate(faces):
        label = tiny_package.info.class_names[y_prob[number].argmin() if number in WRONG else y_prob[number].argmax()]
        if number >= NUM_FACES - 10:
            label = "contempt"
        path = tmp_path / "faces" / ("train" if number < 40 else "test") / label / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(face[..., 0]).save(path)
    return add_dataset(tmp_path / "faces", name="faces")


def _numbers(dataset: Dataset, image_ids: np.ndarray) -> set[int]:
    return {int(Path(path).stem) for path in dataset.index.table["path"].iloc[image_ids]}


def test_wrong_labels_are_found_among_those_that_the_model_knows(tiny_package: ModelPackage, dataset: Dataset) -> None:
    search = find_suspicious_labels(tiny_package, dataset)
    found = read_suspicious(dataset)
    assert found is not None
    assert _numbers(dataset, found["image_id"].to_numpy()) == set(WRONG)
    assert (search.num_examined, search.num_suspicious) == (NUM_FACES - 10, 3)
    assert search.source == "model tiny"
    given = dataset.index.table["label"].iloc[found["image_id"]]
    assert found["given_label"].tolist() == given.tolist()
    assert (found["suggested_label"] != found["given_label"]).all()


def test_pictures_the_model_learned_from_or_that_are_excluded_are_not_examined(
    tiny_package: ModelPackage, dataset: Dataset, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_package.folder, tmp_path / "of-faces"))
    write_info(
        replace(tiny_package.info, training_data={**tiny_package.info.training_data, "dataset": "faces"}), folder
    )
    left_out = int(dataset.index.select(split="test")["image_id"].iloc[0])
    exclude(dataset, [left_out])
    find_suspicious_labels(read_package(folder), dataset)
    examined = examined_images(dataset)
    assert (dataset.index.table["split"].iloc[examined] == "test").all()
    assert left_out not in examined


def test_too_few_new_pictures_are_told_and_nothing_is_kept(
    tiny_package: ModelPackage, dataset: Dataset, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_package.folder, tmp_path / "of-faces"))
    write_info(
        replace(tiny_package.info, training_data={**tiny_package.info.training_data, "dataset": "faces"}), folder
    )
    exclude(dataset, dataset.index.select(split="test")["image_id"].tolist())
    with pytest.raises(ModelError, match="only 0 are new to the model"):
        find_suspicious_labels(read_package(folder), dataset)
    assert searches(dataset) == []


def test_the_job_keeps_what_the_page_shows(tiny_package: ModelPackage, dataset: Dataset, fer_home: Path) -> None:
    target = "fer_core.training.suspicious_labels:find_suspicious_job"
    arguments = {"model": str(tiny_package.folder), "dataset": "faces"}
    result = run_here(fer_home / "jobs" / "look", target, arguments, title="Looking")
    assert result is not None
    assert result["num_suspicious"] == 3
    assert [search.source for search in searches(dataset)] == ["model tiny"]
