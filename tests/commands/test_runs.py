"""The commands around trainings that were started, on records that no training had to write."""

import json
from pathlib import Path
from typing import Any

import pytest

from fer_core.jobs import read_status, request_cancel, start_job
from fer_core.training import TrainConfig, open_run
from tests.jobs.test_started_jobs import wait_until

HISTORY = "epoch,val_loss,val_accuracy,val_macro_f1\n1,1.5,0.4,0.3\n2,1.25,0.5,0.45\n"


@pytest.fixture
def record(fer_home: Path):
    """Write the record of a run that has ended."""

    def record_(name: str, state: str = "completed", **settings: Any) -> Path:
        folder = fer_home / "runs" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(TrainConfig("faces", **settings).to_dict()))
        details = {"best_epoch": 2, "best_val_accuracy": 0.5, "num_validation": 40}
        status = {"state": state, "title": name, "started_at": 100.0, "finished_at": 160.0, "details": details}
        (folder / "status.json").write_text(json.dumps(status))
        (folder / "job.json").write_text("{}")
        (folder / "history.csv").write_text(HISTORY)
        return folder

    return record_


def test_runs_are_listed_and_shown_with_what_they_reached(run, record) -> None:
    report = {"accuracy": 0.625, "macro_f1": 0.5, "num_images": 16}
    (record("a", epochs=2) / "test.json").write_text(json.dumps({"one": report, "all": report}))
    (record("b", "failed") / "config.json").write_text("{")
    code, out, _ = run("runs", "list")
    assert code == 0
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "completed faces" in " ".join(rows["a"].split())
    assert "0.6250" in rows["a"]
    assert "2/?" in rows["b"]
    code, out, _ = run("runs", "show", "a")
    assert code == 0
    assert "accuracy 0.6250, macro-F1 0.5000 on 16 images" in out
    assert "val_macro_f1" in out


def test_runs_are_laid_side_by_side(run, record) -> None:
    record("a", epochs=2)
    record("b", epochs=3)
    code, out, _ = run("runs", "compare", "a", "b")
    assert code == 0
    assert "Epochs 2 3" in " ".join(out.split())
    assert "50.0 % of 40" in out


def test_what_is_noted_stays_until_it_is_replaced(run, record) -> None:
    record("a")
    assert run("runs", "note", "a", "seems good", "--tags", "first, second")[0] == 0
    assert run("runs", "note", "a", "--tags", "third")[1] == "tags    third\nnote    seems good\n"
    assert "third" in run("runs", "list")[1]
    assert run("runs", "note", "a", "", "--tags", "")[1] == "tags    \nnote    \n"


def test_a_run_is_removed_unless_its_model_is_needed(run, record, tmp_path: Path) -> None:
    record("base")
    user = record("user", from_model="base")
    start_job(user, "tests.jobs.targets:wait_for_cancel", {}, title="user")
    wait_until(user, lambda status: status.state == "running")
    code, _, err = run("runs", "remove", "base")
    assert code == 1
    assert "user needs the model of 'base'" in err.replace("\n", " ")
    assert run("runs", "stop", "user")[0] == 0
    wait_until(user, lambda status: not status.is_live)
    assert run("runs", "remove", "user", "base")[0] == 0
    assert "No runs yet" in run("runs", "list")[2]


def test_a_waiting_run_is_taken_out_of_the_queue(run, record, tmp_path: Path) -> None:
    busy, waiting, queue = tmp_path / "busy", record("waiting"), tmp_path / "queue"
    start_job(busy, "tests.jobs.targets:wait_for_cancel", {}, title="busy", queue=queue)
    wait_until(busy, lambda status: status.state == "running")
    start_job(waiting, "tests.jobs.targets:wait_for_cancel", {}, title="waiting", queue=queue)
    wait_until(waiting, lambda status: status.state == "queued")
    code, _, err = run("runs", "stop", "waiting")
    assert code == 0
    assert "out of the queue" in err
    wait_until(waiting, lambda status: status.state == "stopped")
    request_cancel(busy)
    wait_until(busy, lambda status: not status.is_live)
    assert read_status(waiting).state == open_run("waiting").status().state == "stopped"


@pytest.mark.parametrize("command", ["resume", "retry"])
def test_what_lacks_its_dataset_or_its_state_does_not_start(run, record, command: str) -> None:
    record("a", "stopped")
    code, out, err = run("runs", command, "a")
    assert (code, out) == (1, "")
    assert "There is no dataset 'faces'" in err.replace("\n", " ")
