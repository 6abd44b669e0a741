import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_core.dataset import add_dataset, remove_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import DatasetError, TrainingError
from fer_core.jobs import JobStatus, read_status, request_cancel, start_job
from fer_core.jobs.folder import write_json
from fer_core.training import (
    Run,
    TrainConfig,
    list_runs,
    open_run,
    remove_run,
    resume_run,
    retry_run,
    start_run,
    stop_run,
    train,
    training_queue,
)
from tests.dataset.pictures import write_class_folders
from tests.jobs.test_started_jobs import wait_until


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> str:
    return add_dataset(write_class_folders(tmp_path / "faces", ["train/happy", "train/sad"]), name="faces").name


@pytest.fixture
def busy(fer_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A job at work in the queue of trainings, so that trainings wait; it ends with the test, as they do."""
    folder = tmp_path / "busy"
    start_job(folder, "tests.jobs.targets:wait_for_cancel", {}, title="Busy", queue=training_queue())
    wait_until(folder, lambda status: status.state == "running")
    yield folder
    for run in list_runs():
        if run.status().is_live:
            stop_run(run.name)
            wait_until(run.folder, lambda status: not status.is_live)
    request_cancel(folder)
    wait_until(folder, lambda status: not status.is_live)


def make_ended(name: str, config: TrainConfig, state: str = "failed", *, with_state: bool = True) -> Run:
    """A run as a training leaves it that has ended."""
    folder = Path(os.environ["FER_HOME"]) / "runs" / name
    folder.mkdir(parents=True)
    write_json(folder / "config.json", config.to_dict())
    job = {
        "title": f"Training {name}",
        "target": "tests.jobs.targets:echo",
        "arguments": {},
        "log_name": "training.log",
    }
    write_json(folder / "job.json", job)
    now = time.time()
    status = JobStatus(state, job["title"], details={"best_epoch": 2}, started_at=now - 60, finished_at=now)
    write_json(folder / "status.json", status.to_dict())
    (folder / "training.log").write_text("the first stretch\n")
    (folder / "history.csv").write_text("epoch,loss\n1,2.0\n")
    if with_state:
        (folder / "checkpoints").mkdir()
        (folder / "checkpoints" / "state.npz").write_bytes(b"state")
    return open_run(name)


def test_a_second_training_waits_and_a_stop_ends_it_at_once(dataset: str, busy: Path) -> None:
    run = start_run(TrainConfig(dataset))
    status = wait_until(run.folder, lambda status: status.state == "queued" and status.pid is not None)
    assert (status.message, status.details["phase"]) == ("waiting: 1 job ahead", "waiting")
    with pytest.raises(TrainingError, match="still at work"):
        remove_run(run.name)
    stop_run(run.name)
    assert wait_until(run.folder, lambda status: not status.is_live, 5).state == "stopped"
    assert not run.can_resume
    remove_run(run.name)


def test_the_same_training_is_not_started_twice_unless_it_has_a_name(dataset: str, busy: Path) -> None:
    first = start_run(TrainConfig(dataset))
    with pytest.raises(TrainingError, match=f"under way as {first.name!r}"):
        start_run(TrainConfig(dataset))
    with pytest.raises(TrainingError, match=f"under way as {first.name!r}"):
        train(TrainConfig(dataset))
    assert start_run(TrainConfig(dataset), name="mine").name == "mine"
    assert start_run(TrainConfig(dataset, seed=1)).name == "faces-compact-2"


@pytest.mark.slow
def test_four_clicks_at_one_moment_give_one_run(dataset: str, busy: Path) -> None:
    code = (
        "import sys; from fer_core.training import TrainConfig, start_run; from fer_core.errors import TrainingError\n"
        "try: start_run(TrainConfig('faces'))\n"
        "except TrainingError: sys.exit(1)\n"
    )
    starters = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert sorted(starter.wait(60) for starter in starters) == [0, 1, 1, 1]
    assert [run.name for run in list_runs()] == ["faces-compact-1"]


def test_different_trainings_of_one_moment_all_wait(dataset: str, busy: Path) -> None:
    threads = [threading.Thread(target=start_run, args=(TrainConfig(dataset, seed=seed),)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run.name for run in list_runs()) == ["faces-compact-1", "faces-compact-2", "faces-compact-3"]


def test_a_training_in_the_foreground_waits_too(dataset: str, busy: Path) -> None:
    seen: list[str] = []

    def stop(status: JobStatus) -> None:
        seen.append(f"{status.state}, {status.message}")
        if status.is_live:
            os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C

    with pytest.raises(Exception, match="before its turn"):
        train(TrainConfig(dataset), name="mine", on_status=stop)
    assert seen[0] == "queued, waiting: 1 job ahead"
    assert open_run("mine").status().state == "stopped"


@pytest.mark.parametrize(
    ("visible", "name"),
    [
        (None, "all-devices"),
        ("", "processor"),
        ("-1", "processor"),
        ("0", "gpu-0"),
        ("1, 0", "gpu-0-1"),
        ("MIG-a/1", "gpu-MIG-a_1"),
    ],
)
def test_each_set_of_devices_has_its_queue(fer_home: Path, monkeypatch, visible: str | None, name: str) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert training_queue() == fer_home / "queues" / name


@pytest.mark.parametrize("state", ["stopped", "failed", "lost"])
def test_an_interrupted_run_goes_on_in_its_folder(dataset: str, busy: Path, state: str) -> None:
    run = make_ended("mine", TrainConfig(dataset), state)
    assert run.can_resume
    assert resume_run("mine") == run
    status = wait_until(run.folder, lambda status: status.state == "queued" and status.pid is not None)
    assert status.details["best_epoch"] == 2
    assert status.seconds_elapsed >= 60
    assert len(run.history()) == 1
    assert run.log_tail().splitlines()[0] == "the first stretch"
    assert "resumed: Training mine" in run.log_tail()
    job = json.loads((run.folder / "job.json").read_text())
    assert job["arguments"] == {"run_folder": str(run.folder), "resume": True}
    assert not run.can_resume
    for again in (resume_run, retry_run):
        with pytest.raises(TrainingError, match="under way"):
            again("mine")


def test_what_cannot_go_on_says_why(dataset: str) -> None:
    config = TrainConfig(dataset)
    make_ended("complete", config, "completed")
    make_ended("early", config, "stopped", with_state=False)
    damaged = make_ended("damaged", config)
    (damaged.folder / "config.json").write_text("{")
    assert not any(open_run(name).can_resume for name in ("complete", "early", "damaged"))
    for name, words in (("complete", "is complete"), ("early", "Retry it"), ("damaged", "cannot be read")):
        with pytest.raises(TrainingError, match=words):
            resume_run(name)
    with pytest.raises(TrainingError, match="cannot be read"):
        retry_run("damaged")
    make_ended("orphan", config)
    remove_dataset(dataset)
    for again in (resume_run, retry_run):
        with pytest.raises(DatasetError, match="no dataset 'faces'"):
            again("orphan")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mine", "mine-2"), ("faces-compact-1", "faces-compact-2"), ("resnet-50", "resnet-50-2")],
)
def test_a_retry_is_a_new_run_of_the_same_settings_and_stem(dataset: str, busy: Path, name: str, expected: str) -> None:
    make_ended(name, TrainConfig(dataset, epochs=7))
    run = retry_run(name)
    assert (run.name, run.config.epochs) == (expected, 7)
    with pytest.raises(TrainingError, match="under way as"):
        retry_run(name)  # the second of a double click
    stop_run(run.name)
    wait_until(run.folder, lambda status: not status.is_live)
    again = retry_run(run.name)
    assert again.name == expected[:-1] + "3"


def test_what_it_was_made_with_and_how_it_did_can_be_read(dataset: str) -> None:
    run = make_ended("mine", TrainConfig(dataset))
    assert (run.record(), run.test_report()) == (None, None)
    write_json(run.folder / "record.json", {"seed": 0})
    write_json(run.folder / "test.json", {"1": {}})
    assert (run.record(), run.test_report()) == ({"seed": 0}, {"1": {}})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_leaves_no_run(dataset: str, fer_home: Path) -> None:
    (fer_home / "runs").mkdir(mode=0o500)
    with pytest.raises(TrainingError, match="cannot be written"):
        start_run(TrainConfig(dataset))


@pytest.mark.slow
def test_a_dataset_that_is_gone_when_the_turn_comes_is_named(dataset: str, busy: Path) -> None:
    run = start_run(TrainConfig(dataset, architecture="small"))
    remove_dataset(dataset)
    request_cancel(busy)
    status = wait_until(run.folder, lambda status: not status.is_live)
    assert status.state == "failed"
    assert "no dataset 'faces'" in (status.error or "")
    assert read_status(run.folder).seconds_elapsed > 0


@pytest.mark.slow
def test_a_killed_training_goes_on_and_its_history_has_every_epoch_once(fer_home: Path, tmp_path: Path) -> None:
    write_drawn_faces(tmp_path / "drawn", num_train=140, num_test=21)
    add_dataset(tmp_path / "drawn", name="drawn")
    run = start_run(TrainConfig("drawn", architecture="small", epochs=30, batch_size=16))
    wait_until(run.folder, lambda status: not status.is_live or len(run.history()) >= 2, 240)
    killed = run.status()
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)
    assert wait_until(run.folder, lambda status: not status.is_live).state == "lost"
    assert run.can_resume
    assert resume_run(run.name) == run
    status = wait_until(run.folder, lambda status: not status.is_live, 240)
    assert (status.state, status.error) == ("completed", None)
    assert [*run.history()["epoch"]] == list(range(1, 31))
    assert status.seconds_before > 0
    assert run.model is not None
    assert not run.can_resume
