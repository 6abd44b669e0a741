"""The app with data of its own: an empty home, and one with a small drawn dataset."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import JobStatus, list_jobs, read_status, request_cancel

PROJECT = Path(__file__).parents[2]
OpenPage = Callable[..., AppTest]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty FER_HOME; jobs that a test leaves behind are stopped."""
    monkeypatch.setenv("FER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FER_ACCESS", raising=False)
    yield tmp_path / "home"
    for parent in ("jobs", "runs"):
        for folder, status in list_jobs(tmp_path / "home" / parent):
            if status.is_live:
                request_cancel(folder)
                wait_for_end(folder)


@pytest.fixture(scope="session")
def drawn_folder(tmp_path_factory):
    """Class folders with 70 train and 21 test faces."""
    folder = tmp_path_factory.mktemp("faces") / "small"
    write_drawn_faces(folder, num_train=70, num_test=21)
    return folder


@pytest.fixture
def drawn_home(home, drawn_folder):
    """A FER_HOME with the dataset `small`, used in place."""
    add_dataset(drawn_folder, name="small")
    return home


@pytest.fixture
def open_page(home) -> OpenPage:
    """Open a page as a browser does: the app first, then the page with its URL parameters."""

    def open_(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(PROJECT / "fer_app" / "main.py"), default_timeout=60).run()
        app.switch_page(f"../pages/{page}.py")
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_


def wait_for_end(folder: Path, seconds: float = 120) -> JobStatus:
    """Wait until a job has ended and return its status."""
    end = time.monotonic() + seconds
    while (status := read_status(folder)).is_live:
        if time.monotonic() > end:
            raise TimeoutError(status)
        time.sleep(0.1)
    return status


def rerun(app: AppTest) -> AppTest:
    """Let the page run again, as its live parts do."""
    app.run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    """Click the button with this label and let the page run."""
    next(button for button in app.button if button.label == label).click()
    return rerun(app)
