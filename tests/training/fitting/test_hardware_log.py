import threading
import time
from pathlib import Path

import pytest

from fer_core.training.fitting.hardware_log import HardwareLog
from fer_core.training.runs.epoch_records import HARDWARE_NAME, read_hardware


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("hardware")]


def wait_for(condition) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_rows_come_while_it_runs_and_the_thread_ends(tmp_path: Path) -> None:
    def fail() -> None:
        with HardwareLog(tmp_path, interval=0.02):
            assert threads() == [f"hardware {tmp_path.name}"]
            wait_for(lambda: len(read_hardware(tmp_path)) >= 3)
            raise KeyError("what ends a training")

    with pytest.raises(KeyError):
        fail()
    assert threads() == []
    rows = read_hardware(tmp_path)
    assert rows["time"].is_monotonic_increasing
    assert rows["cpu_percent"].between(0, 100).all()
    assert (rows["memory_mb"] > 10).all()


def test_many_rows_are_thinned_and_a_resumed_run_keeps_them(tmp_path: Path) -> None:
    lines = "".join(f"{number},5,100,,\n" for number in range(10))
    (tmp_path / HARDWARE_NAME).write_text(f"time,cpu_percent,memory_mb,gpu_percent,gpu_memory_mb\n{lines}")
    with HardwareLog(tmp_path, interval=0.02, max_rows=12):
        wait_for(lambda: 5 < len(read_hardware(tmp_path)) < 10)
    assert read_hardware(tmp_path)["time"].tolist()[:5] == [0, 2, 4, 6, 8]


def test_a_folder_that_cannot_be_written_ends_no_training(tmp_path: Path) -> None:
    with HardwareLog(tmp_path / "gone", interval=0.01):
        wait_for(lambda: threads() == [])
