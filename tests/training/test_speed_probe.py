import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fer_core.jobs import read_result, read_status, run_here
from fer_core.settings import load_settings
from fer_core.training import TrainConfig
from fer_core.training.speed_probe import NUM_BATCHES, Probe, read_probe, training_seconds
from tests.source_tree import PROJECT

PROBE = Probe("small", 48, 1, 64, 293_207, 24_220_544, seconds_per_image=0.002, device="CPU, 2 cores")


def test_what_was_not_measured_is_not_known(fer_home: Path) -> None:
    assert read_probe("small", 48, 1, 64) is None


def test_a_training_takes_its_epochs_and_their_validation() -> None:
    config = TrainConfig("faces", epochs=10, validation_share=0.1)
    alone = 10 * 9000 * PROBE.seconds_per_image
    assert training_seconds(PROBE, config, num_train=9000) == pytest.approx(alone * (1 + 1 / 27))
    assert training_seconds(PROBE, replace(config, epochs=20), 9000) == pytest.approx(2 * alone * (1 + 1 / 27))


@pytest.mark.slow
def test_a_probe_is_measured_once_and_read_without_keras(fer_home: Path, tmp_path: Path) -> None:
    sizes = {"architecture": "small", "image_size": 48, "channels": 1, "batch_size": 4}
    job = tmp_path / "job"
    run_here(job, "fer_core.training.speed_probe:probe_job", sizes, title="Measuring")
    assert read_status(job).done == NUM_BATCHES
    probe = read_probe(**sizes)
    assert probe is not None
    assert (probe.num_parameters, probe.num_macs) == (PROBE.num_parameters, PROBE.num_macs)
    assert 0 < probe.seconds_per_image < 10
    assert read_result(job) == json.loads(next(load_settings().probes_folder.iterdir()).read_text())
    assert read_probe(**sizes | {"batch_size": 8}) is None


def test_reading_a_probe_loads_no_keras() -> None:
    script = (
        "import sys; from fer_core.training.speed_probe import read_probe; read_probe('small', 48, 1, 64); "
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'jax')))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True, timeout=60)
