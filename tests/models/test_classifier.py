import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.package import ModelPackage, read_package, write_info
from tests.models.networks import make_faces, make_info


@pytest.fixture(scope="module")
def classifier(tiny_package: ModelPackage) -> Classifier:
    return load_classifier(tiny_package)


@pytest.mark.parametrize("views", ["one", "all"])
@pytest.mark.parametrize("num_faces", [0, 1, 70])
def test_every_face_gets_probabilities(classifier: Classifier, num_faces: int, views: str) -> None:
    y_prob = classifier.predict(make_faces(num_faces), views)
    assert y_prob.shape == (num_faces, 7)
    assert y_prob.dtype == np.float32
    assert np.allclose(y_prob.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("views", ["one", "all"])
def test_the_company_of_a_face_does_not_change_its_probabilities(classifier: Classifier, views: str) -> None:
    faces = make_faces(70)
    alone = np.concatenate([classifier.predict(faces[[number]], views) for number in (0, 33, 69)])
    assert np.allclose(classifier.predict(faces, views)[[0, 33, 69]], alone, atol=1e-4)


def test_pictures_differ(classifier: Classifier) -> None:
    assert classifier.predict(make_faces(40), "one").std(axis=0).max() > 0.02


def test_the_temperature_of_the_views_is_applied_once(tiny_package: ModelPackage, classifier: Classifier) -> None:
    info = replace(tiny_package.info, temperature={"one": 2.0, "all": 0.5})
    warmer = Classifier(tiny_package.tflite_path.read_bytes(), info)
    for views, temperature in info.temperature.items():
        powers = classifier.predict_uncalibrated(make_faces(5), views).astype(float) ** (1 / temperature)
        expected = powers / powers.sum(axis=1, keepdims=True)
        assert np.allclose(warmer.predict(make_faces(5), views), expected, atol=1e-5)


def test_threads_may_share_a_classifier(classifier: Classifier) -> None:
    faces = [make_faces(1 + number % 5, seed=number) for number in range(40)]
    expected = [classifier.predict(each, "one") for each in faces]
    with ThreadPoolExecutor(4) as pool:
        received = list(pool.map(lambda each: classifier.predict(each, "one"), faces * 5))
    assert all(np.allclose(*pair, atol=1e-6) for pair in zip(received, expected * 5, strict=True))


@pytest.mark.parametrize(
    ("faces", "expected"),
    [
        pytest.param(make_faces(1)[0], "shape", id="no batch"),
        pytest.param(make_faces(2, size=44), r"\(48, 48, 1\)", id="other size"),
        pytest.param(make_faces(2, channels=3), r"\(48, 48, 1\)", id="other channels"),
        pytest.param(make_faces(2).astype(np.float32) / 255, "float32, expected uint8", id="floats"),
    ],
)
def test_faces_of_another_kind_are_refused(classifier: Classifier, faces: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        classifier.predict(faces)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "LiteRT cannot run it", id="empty"),
        pytest.param(b"<html>not found</html>", "LiteRT cannot run it", id="a web page"),
    ],
)
def test_what_is_no_network_is_refused(content: bytes, expected: str) -> None:
    with pytest.raises(ModelError, match=expected):
        Classifier(content, make_info())


@pytest.mark.parametrize("changes", [{"input_size": 40}, {"channels": 3}, {"class_names": ("a", "b")}], ids=str)
def test_a_network_that_the_info_does_not_fit_is_refused(
    tiny_package: ModelPackage, tmp_path: Path, changes: dict[str, Any]
) -> None:
    folder = Path(shutil.copytree(tiny_package.folder, tmp_path / "package"))
    write_info(replace(tiny_package.info, **changes), folder)
    with pytest.raises(ModelError, match=r"model\.json says"):
        load_classifier(read_package(folder))


def test_no_tensorflow_is_needed_to_predict(tiny_package: ModelPackage, classifier: Classifier, tmp_path: Path) -> None:
    np.save(tmp_path / "faces.npy", make_faces(3))
    program = (
        "import sys\n"
        "sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "import numpy as np\n"
        "from fer_core.models import load_classifier, read_package\n"
        "classifier = load_classifier(read_package(sys.argv[1]))\n"
        "np.save(sys.argv[2] + '/y_prob.npy', classifier.predict(np.load(sys.argv[2] + '/faces.npy')))\n"
    )
    arguments = [sys.executable, "-c", program, str(tiny_package.folder), str(tmp_path)]
    subprocess.run(arguments, check=True, timeout=60, cwd=Path(__file__).parents[2])
    assert np.allclose(np.load(tmp_path / "y_prob.npy"), classifier.predict(make_faces(3)), atol=1e-5)


@pytest.mark.parametrize("views", ["one", "all"])
def test_reading_gives_the_predicted_probabilities_and_one_embedding_a_face(classifier: Classifier, views: str) -> None:
    faces = make_faces(70)
    y_prob, embeddings = classifier.read(faces, views)
    assert np.allclose(y_prob, classifier.predict(faces, views), atol=1e-6)
    assert embeddings.shape == (70, classifier.embedding_size)
    assert np.allclose(embeddings, classifier.read(faces, "one")[1], atol=1e-4)
    assert embeddings.std(axis=0).max() > 0
