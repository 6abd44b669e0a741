import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from fer_core.errors import JobError
from fer_core.jobs import (
    JobStatus,
    list_jobs,
    read_result,
    read_status,
    remove_job,
    request_cancel,
    start_job,
    tail_log,
)

TARGETS = "tests.jobs.targets"


def wait_until(folder: Path, reached: Callable[[JobStatus], bool], seconds: float = 60) -> JobStatus:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = read_status(folder)
        if reached(status):
            return status
        time.sleep(0.02)
    pytest.fail(f"still {read_status(folder)}\n{tail_log(folder)}")


def wait_for_end(folder: Path) -> JobStatus:
    return wait_until(folder, lambda status: not status.is_live)


def wait_for_work(folder: Path) -> JobStatus:
    return wait_until(folder, lambda status: status.state == "running" and status.total > 0)


@pytest.fixture
def waiting_job(tmp_path):
    folder = tmp_path / "waiting"
    start_job(folder, f"{TARGETS}:wait_for_cancel", {}, title="Waiting")
    yield folder
    if folder.exists() and read_status(folder).is_live:
        request_cancel(folder)
        wait_for_end(folder)


def test_a_job_runs_to_its_end_and_leaves_result_status_and_log(tmp_path):
    folder = tmp_path / "new" / "count"
    start_job(folder, f"{TARGETS}:count", {"upto": 5}, title="Counting")
    assert read_status(folder).state in ("starting", "running", "completed")
    status = wait_for_end(folder)
    assert (status.state, status.title, status.done, status.total) == ("completed", "Counting", 5, 5)
    assert status.details == {"last": 5}
    assert status.error is None
    assert status.pid != os.getpid()
    assert status.started_at <= status.finished_at
    assert status.seconds_left is None
    assert read_result(folder) == {"counted": 5}
    assert (folder / "job.log").exists()
    assert sorted(path.name for path in folder.glob(".*")) == []


def test_arguments_arrive_and_the_worker_starts_in_any_working_folder(tmp_path, monkeypatch):
    trap = tmp_path / "elsewhere"
    trap.mkdir()
    (trap / "random.py").write_text("raise RuntimeError('the working folder was imported')")
    monkeypatch.chdir(trap)
    start_job("job", f"{TARGETS}:echo", {"path": tmp_path, "names": ["ä", "b"]}, title="Echo")
    wait_for_end(trap / "job")
    expected = {"arguments": {"path": str(tmp_path), "names": ["ä", "b"]}, "folder": str(trap)}
    assert read_result(trap / "job") == expected


@pytest.mark.parametrize(
    ("target", "error"),
    [
        pytest.param("fail_for_the_user", "The zip holds no class folders.", id="user-error"),
        pytest.param("fail_by_mistake", "KeyError: 'nose'", id="defect"),
        pytest.param("no_such_function", "AttributeError: ", id="no-function"),
    ],
)
def test_a_failure_is_stored_with_its_sentence(tmp_path, target, error):
    start_job(tmp_path / "job", f"{TARGETS}:{target}", {}, title="Failing")
    status = wait_for_end(tmp_path / "job")
    assert status.state == "failed"
    assert status.error.startswith(error)
    assert ("Traceback" in tail_log(tmp_path / "job", 100)) == (target != "fail_for_the_user")


def test_a_cancel_stops_the_job(waiting_job):
    wait_for_work(waiting_job)
    request_cancel(waiting_job)
    assert read_status(waiting_job).state in ("stopping", "stopped")
    status = wait_for_end(waiting_job)
    assert status.state == "stopped"
    assert status.error is None


def test_a_cancel_asked_before_the_worker_runs_keeps_the_target_from_running(tmp_path):
    marker = tmp_path / "marker"
    start_job(tmp_path / "job", f"{TARGETS}:note_run", {"path": marker}, title="Noting")
    request_cancel(tmp_path / "job")
    assert wait_for_end(tmp_path / "job").state == "stopped"
    assert not marker.exists()


def test_a_target_that_finishes_after_a_cancel_is_stopped_and_keeps_its_result(tmp_path):
    start_job(tmp_path / "job", f"{TARGETS}:finish_when_cancelled", {}, title="Finishing")
    wait_for_work(tmp_path / "job")
    request_cancel(tmp_path / "job")
    assert wait_for_end(tmp_path / "job").state == "stopped"
    assert read_result(tmp_path / "job") == {"kept": True}


def test_a_terminate_signal_stops_the_job_politely(waiting_job):
    pid = wait_for_work(waiting_job).pid
    os.kill(pid, signal.SIGTERM)
    assert wait_for_end(waiting_job).state == "stopped"


def test_a_killed_worker_is_lost_and_leaves_no_zombie(waiting_job):
    pid = wait_for_work(waiting_job).pid
    os.kill(pid, signal.SIGKILL)
    status = wait_for_end(waiting_job)
    assert status.state == "lost"
    assert "Start it again" in status.error
    end = time.monotonic() + 30
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not psutil.pid_exists(pid)


def test_a_worker_that_dies_in_its_work_is_lost(tmp_path):
    start_job(tmp_path / "job", f"{TARGETS}:die", {}, title="Dying")
    assert wait_for_end(tmp_path / "job").state == "lost"


def test_a_child_that_dies_before_its_first_word_is_lost_with_its_log(tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text("import os, sys\nprint('no such library', flush=True)\nos._exit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(broken))
    start_job(tmp_path / "job", f"{TARGETS}:count", {}, title="Counting")
    status = wait_for_end(tmp_path / "job")
    assert status.state == "lost"
    assert "before it reported anything" in status.error
    assert "no such library" in status.error


def test_a_second_start_is_refused_while_the_first_is_live(waiting_job):
    with pytest.raises(JobError, match="'Waiting' is still at work"):
        start_job(waiting_job, f"{TARGETS}:count", {}, title="Counting")
    status = wait_for_work(waiting_job)
    assert status.title == "Waiting"


def test_of_many_starts_at_once_one_wins(tmp_path):
    code = (
        "import sys; from fer_core.jobs import start_job; from fer_core.errors import JobError\n"
        "try: start_job(sys.argv[1], 'tests.jobs.targets:wait_for_cancel', {}, title='Waiting')\n"
        "except JobError: sys.exit(1)\n"
    )
    folder = tmp_path / "job"
    starters = [subprocess.Popen([sys.executable, "-c", code, str(folder)]) for _ in range(4)]
    assert sorted(starter.wait(30) for starter in starters) == [0, 1, 1, 1]
    wait_for_work(folder)
    request_cancel(folder)
    wait_for_end(folder)


def test_an_ended_job_can_be_started_again_in_its_folder(tmp_path):
    folder = tmp_path / "job"
    start_job(folder, f"{TARGETS}:finish_when_cancelled", {}, title="First")
    request_cancel(folder)
    wait_for_end(folder)
    start_job(folder, f"{TARGETS}:fail_by_mistake", {}, title="Second")
    status = wait_for_end(folder)
    assert (status.state, status.title) == ("failed", "Second")
    assert read_result(folder) is None


def test_the_job_outlives_the_process_that_started_it(tmp_path):
    code = (
        "import sys; from fer_core.jobs import start_job\n"
        "start_job(sys.argv[1], 'tests.jobs.targets:finish_when_cancelled', {}, title='Finishing')\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code, str(tmp_path / "job")], check=True, timeout=30)
    wait_for_work(tmp_path / "job")
    request_cancel(tmp_path / "job")
    assert wait_for_end(tmp_path / "job").state == "stopped"
    assert read_result(tmp_path / "job") == {"kept": True}


def test_a_live_job_cannot_be_removed_and_an_ended_one_can(waiting_job):
    wait_for_work(waiting_job)
    with pytest.raises(JobError, match="Stop it first"):
        remove_job(waiting_job)
    request_cancel(waiting_job)
    wait_for_end(waiting_job)
    remove_job(waiting_job)
    assert list(waiting_job.parent.iterdir()) == []
    with pytest.raises(JobError, match="There is no job"):
        read_status(waiting_job)


def test_jobs_are_listed_newest_first_without_other_folders(tmp_path):
    for name in ("b", "a"):
        start_job(tmp_path / name, f"{TARGETS}:count", {}, title=name)
        wait_for_end(tmp_path / name)
    (tmp_path / "junk").mkdir()
    (tmp_path / "note.txt").write_text("not a job")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "job.json").write_text("{")
    (tmp_path / "damaged" / "status.json").write_text(json.dumps({"state": "dreaming", "title": "?"}))
    assert [(folder.name, status.state) for folder, status in list_jobs(tmp_path)] == [
        ("a", "completed"),
        ("b", "completed"),
    ]
    assert list_jobs(tmp_path / "missing") == []


def test_a_status_read_while_it_is_written_is_whole(tmp_path):
    folder = tmp_path / "job"
    start_job(folder, f"{TARGETS}:count", {"upto": 40, "pause": 0.01}, title="Counting")
    wait_for_work(folder)
    seen = {read_status(folder).state}
    while read_status(folder).is_live:
        seen.add(read_status(folder).state)
    assert seen <= {"running", "completed"}


def test_a_log_name_can_be_chosen(tmp_path):
    start_job(tmp_path / "job", f"{TARGETS}:fail_by_mistake", {}, title="Failing", log_name="training.log")
    wait_for_end(tmp_path / "job")
    assert "KeyError: 'nose'" in tail_log(tmp_path / "job", log_name="training.log")
    assert not (tmp_path / "job" / "job.log").exists()


def test_a_file_in_the_folders_place_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "job").write_text("a file")
    with pytest.raises(JobError, match="is a file"):
        start_job(tmp_path / "job", f"{TARGETS}:count", {}, title="Counting")
