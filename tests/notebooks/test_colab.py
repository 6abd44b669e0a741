"""The cells that only Colab has, run with a stand-in for its package."""

import base64
import io
import zipfile
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from PIL import Image

from tests.notebooks.notebook_file import code_cells, execute, has_tag, read_notebook, shown
from tests.scenes import portrait
from tests.source_tree import PROJECT

# What stands between the set-up and the cells of photo and webcam: the trained model, and its zip.
MODEL = """
from fer_core.notebook.screen import show_prediction
from fer_core.prediction import load_predictor
predictor, package = load_predictor(), "model.zip"
"""


def zipped_code() -> bytes:
    """The library as a repository's zip has it, in one folder, with nothing to install."""
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for path in (PROJECT / "fer_core").rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, f"fer-studio-main/{path.relative_to(PROJECT)}")
        archive.writestr("fer-studio-main/requirements.txt", "")
    return stored.getvalue()


def write_stand_in(folder: Path, *, uploads: list[Path], photo: bytes) -> None:
    """Put a package `google.colab` into a folder: dialogs answer at once, downloads and mounts are noted in `log`."""
    package, log = folder / "google" / "colab", folder / "log"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "drive.py").write_text(f"def mount(place): open({str(log)!r}, 'a').write('mounted\\n')\n")
    upload = f"paths = {[str(path) for path in uploads]!r}\n"
    upload += "def upload():\n    path = paths.pop(0)\n    return {path: open(path, 'rb').read()}\n"
    download = f"def download(path): open({str(log)!r}, 'a').write('downloaded\\n')\n"
    (package / "files.py").write_text(upload + download)
    answer = "data:image/jpeg;base64," + base64.b64encode(photo).decode()
    (package / "output.py").write_text(f"def eval_js(code): return {answer!r}\n")


@pytest.mark.slow
def test_colabs_cells_get_the_code_read_a_photo_and_a_snapshot_and_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "portrait.png"
    Image.fromarray(portrait()).save(photo)
    code = tmp_path / "code.zip"
    code.write_bytes(zipped_code())
    stand_in = tmp_path / "stand_in"
    write_stand_in(stand_in, uploads=[code, photo], photo=photo.read_bytes())
    monkeypatch.setenv("PYTHONPATH", str(stand_in))
    notebook = read_notebook()
    cells = [cell for cell in code_cells(notebook) if has_tag(cell, "colab") or is_set_up(cell)]
    for cell in cells:
        cell.source = cell.source.replace("/content", str(tmp_path / "content"))
    photo_cell = next(number for number, cell in enumerate(cells) if "upload_picture" in cell.source)
    read_photo = new_code_cell("show_prediction(predictor.predict(PHOTO))\nprint(PROJECT, os.environ['FER_HOME'])")
    cells[photo_cell : photo_cell + 1] = [new_code_cell(MODEL), cells[photo_cell], read_photo]
    notebook.cells = [new_code_cell("import google.colab"), *cells]
    execute(notebook)

    assert (stand_in / "log").read_text().splitlines() == ["mounted", "downloaded"]
    (webcam_cell,) = (cell for cell in cells if "take_photo" in cell.source)
    for cell in (read_photo, webcam_cell):
        assert sum("image/png" in bundle for bundle in shown(cell)) == 1
        assert "p_happy" in str(shown(cell))
    project, home = read_photo.outputs[-1].text.split()
    assert project == str(tmp_path / "content/code/fer-studio-main")
    assert home == str(tmp_path / "content/drive/MyDrive/fer-studio")


def is_set_up(cell: NotebookNode) -> bool:
    return has_tag(cell, "parameters") or cell.source.startswith(("import os", "sys.path"))
