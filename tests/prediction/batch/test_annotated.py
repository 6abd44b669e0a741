import numpy as np
import pytest
from PIL import Image

from fer_core.errors import SettingsError
from fer_core.prediction.batch import BatchSettings, write_predictions
from fer_core.prediction.batch import annotated as annotated_module
from fer_core.prediction.batch.annotated import write_copy
from tests.scenes import portrait


def test_every_readable_picture_has_a_copy_and_faces_have_marks(predictor, photos, tmp_path):
    copies = tmp_path / "photos" / "copies"  # inside what is read
    settings = BatchSettings(annotated=copies)
    for _ in range(2):  # the second time, the copies of the first are not read
        write_predictions(predictor, ["photos"], tmp_path / "r.csv", settings=settings)
        found = sorted(path.relative_to(copies).as_posix() for path in copies.rglob("*") if path.is_file())
        assert found == ["no face.webp.jpg", "one.png.jpg", "Ünterordner 写真/2024/08/zwei 顔.JPG"]
    copy = np.asarray(Image.open(copies / "one.png.jpg")).astype(int)
    changed = np.abs(copy - portrait()).max(axis=2) > 60
    assert changed[55:185, 170:280].mean() > 0.02
    assert changed[300:].mean() < 0.001


def test_very_large_picture_is_made_smaller_and_its_marks_with_it(predictor, tmp_path, monkeypatch):
    monkeypatch.setattr(annotated_module, "LARGEST_SIDE", 400)
    prediction = predictor.predict(portrait())
    write_copy(prediction, tmp_path / "copy.jpg")
    copy = np.asarray(Image.open(tmp_path / "copy.jpg")).astype(int)
    assert copy.shape == (400, 400, 3)
    small = np.asarray(Image.fromarray(portrait()).resize((400, 400))).astype(int)
    changed = np.abs(copy - small).max(axis=2) > 80
    ys, xs = np.nonzero(changed)
    x1, _, x2, y2 = (side * 400 / 512 for side in prediction.faces[0].bbox)
    assert abs(xs.max() - x2) < 60
    assert abs(xs.min() - x1) < 60
    assert abs(ys.max() - y2) < 60


def test_folder_that_is_a_file_is_refused_before_any_work(predictor, photos, tmp_path):
    with pytest.raises(SettingsError, match="is a file; expected a folder"):
        write_predictions(
            predictor, ["photos"], tmp_path / "r.csv", settings=BatchSettings(annotated=photos / "one.png")
        )


@pytest.mark.parametrize(
    ("paths", "folder"),
    [
        pytest.param(["photos"], "photos", id="same-folder"),
        pytest.param(["photos/x.jpg"], "photos", id="beside-the-file"),
        pytest.param(["photos"], "photos/../photos/.", id="another-spelling"),
    ],
)
def test_no_copy_ever_takes_the_place_of_a_picture(predictor, photos, tmp_path, paths, folder):
    Image.fromarray(portrait()).save(photos / "x.jpg")
    before = (photos / "x.jpg").read_bytes()
    with pytest.raises(SettingsError, match="would replace a picture"):
        write_predictions(predictor, paths, tmp_path / "r.csv", settings=BatchSettings(annotated=tmp_path / folder))
    assert (photos / "x.jpg").read_bytes() == before
