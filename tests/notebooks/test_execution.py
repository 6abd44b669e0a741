"""The notebook's cells, run in a real kernel on drawn faces, the training killed on the way and gone on with."""

import io
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs.folder import read_json
from tests.dataset.web_server import running_server
from tests.notebook.displays import PLOTLY, numbers
from tests.notebooks.notebook_file import (
    code_cells,
    execute,
    has_tag,
    insert_after,
    read_notebook,
    set_parameters,
    shown,
)

EPOCHS = 6
SETTINGS = {"epochs": EPOCHS, "batch_size": 16, "augmentation": "none", "learning_rate": 0.02}
# As if the connection was lost after the first epoch; what follows is the training's cell once more.
LOSE_CONNECTION = """
import time, psutil
while not (run.folder / "checkpoints/state.npz").exists(): time.sleep(0.05)
psutil.Process(run.status().pid).kill()
while run.status().is_live: time.sleep(0.05)
assert len(run.history()) < SETTINGS["epochs"]
"""


def zipped_faces(folder: Path) -> bytes:
    write_drawn_faces(folder, num_train=140, num_test=42)
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, path.relative_to(folder))
    return stored.getvalue()


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "astronaut.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


def cell_with(notebook: nbformat.NotebookNode, words: str) -> nbformat.NotebookNode:
    (cell,) = (cell for cell in code_cells(notebook) if words in cell.source)
    return cell


@pytest.mark.slow
def test_every_cell_works_on_drawn_faces_and_a_killed_training_goes_on(tmp_path: Path, photo: Path):
    notebook, home = read_notebook(), tmp_path / "home"
    (training,) = (cell for cell in code_cells(notebook) if has_tag(cell, "training"))
    insert_after(notebook, "training", LOSE_CONNECTION + training.source)
    with running_server() as server:
        server.content = zipped_faces(tmp_path / "faces")
        values = {"SOURCE": server.url, "DATASET": "faces", "RUN": "first", "SETTINGS": SETTINGS, "PHOTO": str(photo)}
        set_parameters(notebook, HOME=str(home), **values)
        execute(notebook)
    nbformat.write(notebook, tmp_path / "executed.ipynb")  # to look at

    run = home / "runs" / "first"
    assert list(pd.read_csv(run / "history.csv")["epoch"]) == list(range(1, EPOCHS + 1))
    assert len(read_json(run / "record.json")["sessions"]) == 2
    curves = [bundle[PLOTLY]["data"] for bundle in shown(cell_with(notebook, "watch_run(")) if PLOTLY in bundle]
    # Drawn in place, not one below the other.
    assert [len(numbers(traces[1]["y"])) for traces in curves] == [EPOCHS, EPOCHS]
    assert "completed after 6 epochs" in str(shown(cell_with(notebook, "watch_run(")))
    assert "140 in train, 42 in test" in str(shown(cell_with(notebook, "get_dataset(")))
    assert "42 images of test" in str(shown(cell_with(notebook, "evaluate(")))
    assert sum("image/png" in bundle for bundle in shown(cell_with(notebook, "report_figures("))) == 5
    assert "p_happy" in str(shown(cell_with(notebook, "predictor.predict(PHOTO")))
    exported = sorted(path.name for path in (home / "exports" / "first").rglob("*.*"))
    assert {"first.zip", "confusion-matrix.svg", "samples.png"} <= set(exported)
