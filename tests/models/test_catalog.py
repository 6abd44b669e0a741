import io
import logging
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.models.catalog import SHIPPED_NAME, find_model, list_models, zip_package
from fer_core.models.export_kit import GUIDE_FILE, SCRIPT_FILE
from fer_core.models.package import PACKAGE_FILES, ModelPackage, read_package, write_info


def _place(package: ModelPackage, folder: Path, created_at: str = "2026-01-01T00:00:00+00:00") -> Path:
    shutil.copytree(package.folder, folder)
    write_info(replace(package.info, created_at=created_at), folder)
    return folder


@pytest.fixture
def models(tiny_package: ModelPackage, fer_home: Path) -> Path:
    _place(tiny_package, fer_home / "runs" / "older" / "model")
    _place(tiny_package, fer_home / "models" / "downloaded", "2026-01-02T00:00:00+02:00")
    _place(tiny_package, fer_home / "runs" / "newer" / "model", "2026-01-03T00:00:00Z")
    (fer_home / "runs" / "untrained").mkdir()
    return fer_home


def _names() -> list[str]:
    return [model.name for model in list_models() if model.name != SHIPPED_NAME]


def test_models_bear_the_names_of_their_places_newest_first(models: Path) -> None:
    assert _names() == ["newer", "downloaded", "older"]


def test_a_fresh_home_has_no_models_of_its_own(fer_home: Path) -> None:
    assert _names() == []
    assert not fer_home.exists()


def test_every_listed_model_is_found_by_its_name(models: Path) -> None:
    assert [find_model(model.name) for model in list_models()] == list_models()


def test_a_folder_will_do_instead_of_a_name(tiny_package: ModelPackage, fer_home: Path) -> None:
    assert find_model(tiny_package.folder) == tiny_package
    assert find_model(str(tiny_package.folder)) == tiny_package


def test_an_unknown_name_lists_the_known_ones(models: Path) -> None:
    with pytest.raises(ModelError, match=r"no model 'best'.*newer, older, downloaded"):
        find_model("best")


def test_a_damaged_model_is_left_out_of_the_list_and_raises_by_name(
    models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "runs" / "older" / "model" / "model.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        assert _names() == ["newer", "downloaded"]
    assert "'older' is left out" in caplog.text
    with pytest.raises(ModelError, match="not JSON"):
        find_model("older")


def test_a_zip_holds_the_package_and_how_to_use_it_and_nothing_else(models: Path, tmp_path: Path) -> None:
    (models / "runs" / "newer" / "model" / "private.txt").write_text("not for others")
    with zipfile.ZipFile(io.BytesIO(zip_package(find_model("newer")))) as archive:
        assert sorted(archive.namelist()) == sorted(
            f"newer/{name}" for name in (*PACKAGE_FILES, SCRIPT_FILE, GUIDE_FILE)
        )
        archive.extractall(tmp_path / "unpacked")
    assert read_package(tmp_path / "unpacked" / "newer").digest() == find_model("newer").digest()
