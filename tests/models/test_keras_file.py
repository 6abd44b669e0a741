import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fer_core.errors import ModelError
from fer_core.models.catalog import find_model
from fer_core.models.keras_file import check_keras_file
from fer_core.models.package import ModelPackage


def _changed(package: ModelPackage, path: Path, **layer: Any) -> Path:
    """The network with one more layer in its description."""
    with zipfile.ZipFile(package.folder / "model.keras") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(contents["config.json"])
    config["config"]["layers"].append({"config": {}, "registered_name": None, **layer})
    contents["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_what_this_program_writes_passes(tiny_package: ModelPackage) -> None:
    check_keras_file(tiny_package.folder / "model.keras")
    check_keras_file(find_model().folder / "model.keras")


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param({"module": "keras.layers", "class_name": "Lambda"}, id="lambda"),
        pytest.param({"module": "keras.layers", "class_name": "TFSMLayer"}, id="saved-model"),
        pytest.param({"module": "os", "class_name": "system"}, id="os"),
        pytest.param({"module": "builtins", "class_name": "function"}, id="function"),
        pytest.param({"module": "keras.utils", "class_name": "get_file"}, id="download"),
        pytest.param({"module": "keras.layers.evil", "class_name": "Dense"}, id="submodule"),
        pytest.param({"module": None, "class_name": "__lambda__"}, id="pickled-lambda"),
        pytest.param({"module": "keras.layers", "class_name": "Dense", "registered_name": "my>Dense"}, id="registered"),
    ],
)
def test_what_could_run_code_is_refused(tiny_package: ModelPackage, tmp_path: Path, layer: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="could run code"):
        check_keras_file(_changed(tiny_package, tmp_path / "x.keras", **layer))


def test_a_layer_of_keras_passes(tiny_package: ModelPackage, tmp_path: Path) -> None:
    check_keras_file(_changed(tiny_package, tmp_path / "x.keras", module="keras.layers", class_name="Dense"))


def test_more_files_and_no_zip_are_refused(tiny_package: ModelPackage, tmp_path: Path) -> None:
    path = Path(shutil.copy(tiny_package.folder / "model.keras", tmp_path / "more.keras"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("assets/x.py", "boom")
    with pytest.raises(ModelError, match="nothing else"):
        check_keras_file(path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="no Keras network"):
        check_keras_file(path)
