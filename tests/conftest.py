"""What many tests need: a home of their own, a small model package and the command line."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before anything imports TensorFlow

import pylibsrtp  # noqa: F401 - of the webcam: loaded after TensorFlow, which no server loads, it ends the process

from fer_core.models.package import ModelPackage
from tests.models.networks import build_tiny_network, make_info


@pytest.fixture
def fer_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FER_HOME that is empty and belongs to one test."""
    home = tmp_path / "home"
    monkeypatch.setenv("FER_HOME", str(home))
    monkeypatch.delenv("FER_ACCESS", raising=False)
    return home


@pytest.fixture(scope="session")
def tiny_package(tmp_path_factory: pytest.TempPathFactory) -> ModelPackage:
    """A network of two convolutions, untrained, that tells seven expressions; copy its folder before changing it."""
    from fer_core.models.export import export_package

    network = build_tiny_network()
    return export_package(network, tmp_path_factory.mktemp("packages") / "tiny", make_info(network))


@pytest.fixture
def run(fer_home: Path, capsys: pytest.CaptureFixture[str]):
    """Run one command; returns exit code, standard output and standard error."""
    from fer_core.cli import main

    def run_(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_
