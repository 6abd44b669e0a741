import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.models.classifier import load_classifier
from fer_core.models.package import PACKAGE_FILES, ModelPackage, read_package, write_info


@pytest.fixture
def folder(tiny_package: ModelPackage, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_package.folder, tmp_path / "package"))


def _cut(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:100])


def _remove(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def _flip_a_weight(folder: Path) -> None:
    content = bytearray((folder / "model.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.tflite").write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        *(pytest.param(_remove(name), f"lacks {name}", id=f"{name} missing") for name in PACKAGE_FILES),
        pytest.param(_cut("model.json"), "not JSON", id="model.json cut off"),
        pytest.param(_cut("model.tflite"), "changed or damaged", id="model.tflite cut off"),
        pytest.param(_flip_a_weight, "changed or damaged", id="one bit flipped"),
    ],
)
def test_damage_gives_a_sentence(folder: Path, damage: Callable[[Path], object], expected: str) -> None:
    damage(folder)
    with pytest.raises(ModelError, match=expected):
        load_classifier(read_package(folder))


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_what_is_no_folder_is_no_package(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(ModelError, match="is not a folder"):
        read_package(tmp_path / name)


def test_the_card_says_what_the_info_says(folder: Path) -> None:
    package = read_package(folder)
    write_info(replace(package.info, metrics={"test": {"num_images": 3589, "accuracy": 0.6912}}), folder)
    card = read_package(folder).card()
    for needed in ("angry, disgust", "48, 48, 1", "| test | 3,589 | 0.6912 |", "noise", "CC0-1.0", "Article 5(1)(f)"):
        assert needed in card


def test_the_digest_follows_what_decides_the_predictions(folder: Path) -> None:
    before = read_package(folder)
    digest = before.digest()
    (folder / "README.md").write_text("other words", encoding="utf-8")
    assert before.digest() == digest
    write_info(replace(before.info, temperature={"one": 2.0, "all": 2.0}), folder)
    assert before.digest() != digest
