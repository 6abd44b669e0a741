import os
import shutil

import pytest
from PIL import Image
from skimage import data

from fer_core.faces import FaceDetector
from fer_core.prediction import Predictor
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import grid, portrait

TWO = os.path.join("photos", "Ünterordner 写真", "2024", "08", "zwei 顔.JPG")
ONE = os.path.join("photos", "one.png")
BROKEN = [os.path.join("photos", name) for name in ("empty.png", "half.png", "text.jpg")]


@pytest.fixture(scope="package")
def predictor():
    return Predictor(BrightnessClassifier(), FaceDetector())


@pytest.fixture(scope="package")
def _photos_once(tmp_path_factory):
    photos = tmp_path_factory.mktemp("pictures") / "photos"
    deep = photos / "Ünterordner 写真" / "2024" / "08"
    deep.mkdir(parents=True)
    Image.fromarray(grid(600, 300, 2, 1)[0]).save(deep / "zwei 顔.JPG")
    Image.fromarray(portrait()).save(photos / "one.png")
    Image.fromarray(data.coffee()).save(photos / "no face.webp")
    (photos / "text.jpg").write_text("not a picture")
    (photos / "empty.png").write_bytes(b"")
    (photos / "half.png").write_bytes((photos / "one.png").read_bytes()[:5000])
    (photos / "notes.txt").write_text("no picture, and not named like one")
    (photos / "._one.png").write_bytes(b"shadow file")
    return photos


@pytest.fixture
def photos(_photos_once, tmp_path, monkeypatch):
    """A folder as people have them, and the working directory around it."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(_photos_once, tmp_path / "photos")
