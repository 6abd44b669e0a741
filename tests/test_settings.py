from pathlib import Path

import pytest

from fer_core.errors import SettingsError
from fer_core.settings import load_settings


def test_without_variables_data_lives_in_the_users_data_directory_and_access_is_local():
    settings = load_settings({})
    assert settings.home.name == "fer-studio"
    assert settings.home.is_absolute()
    assert settings.access == "local"


def test_everything_lives_below_fer_home(tmp_path):
    settings = load_settings({"FER_HOME": str(tmp_path)})
    assert settings.datasets_folder == tmp_path / "datasets"
    assert settings.runs_folder == tmp_path / "runs"
    assert settings.models_folder == tmp_path / "models"
    assert settings.weights_folder == tmp_path / "weights"
    assert settings.probes_folder == tmp_path / "probes"
    assert settings.jobs_folder == tmp_path / "jobs"
    assert settings.evaluations_folder == tmp_path / "evaluations"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("data", Path.cwd() / "data", id="relative"),
        pytest.param("~/faces", Path.home() / "faces", id="home"),
        pytest.param("  /srv/faces ", Path("/srv/faces"), id="spaces"),
    ],
)
def test_fer_home_becomes_an_absolute_folder(value, expected):
    assert load_settings({"FER_HOME": value}).home == expected


def test_reading_the_settings_creates_nothing(tmp_path):
    load_settings({"FER_HOME": str(tmp_path / "new")})
    assert not (tmp_path / "new").exists()


def test_the_environment_of_the_process_is_read(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_HOME", str(tmp_path))
    assert load_settings().home == tmp_path


def test_a_file_as_home_is_refused(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SettingsError, match="which is a file; expected a folder"):
        load_settings({"FER_HOME": str(file)})


def test_an_unknown_access_is_refused():
    with pytest.raises(SettingsError, match=r"FER_ACCESS is 'everyone'; known values: local, shared"):
        load_settings({"FER_ACCESS": "everyone"})


def test_the_number_of_cameras_can_be_set():
    assert load_settings({}).max_cameras == 4
    assert load_settings({"FER_MAX_CAMERAS": " 12 "}).max_cameras == 12


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_number_of_cameras_that_cannot_be_is_refused(value):
    with pytest.raises(SettingsError, match="FER_MAX_CAMERAS is"):
        load_settings({"FER_MAX_CAMERAS": value})


def test_a_shared_server_has_limits_that_can_be_set():
    settings = load_settings({"FER_ACCESS": "shared", "FER_MAX_VISITORS": "5", "FER_MAX_UPLOAD_MB": "3"})
    assert (settings.is_shared, settings.max_visitors, settings.max_upload_mb) == (True, 5, 3)
    assert not load_settings({}).is_shared


@pytest.mark.parametrize("name", ["FER_MAX_VISITORS", "FER_MAX_UPLOAD_MB"])
def test_a_limit_below_one_is_refused(name):
    with pytest.raises(SettingsError, match=f"{name} is 0"):
        load_settings({"FER_ACCESS": "shared", name: "0"})
