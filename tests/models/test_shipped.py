import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fer_core.labels import EXPRESSIONS
from fer_core.models import find_model
from fer_core.models.catalog import SHIPPED_NAME, list_models
from fer_core.models.classifier import load_classifier
from fer_core.models.package import file_digest

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def shipped():
    return find_model(SHIPPED_NAME)


def test_the_shipped_model_stands_first_in_the_list(fer_home, shipped):
    assert [model.folder for model in list_models()][:1] == [shipped.folder]
    assert shipped.name == SHIPPED_NAME


def test_the_package_is_small_and_whole(shipped):
    assert sum(path.stat().st_size for path in shipped.folder.rglob("*") if path.is_file()) <= 6_000_000
    digests = shipped.info.digests
    assert digests
    assert {name: file_digest(shipped.folder / name) for name in digests} == dict(digests)


def test_the_package_comes_with_the_record_of_its_training(shipped):
    assert {"training-config.json", "training-history.csv"} <= {path.name for path in shipped.folder.iterdir()}
    assert shipped.info.metrics["FER2013 test, all views"]["num_images"] == 3589
    assert shipped.info.metrics["FER2013 test, all views"]["accuracy"] >= 0.67


@pytest.mark.parametrize("views", ["one", "all"])
def test_it_gives_probabilities_of_the_seven_expressions(shipped, views):
    assert sorted(shipped.info.class_names) == list(EXPRESSIONS)
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), np.uint8)
    probabilities = load_classifier(shipped).predict(faces, views)
    assert probabilities.shape == (3, 7)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-4)


def test_it_is_read_without_tensorflow():
    code = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from fer_core.prediction import load_predictor; import numpy as np\n"
        "faces = load_predictor().predict(np.zeros((48, 48, 3), np.uint8), faces='whole').faces\n"
        "print(len(faces))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.stdout == "1\n", done.stderr
