"""Changed files on a page: they are counted, and one click indexes the dataset again."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_app.dataset.file_changes_view import _changes
from fer_core.dataset import Dataset, add_dataset, open_dataset
from fer_core.jobs import read_status
from fer_core.settings import load_settings
from tests.dataset.pictures import write_class_folders, write_picture


def page(name):
    from fer_app.dataset.file_changes_view import show_file_changes
    from fer_core.dataset import open_dataset

    show_file_changes(open_dataset(name))


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "faces", ["train/happy", "train/sad"])


@pytest.fixture
def dataset(fer_home: Path, faces: Path) -> Dataset:
    _changes.clear()
    return add_dataset(faces, name="mine")


def run() -> AppTest:
    app = AppTest.from_function(page, kwargs={"name": "mine"}, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def test_nothing_is_said_of_untouched_files(dataset: Dataset) -> None:
    app = run()
    assert (list(app.warning), list(app.button)) == ([], [])


def test_changes_are_counted_and_indexing_again_takes_them_up(dataset: Dataset, faces: Path) -> None:
    (faces / "train/happy/0.png").unlink()
    write_picture(faces / "train/sad/new.png", seed=7)
    app = run()
    assert app.warning[0].value == "2 files changed (1 missing, 1 new) since the index was made."
    app.button[0].click().run()
    folder = load_settings().jobs_folder / "index-again-mine"
    end = time.monotonic() + 120
    while read_status(folder).is_live:
        assert time.monotonic() < end
        time.sleep(0.1)
    app.run()
    assert app.success[0].value.startswith("Indexing mine again: done")
    assert list(app.warning) == []
    assert "train/sad/new.png" in open_dataset("mine").index.table["path"].tolist()


def test_a_folder_that_is_gone_is_a_warning(dataset: Dataset, faces: Path) -> None:
    faces.rename(faces.with_name("elsewhere"))
    assert "is gone" in run().warning[0].value
