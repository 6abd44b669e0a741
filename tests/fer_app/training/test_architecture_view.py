from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from streamlit.testing.v1 import AppTest

from fer_app.training.architecture_view import time_text
from fer_core.dataset import Dataset, add_dataset
from fer_core.jobs import list_jobs, request_cancel
from fer_core.jobs.folder import write_json
from fer_core.models import ARCHITECTURES
from fer_core.settings import load_settings
from fer_core.training import TrainConfig, speed_probe
from fer_core.training.speed_probe import Probe
from tests.dataset.pictures import write_class_folders

PROBE = Probe("small", 48, 1, 64, 293_207, 24_220_544, seconds_per_image=0.002, device="CPU, 2 cores")


@pytest.fixture
def dataset(fer_home, tmp_path) -> Dataset:
    return add_dataset(write_class_folders(tmp_path / "faces", ("train/happy", "train/sad"), 4), name="faces")


@pytest.fixture
def view(dataset) -> Callable[[str], AppTest]:
    def open_(architecture: str) -> AppTest:
        app = AppTest.from_function(_page, default_timeout=60, kwargs={"architecture": architecture}).run()
        assert not app.exception, app.exception
        return app

    return open_


def _page(architecture: str) -> None:
    from fer_app.training.architecture_view import show_architecture
    from fer_core.training import TrainConfig

    show_architecture(TrainConfig("faces", architecture=architecture, epochs=30), num_train=9000)


def _captions(app: AppTest) -> str:
    return "\n".join(each.value for each in app.caption)


def _keep(probe: Probe) -> None:
    path = speed_probe._path(probe.architecture, probe.image_size, probe.channels, probe.batch_size)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, asdict(probe))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_says_its_size_and_offers_to_measure(view, architecture):
    app = view(architecture)
    assert ARCHITECTURES[architecture].description in _captions(app)
    assert "parameters, " in _captions(app)
    assert [button.label for button in app.button] == ["Measure on this computer"]
    assert ("are downloaded once" in _captions(app)) == ARCHITECTURES[architecture].is_pretrained


def test_what_was_measured_becomes_an_estimate(view):
    _keep(PROBE)
    app = view("small")
    assert [button.label for button in app.button] == ["Measure again"]
    assert "About 9.3 min for 30 epochs on this computer, 19 s for each (measured: 500 images" in _captions(app)
    table = app.dataframe[0].value
    assert list(table["Architecture"]) == [architecture.title for architecture in ARCHITECTURES.values()]
    assert list(table["An epoch here"]).count("not measured") == len(ARCHITECTURES) - 1


@pytest.mark.parametrize(
    ("pace", "said"),
    [(0.001, "9.3 s for each"), (0.01, "93 s for each"), (0.1, "16 min for each"), (2.0, "5 h 10 min for each")],
)
def test_an_estimate_has_no_more_digits_than_it_knows(pace, said):
    text = time_text(replace(PROBE, seconds_per_image=pace), TrainConfig("faces"), 9000)
    assert said in text


@pytest.mark.slow
def test_measuring_starts_one_job(view):
    app = view("small")
    app.button[0].click().run()
    assert not app.exception, app.exception
    ((folder, status),) = list_jobs(load_settings().jobs_folder)
    assert status.title == "Measuring Small CNN"
    request_cancel(folder)
