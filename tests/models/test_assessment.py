import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer_core.dataset import Dataset, DatasetIndex, add_dataset
from fer_core.dataset.corrections.edits import exclude, undo
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.errors import Cancelled, DatasetError, ModelError
from fer_core.jobs import run_here
from fer_core.labels import EXPRESSIONS
from fer_core.models.assessment import evaluate_model, read_cached_evaluation, read_cached_predictions
from fer_core.models.catalog import find_model
from fer_core.models.classifier import load_classifier
from fer_core.models.package import ModelPackage, read_package, write_info
from tests.models.networks import make_faces


def _index(labels: list[str], *, size: int = 48, channels: int = 1, unreadable: int = 0) -> DatasetIndex:
    table = pd.DataFrame({"label": labels, "split": "test"})
    table.insert(0, "image_id", range(len(labels)))
    table["path"] = [f"test/{label}/{number}.png" for number, label in enumerate(labels)]
    table["digest"] = [f"{number:032x}" for number in table["image_id"]]
    table["readable"] = table["image_id"] >= unreadable
    return DatasetIndex(table, make_faces(len(labels), size=size, channels=channels))


def test_labels_are_matched_by_name(tiny_package: ModelPackage) -> None:
    faces = make_faces(100)
    predicted = load_classifier(tiny_package).predict(faces).argmax(axis=1)
    labels = [EXPRESSIONS[number] for number in predicted]
    assert len(set(labels)) < 7  # so that positions among the dataset's own classes would be wrong
    report = evaluate_model(tiny_package, _index(labels), "test")
    assert report["accuracy"] == 1.0
    assert report["class_names"] == list(EXPRESSIONS)


def test_a_report_says_what_was_measured(tiny_package: ModelPackage) -> None:
    index = _index(["happy", "sad"] * 40, unreadable=3)
    report = evaluate_model(tiny_package, index, "test", views="one")
    assert (report["num_images"], report["num_unreadable"]) == (77, 3)
    assert (report["model"], report["split"], report["views"]) == ("tiny", "test", "one")
    assert report["fingerprint"] == index.fingerprint
    assert report["seconds"] >= 0
    assert np.sum(report["confusion"]) == 77


@pytest.mark.parametrize(("size", "channels"), [(64, 1), (32, 1), (48, 3)])
def test_images_of_another_size_are_brought_to_the_models(tiny_package: ModelPackage, size: int, channels: int) -> None:
    report = evaluate_model(tiny_package, _index(["fear"] * 5, size=size, channels=channels), "test", views="one")
    assert report["num_images"] == 5


def test_a_class_that_the_model_does_not_know_is_listed(tiny_package: ModelPackage) -> None:
    with pytest.raises(ModelError, match=r"'contempt'.*classes contempt, happy; the model knows angry, disgust"):
        evaluate_model(tiny_package, _index(["happy", "contempt"]), "test")


@pytest.mark.parametrize(
    ("split", "unreadable", "expected"), [("train", 0, "no split 'train'"), ("test", 2, "None of the 2 pictures")]
)
def test_a_split_without_pictures_is_refused(
    tiny_package: ModelPackage, split: str, unreadable: int, expected: str
) -> None:
    with pytest.raises(DatasetError, match=expected):
        evaluate_model(tiny_package, _index(["happy", "sad"], unreadable=unreadable), split)


def _pairs(twins: list[tuple[int, int]]) -> pd.DataFrame:
    first, second = (np.array(twins, np.int64).reshape(-1, 2)[:, side] for side in (0, 1))
    return pd.DataFrame({"image_id": first, "twin_id": second, "similarity": 1.0, "identical": True})


def test_figures_without_leaks_come_from_the_same_predictions(tiny_package: ModelPackage) -> None:
    faces = make_faces(130)
    predicted = load_classifier(tiny_package).predict(faces, "one").argmax(axis=1)
    labels = [EXPRESSIONS[number] for number in predicted]
    wrong = ["sad" if label != "sad" else "happy" for label in labels[:30]]
    index = _index([*wrong, *labels[30:]])
    index.table.loc[100:, "split"] = "train"
    twins = _pairs([(number, 100 + number) for number in range(30)])
    report = evaluate_model(tiny_package, index, "test", views="one", duplicates=twins)
    assert report["accuracy"] == pytest.approx(0.7)
    own = report["without_leaks"]
    assert (own["num_images"], own["accuracy"], own["macro_f1"]) == (70, 1.0, pytest.approx(1.0))
    assert own["accuracy_ci"][0] < 1.0 == own["accuracy_ci"][1]
    assert own["ece"] > 0


@pytest.mark.parametrize(
    ("twins", "num_images"), [(None, None), ([], 4), ([(0, 4), (1, 4), (2, 4), (3, 4)], None)],
    ids=["unknown", "none", "all"],
)  # fmt: skip
def test_without_leaks_says_where_there_is_nothing_to_say(
    tiny_package: ModelPackage, twins: list[tuple[int, int]] | None, num_images: int | None
) -> None:
    index = _index([*["happy", "sad"] * 2, "sad"])
    index.table.loc[4, "split"] = "train"
    duplicates = None if twins is None else _pairs(twins)
    report = evaluate_model(tiny_package, index, "test", views="one", duplicates=duplicates)
    assert (report["without_leaks"] or {}).get("num_images") == num_images


@pytest.mark.parametrize(
    ("label_map", "num_images", "accuracy"),
    [({"contempt": ""}, 2, 1.0), ({"contempt": "disgust"}, 3, 2 / 3)], ids=["left-out", "renamed"],
)  # fmt: skip
def test_a_map_brings_labels_to_the_models_classes(
    tiny_package: ModelPackage, label_map: dict[str, str], num_images: int, accuracy: float
) -> None:
    predicted = [EXPRESSIONS[n] for n in load_classifier(tiny_package).predict(make_faces(3), "one").argmax(axis=1)]
    assert predicted[2] != "disgust"
    index = _index([*predicted[:2], "contempt"])
    report = evaluate_model(tiny_package, index, "test", views="one", label_map=label_map)
    assert (report["num_images"], report["accuracy"]) == (num_images, pytest.approx(accuracy))


def test_a_map_of_labels_that_do_not_occur_is_refused(tiny_package: ModelPackage) -> None:
    with pytest.raises(ModelError, match=r"names 'smile'.*labels happy, sad"):
        evaluate_model(tiny_package, _index(["happy", "sad"]), "test", label_map={"smile": "happy"})


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    labels = ["happy", "sad"] * 50
    for number, (label, face) in enumerate(zip(labels, make_faces(len(labels)), strict=True)):
        path = tmp_path / "pictures" / "test" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(face[..., 0]).save(path)
    return add_dataset(tmp_path / "pictures", name="pictures")


def _evaluate(fer_home: Path, model: str | Path, job: str = "job") -> dict[str, object] | None:
    arguments = {"model": str(model), "dataset": "pictures", "split": "test", "views": "one"}
    return run_here(fer_home / "jobs" / job, "fer_core.models.assessment:evaluate_job", arguments, title="Evaluating")


def test_a_job_keeps_its_report(tiny_package: ModelPackage, fer_home: Path, dataset: Dataset) -> None:
    assert read_cached_evaluation(tiny_package, dataset, "test", "one") is None
    report = _evaluate(fer_home, tiny_package.folder)
    assert report is not None
    assert (report["num_images"], report["dataset"]) == (100, "pictures")
    assert read_cached_evaluation(tiny_package, dataset, "test", "one") == report
    assert read_cached_evaluation(tiny_package, dataset, "test", "all") is None
    assert _evaluate(fer_home, tiny_package.folder, "again") == report  # the seconds are those of the first time


def test_a_changed_model_is_measured_again(
    tiny_package: ModelPackage, fer_home: Path, dataset: Dataset, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_package.folder, fer_home / "models" / "mine"))
    report = _evaluate(fer_home, "mine")
    assert report is not None
    assert report["model"] == "mine"
    write_info(replace(tiny_package.info, unsure_threshold={"one": 0.9, "all": 0.9}), folder)
    assert read_cached_evaluation(find_model("mine"), dataset, "test", "one") == report  # no probability changed
    write_info(replace(tiny_package.info, temperature={"one": 3.0, "all": 3.0}), folder)
    assert read_cached_evaluation(find_model("mine"), dataset, "test", "one") is None
    assert read_package(folder).digest() != tiny_package.digest()


def test_the_kept_predictions_are_those_of_the_report(
    tiny_package: ModelPackage, fer_home: Path, dataset: Dataset
) -> None:
    duplicates_of(dataset)
    report = _evaluate(fer_home, tiny_package.folder)
    table = read_cached_predictions(tiny_package, dataset, "test", "one")
    assert report is not None
    assert table is not None
    assert (table["label"] == table["predicted"]).mean() == report["accuracy"]
    assert {"image_id", "path", "confidence", "duplicate_group", "leaked", "p_happy"} <= set(table.columns)
    assert read_cached_predictions(tiny_package, dataset, "test", "all") is None


def test_corrections_and_known_duplicates_are_measured_again(
    tiny_package: ModelPackage, fer_home: Path, dataset: Dataset
) -> None:
    first = _evaluate(fer_home, tiny_package.folder)
    exclude(dataset, range(10))
    assert read_cached_evaluation(tiny_package, dataset, "test", "one") is None
    corrected = _evaluate(fer_home, tiny_package.folder, "corrected")
    assert first is not None
    assert corrected is not None
    assert (first["num_images"], corrected["num_images"], corrected["without_leaks"]) == (100, 90, None)
    duplicates_of(dataset)
    assert read_cached_evaluation(tiny_package, dataset, "test", "one") is None
    known = _evaluate(fer_home, tiny_package.folder, "known")
    assert known is not None
    assert known["without_leaks"]["num_images"] == 90
    undo(dataset)
    assert read_cached_evaluation(tiny_package, dataset, "test", "one") is None


def test_a_cancelled_measurement_keeps_nothing(tiny_package: ModelPackage, fer_home: Path, dataset: Dataset) -> None:
    seen = []

    def stop(done: int, total: int) -> None:
        seen.append((done, total))
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        evaluate_model(tiny_package, dataset.index, "test", views="one", on_progress=stop)
    assert seen == [(64, 100)]
    assert not list(fer_home.glob("evaluations/*"))


def test_calibration_before_the_temperature_is_that_of_the_network_alone(tiny_package: ModelPackage) -> None:
    faces, labels = make_faces(40), [EXPRESSIONS[number % 7] for number in range(40)]
    sharper = replace(tiny_package, info=replace(tiny_package.info, temperature={"one": 0.7, "all": 1.0}))
    before = evaluate_model(sharper, _index(labels), "test", views="one")["before_temperature"]
    alone = load_classifier(tiny_package).predict_uncalibrated(faces).astype(float)
    true = np.array([EXPRESSIONS.index(label) for label in labels])
    assert before["temperature"] == 0.7
    assert before["nll"] == pytest.approx(-np.log(alone[np.arange(40), true]).mean(), rel=1e-4)
    assert before["brier"] == pytest.approx(((alone - np.eye(7)[true]) ** 2).sum(axis=1).mean(), rel=1e-4)
