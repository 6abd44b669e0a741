import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import drawn_face, write_drawn_faces
from fer_core.errors import ModelError
from fer_core.jobs import run_here
from fer_core.models.calibrated_info import save_unsure_threshold
from fer_core.models.catalog import exports_folder, find_model, zip_package
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.export_faces import export_faces
from fer_core.models.export_formats import EXPORT_FORMATS, check_format
from fer_core.models.export_kit import kit_texts, write_kit
from fer_core.models.exporting import read_exports
from fer_core.models.importing import import_package
from fer_core.models.package import PACKAGE_FILES, ModelPackage

_ALLOWED = {
    "package": 0.3,
    "keras": 0,
    "litert-float32": 1e-3,
    "litert-float16": 0.02,
    "litert-int8": 0.3,
    "onnx": 1e-3,
}
# Runs the script where nothing but what its guide names can be imported.
_ALONE = """
import importlib.abc, runpy, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"fer_core", "cv2", "pandas", "keras", "tensorflow", "streamlit", "sklearn"}:
            raise ImportError(f"{name} is not there")
sys.meta_path.insert(0, Refuse())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def _run_alone(script: Path, *pictures: Path) -> list[dict[str, float]]:
    answer = subprocess.run(
        [sys.executable, "-I", "-c", _ALONE, str(script), *map(str, pictures)],
        capture_output=True,
        text=True,
        check=False,
        cwd=script.parent,
        env={"PATH": os.environ["PATH"]},
    )
    assert answer.returncode == 0, answer.stderr
    return [json.loads(line[line.index("{") :].replace("'", '"')) for line in answer.stdout.splitlines()]


@pytest.mark.slow
def test_a_stranger_can_use_the_zip_without_this_program(tmp_path: Path) -> None:
    package = find_model()
    with zipfile.ZipFile(io.BytesIO(zip_package(package))) as archive:
        archive.extractall(tmp_path)
    faces = np.stack([drawn_face(name, 1, split="test") for name in ("happy", "surprise")])
    for number, face in enumerate(faces):
        Image.fromarray(face).save(tmp_path / f"{number}.png")
    said = _run_alone(tmp_path / "default" / "predict.py", tmp_path / "0.png", tmp_path / "1.png")
    expected = load_classifier(package).predict(faces[..., np.newaxis], "one")
    assert [list(shares) for shares in said] == [list(package.info.class_names)] * 2
    np.testing.assert_allclose([list(shares.values()) for shares in said], expected, atol=0.002)


def test_the_script_is_as_short_as_promised_and_compiles(tiny_package: ModelPackage) -> None:
    for known in EXPORT_FORMATS.values():
        texts = kit_texts(tiny_package, known)
        lines = texts["predict.py"].splitlines()
        assert len(lines) <= 17
        assert max(map(len, lines)) <= 120
        compile(texts["predict.py"], "predict.py", "exec")
        assert "fer_core" not in texts["predict.py"]
        assert "Article 50(3)" in texts["HOW-TO-USE.md"]


def test_a_package_that_goes_out_comes_back_in(tiny_package: ModelPackage, tmp_path: Path, fer_home: Path) -> None:
    write_kit(tmp_path / "out.zip", tiny_package)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = {name.removeprefix("tiny/") for name in archive.namelist()}
    assert names == {*PACKAGE_FILES, "predict.py", "HOW-TO-USE.md"}
    assert import_package(tmp_path / "out.zip").answers_digest() == tiny_package.answers_digest()


def test_faces_come_from_the_test_part_and_are_not_those_that_show_the_range(
    tiny_package: ModelPackage, tmp_path: Path, fer_home: Path
) -> None:
    write_drawn_faces(tmp_path / "small", num_train=70, num_test=21)
    dataset = add_dataset(tmp_path / "small", name="small")
    info = replace(tiny_package.info, training_data={**tiny_package.info.training_data, "dataset": "small"})
    for faces in (export_faces(info), export_faces(tiny_package.info, dataset)):
        assert (len(faces.tried), len(faces.representative)) == (21, 70)
        assert faces.described == "small (test)"
        index = dataset.index
        rows = index.select(split="test")
        assert np.array_equal(faces.tried, index.images[rows["image_id"]])
        assert faces.y_true is not None
        assert [info.class_names[number] for number in faces.y_true] == list(rows["label"])


def test_formats_that_cannot_be_written_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="Known: package, keras"):
        check_format("pickle")
    lacking = replace(EXPORT_FORMATS["onnx"], needs=("no_such_module_1",))
    monkeypatch.setitem(EXPORT_FORMATS, "onnx", lacking)
    with pytest.raises(ModelError, match="pip install onnx tf2onnx onnxruntime"):
        check_format("onnx")


@pytest.mark.slow
def test_every_form_answers_nearly_as_the_original(tiny_package: ModelPackage, tmp_path: Path, fer_home: Path) -> None:
    write_drawn_faces(tmp_path / "small", num_train=35, num_test=21)
    add_dataset(tmp_path / "small", name="small")
    shutil.copytree(tiny_package.folder, fer_home / "models" / "tiny")
    package = find_model("tiny")
    formats = [name for name, known in EXPORT_FORMATS.items() if not known.missing]
    assert len(formats) >= 5
    arguments = {"model": "tiny", "formats": formats, "dataset": "small"}
    run_here(tmp_path / "job", "fer_core.models.exporting:export_job", arguments, title="Exporting tiny")
    rows = {row["format"]: row for row in read_exports(package)}
    assert list(rows) == formats
    for name, row in rows.items():
        assert row["max_difference"] <= _ALLOWED[name], row
        assert row["num_images"] == 21
        assert row["ms_per_face"] > 0
        with zipfile.ZipFile(exports_folder(package) / row["archive"]) as archive:
            assert {"predict.py", "model.json", row["file"]} <= {Path(name).name for name in archive.namelist()}
    assert rows["litert-float16"]["file_bytes"] < rows["litert-float32"]["file_bytes"]
    with zipfile.ZipFile(exports_folder(package) / "tiny-litert-int8.zip") as archive:
        network = archive.read("tiny-litert-int8/model.tflite")
    assert Classifier(network, package.info).has_class_maps
    save_unsure_threshold(package, "one", 0.9)
    assert read_exports(find_model("tiny")) == []  # the zips say what no longer holds
