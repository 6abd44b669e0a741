import shutil
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.labels import EXPRESSIONS
from fer_core.models.catalog import find_model
from fer_core.models.classifier import load_classifier
from fer_core.models.foreign_keras import import_keras_file
from fer_core.models.package import ModelPackage
from tests.models.networks import make_faces


@pytest.mark.slow
def test_a_trusted_keras_file_becomes_a_model(tiny_package: ModelPackage, tmp_path: Path, fer_home: Path) -> None:
    path = Path(shutil.copy(tiny_package.folder / "model.keras", tmp_path / "friend.keras"))
    package = import_keras_file(path, EXPRESSIONS, name="friend")
    assert find_model("friend") == package
    assert package.keras_path.is_file()
    faces = make_faces(3)
    expected = load_classifier(tiny_package).predict_uncalibrated(faces)
    np.testing.assert_allclose(load_classifier(package).predict_uncalibrated(faces), expected, atol=1e-5)
    assert "Not known: it came as a bare Keras file" in package.card()


@pytest.mark.parametrize(
    ("class_names", "name", "message"),
    [
        pytest.param(("happy", "sad"), "friend", "tells 7 classes, and 2 are named", id="other-classes"),
        pytest.param(EXPRESSIONS, "default", "already", id="taken"),
        pytest.param(EXPRESSIONS, "../up", "name is", id="name-that-climbs"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    tiny_package: ModelPackage, fer_home: Path, class_names: tuple[str, ...], name: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        import_keras_file(tiny_package.folder / "model.keras", class_names, name=name)
    assert not (fer_home / "models").exists()


def test_a_network_of_another_kind_is_refused(tmp_path: Path, fer_home: Path) -> None:
    import keras

    path = tmp_path / "other.keras"
    keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(7)]).save(path)
    with pytest.raises(ModelError, match="has no layers features"):
        import_keras_file(path, EXPRESSIONS, name="friend")


def test_the_command_takes_a_keras_file_only_with_the_word_of_the_person(run, tiny_package, fer_home) -> None:
    path = tiny_package.folder / "model.keras"
    code, _, error = run("models", "import", path)
    assert code == 1
    assert "can hold code" in " ".join(error.split())
    assert "--trust-keras" in error
    code, _, error = run("models", "import", path, "--trust-keras", "--name", "friend")
    assert code == 1
    assert "--classes" in error
    code, _, error = run("models", "import", path, "--trust-keras", "--name", "friend", "--classes", "happy,sad")
    assert code == 1
    assert "tells 7 classes" in " ".join(error.split())
    assert not (fer_home / "models").exists()
