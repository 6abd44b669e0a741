"""The wheel is all that predicting takes: built, installed into an empty folder and used without TensorFlow."""

import email
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.scenes import portrait
from tests.source_tree import PROJECT

BLOCKED = ("tensorflow", "keras", "tensorboard", "streamlit")
PROJECT_TABLE = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pip(*words: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, words)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build leaves folders beside what it reads."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(PROJECT / "fer_core", folder / "copy/fer_core", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(PROJECT / name, folder / "copy")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder / "made", folder / "copy")
    (made,) = (folder / "made").iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed wheel and nothing else, in which what trains cannot be imported."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--target", folder, wheel)
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({BLOCKED!r}))\n")
    return folder


def fer_studio(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder of its own."""
    script = installed / "bin/fer-studio" if sys.platform != "win32" else installed / "bin/fer-studio.exe"
    command = [sys.executable, script] if sys.platform != "win32" else [script]
    environment = {**os.environ, "PYTHONPATH": str(installed), "FER_HOME": str(folder / "home")}
    return subprocess.run(
        [*command, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def names_of(requirements: list[str]) -> dict[str, str]:
    """Each requirement's name and its bound."""
    found = [re.match(r"([A-Za-z0-9_.-]+)(\S*)", line) for line in requirements]
    return {match[1].lower(): match[2] for match in found if match}


def test_bounds_are_those_of_the_requirements() -> None:
    known = names_of((PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines())
    extras = PROJECT_TABLE["optional-dependencies"]
    stated = names_of([*PROJECT_TABLE["dependencies"], *extras["train"]])
    assert stated == {name: known.get(name) for name in stated}


def test_predicting_needs_nothing_that_trains() -> None:
    assert not names_of(PROJECT_TABLE["dependencies"]).keys() & set(BLOCKED)
    assert names_of(PROJECT_TABLE["optional-dependencies"]["train"]).keys() == {"tensorflow", "keras", "tensorboard"}


@pytest.mark.slow
def test_the_wheel_holds_the_whole_library_and_nothing_else(wheel: Path) -> None:
    expected = {
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "fer_core").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        described = email.message_from_bytes(archive.read(metadata))
    assert held == expected
    assert held >= {"fer_core/models/shipped/model.tflite", "fer_core/faces/yunet/LICENSE"}
    assert described["Requires-Python"] == "<3.14,>=3.11"
    assert "train" in described.get_all("Provides-Extra")
    required = [line for line in described.get_all("Requires-Dist") if "extra ==" not in line]
    assert names_of(required) == names_of(PROJECT_TABLE["dependencies"])


@pytest.mark.slow
def test_the_installed_command_predicts_from_any_folder_without_tensorflow(installed: Path, tmp_path: Path) -> None:
    Image.fromarray(portrait()).save(tmp_path / "photo.png")
    answer = fer_studio(installed, tmp_path, "predict", "photo.png")
    assert answer.returncode == 0, answer.stderr
    assert "photo.png" in answer.stdout
    assert answer.stdout.count("%") == 1  # one face


@pytest.mark.slow
def test_what_trains_is_asked_for_and_leaves_no_run(installed: Path, tmp_path: Path) -> None:
    answer = fer_studio(installed, tmp_path, "train", "--dataset", "any", "--epochs", "1")
    assert answer.returncode == 1
    assert "pip install '.[train]'" in answer.stderr.replace("\n", " ")
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "home/runs").exists()
