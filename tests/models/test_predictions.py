import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core.dataset import Dataset, add_dataset, open_dataset, remove_dataset
from fer_core.dataset.corrections.edits import exclude, relabel
from fer_core.errors import Cancelled
from fer_core.jobs import run_here
from fer_core.models.classifier import load_classifier
from fer_core.models.package import ModelPackage, read_package, write_info
from fer_core.models.predictions import load_embeddings, load_predictions, predict_dataset
from tests.models.networks import make_faces

NUM_FACES = 150


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    """150 readable pictures with labels of which the model does not know one, and a broken file."""
    for number, face in enumerate(make_faces(NUM_FACES)):
        path = tmp_path / "faces" / "train" / ("happy", "sad", "contempt")[number % 3] / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(face[..., 0]).save(path)
    (tmp_path / "faces" / "train" / "happy" / "broken.png").write_bytes(b"no picture")
    return add_dataset(tmp_path / "faces", name="faces")


def test_every_readable_picture_is_read_as_the_classifier_reads_it(
    tiny_package: ModelPackage, dataset: Dataset
) -> None:
    seen: list[tuple[int, int]] = []
    predictions = predict_dataset(tiny_package, dataset, on_progress=lambda *done: seen.append(done))
    readable = np.flatnonzero(dataset.index.table["readable"])
    assert predictions["image_id"].tolist() == readable.tolist()
    assert seen[-1] == (NUM_FACES, NUM_FACES)
    y_prob, embeddings = load_classifier(tiny_package).read(np.asarray(dataset.index.images[readable]))
    columns = [f"p_{name}" for name in tiny_package.info.class_names]
    assert np.allclose(predictions[columns], y_prob, atol=1e-5)
    assert predictions["confidence"].to_numpy() == pytest.approx(y_prob.max(axis=1), abs=1e-5)
    assert predictions["predicted"].tolist() == [tiny_package.info.class_names[i] for i in y_prob.argmax(axis=1)]
    kept = load_embeddings(tiny_package, dataset)
    assert kept is not None
    assert np.allclose(kept, embeddings, rtol=2e-3, atol=1e-3)


def test_a_second_reading_is_found_even_by_a_dataset_opened_anew(tiny_package: ModelPackage, dataset: Dataset) -> None:
    first = predict_dataset(tiny_package, dataset)
    again = predict_dataset(tiny_package, open_dataset("faces"), on_progress=lambda *_: pytest.fail("read again"))
    assert again.equals(first)


def test_loss_follows_the_corrected_labels(tiny_package: ModelPackage, dataset: Dataset) -> None:
    before = predict_dataset(tiny_package, dataset)
    table = dataset.index.table.loc[before["image_id"]]
    assert (before["loss"].isna().to_numpy() == (table["label"] == "contempt").to_numpy()).all()
    changed, left_out = int(before["image_id"].iloc[0]), int(before["image_id"].iloc[1])
    relabel(dataset, [changed], "fear")
    exclude(dataset, [left_out])
    after = load_predictions(tiny_package, dataset)
    assert after is not None
    row = after[after["image_id"] == changed].iloc[0]
    assert row["loss"] == pytest.approx(-np.log(row["p_fear"]), rel=1e-5)
    assert left_out in after["image_id"].tolist()


def test_another_network_or_other_views_are_read_afresh(
    tiny_package: ModelPackage, dataset: Dataset, tmp_path: Path
) -> None:
    predict_dataset(tiny_package, dataset)
    folder = Path(shutil.copytree(tiny_package.folder, tmp_path / "warmer"))
    write_info(replace(tiny_package.info, temperature={"one": 3.0, "all": 3.0}), folder)
    assert load_predictions(read_package(folder), dataset) is None
    assert load_predictions(tiny_package, dataset, views="all") is None


def test_nothing_is_kept_of_a_reading_that_was_stopped(tiny_package: ModelPackage, dataset: Dataset) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("Stopped on request.")

    with pytest.raises(Cancelled):
        predict_dataset(tiny_package, dataset, on_progress=stop)
    assert load_predictions(tiny_package, dataset) is None
    assert load_embeddings(tiny_package, dataset) is None
    assert [*dataset.audit_folder.rglob("*.parquet")] == []


def test_the_job_keeps_what_the_page_opens(tiny_package: ModelPackage, dataset: Dataset, fer_home: Path) -> None:
    arguments = {"model": str(tiny_package.folder), "dataset": "faces"}
    target = "fer_core.models.predictions:predict_dataset_job"
    assert run_here(fer_home / "jobs" / "read", target, arguments, title="Reading") == {"num_images": NUM_FACES}
    assert load_predictions(tiny_package, dataset) is not None
    remove_dataset("faces")
    assert [*fer_home.rglob("*.npy")] == []
