"""What an augmentation does, in the form of a new training: drawn when asked for, and kept."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import list_jobs
from fer_core.settings import load_settings
from fer_core.training import TrainConfig
from fer_core.training.augmentation.preview import preview_path

BUTTON = "Show on faces of this dataset"


def _page(augmentation: str) -> None:
    from fer_app.training.augmentation_view import show_augmentation_preview
    from fer_core.training import TrainConfig

    show_augmentation_preview(TrainConfig("small", augmentation=augmentation))


@pytest.fixture
def small(fer_home: Path, tmp_path: Path) -> None:
    """A FER_HOME with the dataset `small`."""
    write_drawn_faces(tmp_path / "small", num_train=14, num_test=7)
    add_dataset(tmp_path / "small", name="small")


def open_view(augmentation: str) -> AppTest:
    app = AppTest.from_function(_page, kwargs={"augmentation": augmentation}, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def test_nothing_is_drawn_unless_asked_for(small) -> None:
    app = open_view("strong")
    assert [button.label for button in app.button] == [BUTTON]
    assert not app.get("image")
    assert list_jobs(load_settings().jobs_folder) == []


def test_a_picture_that_was_drawn_before_is_shown_for_its_settings_only(small) -> None:
    path = preview_path(TrainConfig("small", augmentation="strong"), open_dataset("small"))
    path.parent.mkdir(parents=True)
    path.write_bytes(cv2.imencode(".png", np.zeros((4, 4, 4), np.uint8))[1].tobytes())
    drawn, other = open_view("strong"), open_view("light")
    assert not drawn.button
    assert "6 training faces of small" in str(drawn.get("image")[0].proto)
    assert "cropped to 83 % of the side" in drawn.caption[0].value
    assert [button.label for button in other.button] == [BUTTON]


@pytest.mark.slow
def test_the_button_draws_it_and_leaves_no_job_behind(small) -> None:
    app = open_view("strong")
    app.button[0].click().run()
    end = time.monotonic() + 240
    while not app.get("image"):
        assert time.monotonic() < end, [status for _, status in list_jobs(load_settings().jobs_folder)]
        time.sleep(1)
        app.run()
        assert not app.exception, app.exception
    assert list_jobs(load_settings().jobs_folder) == []
