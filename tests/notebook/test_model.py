import shutil
import zipfile
from pathlib import Path

import pytest

from fer_core.charts.static import training_curves
from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import ModelError
from fer_core.models import find_model
from fer_core.models.package import PACKAGE_FILES
from fer_core.notebook.model import evaluate, export_model
from fer_core.training import Run
from tests.notebook.displays import Displays, in_place


def test_export_packs_the_model_and_lays_the_figures_beside_it(tmp_path: Path) -> None:
    run = Run("first", tmp_path / "first")
    shutil.copytree(find_model("default").folder, run.folder / "model")
    path = export_model(run, {"curves": training_curves(run.history())}, tmp_path / "exports")
    with zipfile.ZipFile(path) as archive:
        assert {Path(name).name for name in archive.namelist()} >= set(PACKAGE_FILES)
    figures = sorted(file.name for file in (tmp_path / "exports/figures").iterdir())
    assert figures == ["curves.png", "curves.svg"]


def test_a_run_without_a_model_exports_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model yet"):
        export_model(Run("first", tmp_path / "first"), {}, tmp_path / "exports")
    assert not (tmp_path / "exports").exists()


@pytest.mark.usefixtures("fer_home")
def test_a_model_is_measured_and_the_figures_said(tmp_path: Path, displays: Displays) -> None:
    write_drawn_faces(tmp_path / "drawn", num_train=7, num_test=14)
    report = evaluate("default", add_dataset(tmp_path / "drawn", name="faces"), views="one")
    (words,) = in_place(displays, "text/html").values()
    assert words.startswith(f"14 images of test: accuracy {100 * report['accuracy']:.1f} %")
