import json
from pathlib import Path

import pytest

from fer_core.training.runs.epoch_records import (
    EPOCHS_NAME,
    HARDWARE_COLUMNS,
    HARDWARE_NAME,
    HISTORY_COLUMNS,
    HISTORY_NAME,
    WATCHED_NAME,
    EpochRecord,
    read_epochs,
    read_hardware,
    read_history,
    read_watched,
)

RECORD = {"epoch": 1, "confusion": [[2, 1], [0, 3]], "recall": {"a": 0.5}, "f1": {"a": 0.25}, "faces": [[0.25, 0.75]]}


def test_a_run_that_just_began_has_empty_records(tmp_path: Path) -> None:
    assert read_epochs(tmp_path) == []
    assert read_watched(tmp_path) is None
    assert list(read_history(tmp_path).columns) == list(HISTORY_COLUMNS)
    assert list(read_hardware(tmp_path).columns) == list(HARDWARE_COLUMNS)
    assert len(read_history(tmp_path)) + len(read_hardware(tmp_path)) == 0


def test_a_half_written_last_line_is_passed_over(tmp_path: Path) -> None:
    lines = [json.dumps(RECORD), json.dumps(RECORD | {"epoch": 2}), json.dumps(RECORD)[:40]]
    (tmp_path / EPOCHS_NAME).write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / HARDWARE_NAME).write_text("time,cpu_percent,memory_mb,gpu_percent,gpu_memory_mb\n1,50,100,,\n3,4")
    (tmp_path / HISTORY_NAME).write_text("epoch,loss,phase\r\n1,0.5,all\r\n2,0.2")
    assert read_epochs(tmp_path) == [EpochRecord(**RECORD), EpochRecord(**(RECORD | {"epoch": 2}))]
    assert read_hardware(tmp_path)["cpu_percent"].tolist() == [50]
    assert read_history(tmp_path)[["epoch", "loss", "phase"]].values.tolist() == [[1, 0.5, "all"]]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('{"class_names": ["a"]}', id="fields-missing"),
        pytest.param("[1]", id="no-object"),
    ],
)
def test_watched_faces_that_cannot_be_read_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / WATCHED_NAME).write_text(text)
    assert read_watched(tmp_path) is None
