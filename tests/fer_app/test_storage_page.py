"""The Storage page drives real jobs against a folder: look, push, pull elsewhere, and what it says when it cannot."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_app.storage.jobs import is_live, looking_folder, moving_folder
from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import read_status
from tests.source_tree import PROJECT


@pytest.fixture
def home(fer_home: Path) -> Path:
    return fer_home


def wait_for_end(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while is_live(folder):
        assert time.monotonic() < deadline, read_status(folder)
        time.sleep(0.1)


def open_page() -> AppTest:
    app = AppTest.from_file(str(PROJECT / "fer_app/main.py"), default_timeout=60).run()
    return app.switch_page("../pages/storage.py").run()


def button(app: AppTest, label: str):
    return next(found for found in app.button if found.label == label)


def texts(app: AppTest) -> str:
    return " ".join(str(found.value) for kind in (app.error, app.info, app.success, app.caption) for found in kind)


def test_without_an_address_the_page_asks_for_one(home):
    app = open_page()
    assert not app.exception
    assert "Type an address first" in texts(app)


def test_an_address_with_a_password_is_refused_and_not_kept(home):
    app = open_page()
    app.text_input[0].set_value("s3://me:hush@bucket/x").run()
    assert "Take it out" in texts(app)
    assert not list(home.rglob("job.json"))


@pytest.mark.slow
def test_a_dataset_goes_to_a_folder_and_comes_to_another_home(home, tmp_path, monkeypatch):
    write_drawn_faces(tmp_path / "faces", num_train=28, num_test=7)
    pushed = add_dataset(tmp_path / "faces", name="small")
    place = tmp_path / "place"
    app = open_page()
    app.text_input[0].set_value(str(place)).run()
    button(app, "Push").click().run()
    wait_for_end(moving_folder())
    app.run()
    assert read_status(moving_folder()).state == "completed"
    moved = next(table.value for table in app.dataframe if "Moved" in table.value)
    assert list(moved["Name"]) == ["small"]

    monkeypatch.setenv("FER_HOME", str(tmp_path / "second"))
    app = open_page()
    app.text_input[0].set_value(str(place)).run()
    button(app, "Look").click().run()
    wait_for_end(looking_folder())
    app.run()
    assert list(app.dataframe[0].value["Here"]) == ["no"]
    button(app, "Pull").click().run()
    wait_for_end(moving_folder())
    assert not app.run().exception
    assert open_dataset("small").index.fingerprint == pushed.index.fingerprint


@pytest.mark.slow
def test_what_cannot_be_reached_is_said(home, tmp_path):
    (tmp_path / "file").write_text("no folder")
    app = open_page()
    app.text_input[0].set_value(str(tmp_path / "file")).run()
    button(app, "Look").click().run()
    wait_for_end(looking_folder())
    app.run()
    assert "expected a folder" in texts(app).replace("\\", "")
