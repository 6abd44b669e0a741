import os
import subprocess
import sys
import time

import pytest

from fer_core.errors import JobError
from fer_core.jobs import JobStatus, read_status, request_cancel, tail_log
from fer_core.jobs.folder import write_json
from fer_core.jobs.preparation import JobPlan, prepare_folder, starting_claim
from fer_core.jobs.status import process_created_at


def store(folder, **values):
    now = time.time()
    status = JobStatus(**{"state": "running", "title": "A job", "started_at": now, "heartbeat_at": now, **values})
    write_json(folder / "job.json", {"title": "A job"})
    write_json(folder / "status.json", status.to_dict())


def test_a_running_process_with_the_same_creation_time_is_running(tmp_path):
    store(tmp_path, pid=os.getpid(), process_created_at=process_created_at(os.getpid()), heartbeat_at=0.0)
    assert read_status(tmp_path).state == "running"


def test_a_process_id_used_again_by_another_process_is_lost(tmp_path):
    created_at = process_created_at(os.getpid())
    store(tmp_path, pid=os.getpid(), process_created_at=created_at - 60, heartbeat_at=time.time() - 60)
    assert read_status(tmp_path).state == "lost"


def test_a_stepped_clock_does_not_lose_a_job_that_keeps_beating(tmp_path):
    store(tmp_path, pid=os.getpid(), process_created_at=process_created_at(os.getpid()) - 7200)
    assert read_status(tmp_path).state == "running"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zombies")
def test_a_zombie_is_dead(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", ""])
    created_at = time.time()
    end = time.monotonic() + 10
    while process_created_at(child.pid) is not None and time.monotonic() < end:
        time.sleep(0.01)
    store(tmp_path, pid=child.pid, process_created_at=created_at)
    assert read_status(tmp_path).state == "lost"
    child.wait()


def test_an_ended_job_stays_ended_whatever_happens_to_its_process_id(tmp_path):
    store(tmp_path, state="completed", pid=os.getpid(), process_created_at=0.0, finished_at=time.time())
    request_cancel(tmp_path)
    assert read_status(tmp_path).state == "completed"
    assert not (tmp_path / "cancel").exists()


def test_a_prepared_job_without_a_process_is_starting_and_later_lost(tmp_path):
    prepare_folder(tmp_path, JobPlan("a:b", {}, "A job"))
    assert read_status(tmp_path).state == "starting"
    store(tmp_path, state="starting", started_at=time.time() - 60, heartbeat_at=None)
    assert read_status(tmp_path).state == "lost"


def test_a_damaged_status_counts_as_a_job_that_never_wrote_one(tmp_path):
    store(tmp_path)
    (tmp_path / "status.json").write_text("")
    os.utime(tmp_path / "job.json", (0, 0))
    assert read_status(tmp_path).state == "lost"


def test_a_status_of_a_later_version_with_more_fields_is_read(tmp_path):
    store(tmp_path, state="completed")
    text = (tmp_path / "status.json").read_text()
    (tmp_path / "status.json").write_text(text.replace('"title"', '"mood": "good",\n  "title"'))
    assert read_status(tmp_path).title == "A job"


def test_a_folder_without_a_job_says_so(tmp_path):
    with pytest.raises(JobError, match="There is no job in"):
        read_status(tmp_path / "missing")


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="known states: queued, starting, running"):
        JobStatus(state="dreaming", title="A job")


def test_a_claim_left_by_a_dead_starter_is_dropped(tmp_path):
    (tmp_path / ".starting").touch()
    with pytest.raises(JobError, match="being started"), starting_claim(tmp_path):
        pass
    os.utime(tmp_path / ".starting", (0, 0))
    with starting_claim(tmp_path):
        assert (tmp_path / ".starting").exists()
    assert not (tmp_path / ".starting").exists()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"done": 50, "total": 100}, 10.0, id="half-way"),
        pytest.param({"done": 90, "total": 100, "progress_from": 80}, 10.0, id="after-a-resume"),
        pytest.param({"done": 0, "total": 100}, None, id="nothing-done"),
        pytest.param({"done": 5, "total": 0}, None, id="total-unknown"),
        pytest.param({"done": 50, "total": 100, "state": "completed"}, None, id="ended"),
        pytest.param({"done": 50, "total": 100, "progress_since": None}, None, id="no-report"),
    ],
)
def test_seconds_left_follow_the_pace_so_far(values, expected):
    now = time.time()
    fields = {"state": "running", "title": "A job", "progress_since": now - 10, "progress_at": now, **values}
    left = JobStatus(**fields).seconds_left
    assert left == (None if expected is None else pytest.approx(expected, abs=0.5))


def test_seconds_elapsed_stop_at_the_end():
    assert JobStatus(state="completed", title="", started_at=100.0, finished_at=130.0).seconds_elapsed == 30.0
    assert JobStatus(state="lost", title="", started_at=100.0, heartbeat_at=110.0).seconds_elapsed == 10.0


def test_the_tail_of_a_log_shows_a_progress_bar_once(tmp_path):
    (tmp_path / "job.log").write_bytes("first\r\n10 %\r50 %\r100 %\nlast ü\n\n".encode())
    assert tail_log(tmp_path, 2) == "100 %\nlast ü"
    assert tail_log(tmp_path) == "first\n100 %\nlast ü"
    assert tail_log(tmp_path, log_name="other.log") == ""


def test_reading_a_live_status_is_cheap(tmp_path):
    store(tmp_path, pid=os.getpid(), process_created_at=process_created_at(os.getpid()))
    start = time.process_time()
    for _ in range(100):
        read_status(tmp_path)
    assert time.process_time() - start < 1.0  # 10 ms each: little for a page that looks every second
