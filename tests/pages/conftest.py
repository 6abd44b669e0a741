"""The app with data of its own: an empty home, and one with a small drawn dataset."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import JobError
from fer_core.jobs import JobStatus, list_jobs, read_status, request_cancel, start_job
from fer_core.training import TrainConfig, open_run, training_queue

PROJECT = Path(__file__).parents[2]
HISTORY = """epoch,loss,accuracy,val_loss,val_accuracy,val_macro_f1,learning_rate,seconds,ended_at,phase
1,1.9,0.3,1.8,0.4,0.35,0.05,2.0,1700000002,all
2,1.5,0.5,1.4,0.625,0.6,0.03,2.0,1700000004,all
"""
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
def record_run(drawn_home):
    """Make a run whose job does what a target of `tests.pages.targets` does; returns once it is live, or has ended."""

    def record(name, target, history=HISTORY, **settings):
        folder = drawn_home / "runs" / name
        folder.mkdir(parents=True)
        config = TrainConfig("small", **{"epochs": 5, **settings})
        (folder / "config.json").write_text(json.dumps(config.to_dict()))
        (folder / "history.csv").write_text(history)
        job = f"tests.pages.targets:{target}"
        queue = training_queue()
        start_job(folder, job, {}, title=f"Training {name}", log_name="training.log", queue=queue)
        if target == "train_until_stopped":
            while not read_status(folder).details:
                time.sleep(0.05)
        else:
            wait_for_end(folder)
        return open_run(name)

    return record


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


def wait_for_end(folder: Path, seconds: float = 120) -> JobStatus | None:
    """Wait until a job has ended and return its status; None where the page saw its end first and cleared it away."""
    end = time.monotonic() + seconds
    while True:
        try:
            status = read_status(folder)
        except JobError:
            return None
        if not status.is_live:
            return status
        if time.monotonic() > end:
            raise TimeoutError(status)
        time.sleep(0.1)


def rerun(app: AppTest) -> AppTest:
    """Let the page run again, as its live parts do."""
    app.run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    """Click the button with this label and let the page run."""
    next(button for button in app.button if button.label == label).click()
    return rerun(app)
