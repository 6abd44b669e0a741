"""The shipped LiteRT file is the shipped Keras network: held to what is promised, on drawn faces."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import ModelError
from fer_core.models.agreement import MAX_FLOAT32_DIFFERENCE, Agreement, check_agreement, compare_probabilities
from fer_core.models.catalog import find_model
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.model_input import fit_images


def test_agreement_counts_labels_and_differences() -> None:
    first, second = [[0.6, 0.4], [0.9, 0.1]], [[0.4, 0.6], [0.8, 0.2]]
    agreement = compare_probabilities(first, second, [1, 0])
    assert (agreement.num_images, agreement.same_labels, agreement.accuracy_change) == (2, 0.5, 0.5)
    assert agreement.max_difference == pytest.approx(0.2)
    assert agreement.mean_difference == pytest.approx(0.15)
    assert compare_probabilities(first, second).accuracy_change is None


def test_arrays_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(1, 2\) and \(1, 3\)"):
        compare_probabilities([[0.5, 0.5]], [[0.2, 0.3, 0.5]])


@pytest.mark.parametrize(
    ("same_labels", "accuracy_change", "is_good"),
    [(0.99, None, True), (0.995, -0.003, True), (0.98, 0.0, False), (1.0, 0.004, False), (float("nan"), 0.0, False)],
)
def test_the_promise_is_held(same_labels: float, accuracy_change: float | None, is_good: bool) -> None:
    agreement = Agreement(100, same_labels, 0.1, 0.01, accuracy_change)
    if is_good:
        check_agreement(agreement)
        return
    with pytest.raises(ModelError, match=r"expected at least 99 % and at most 0\.3 points"):
        check_agreement(agreement)


@pytest.fixture
def faces(fer_home: Path, tmp_path: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Drawn faces in the shipped model's size, with their class numbers."""
    write_drawn_faces(tmp_path / "drawn", num_train=350, num_test=7)
    index = add_dataset(tmp_path / "drawn", name="drawn").index
    rows = index.select(split="train")
    return fit_images(index.images[rows["image_id"]], find_model().info), index.label_numbers(rows)


@pytest.mark.slow
def test_the_shipped_file_agrees_with_its_keras_network(faces) -> None:
    images, y_true = faces
    package = find_model()
    by_keras = load_classifier(package, engine="keras").predict(images, "one")
    by_litert = load_classifier(package).predict(images, "one")
    best, second = np.sort(by_keras, axis=1)[:, [-1, -2]].T
    is_decided = best - second >= 0.05  # drawn faces leave a photo's network torn, and a tie may fall either way
    assert is_decided.mean() > 0.8
    check_agreement(compare_probabilities(by_keras[is_decided], by_litert[is_decided], y_true[is_decided]))
    assert compare_probabilities(by_keras, by_litert).max_difference < 0.05


@pytest.mark.slow
def test_a_float32_export_is_the_keras_network_to_a_thousandth(faces, tmp_path: Path) -> None:
    from fer_core.models.export import export_float32

    images, _ = faces
    package = find_model()
    export_float32(package, tmp_path / "float32.tflite")
    by_keras = load_classifier(package, engine="keras").predict_uncalibrated(images[:100])
    by_litert = Classifier((tmp_path / "float32.tflite").read_bytes(), package.info).predict_uncalibrated(images[:100])
    assert compare_probabilities(by_keras, by_litert).max_difference <= MAX_FLOAT32_DIFFERENCE
    assert package.tflite_path.stat().st_size < (tmp_path / "float32.tflite").stat().st_size / 3
