import logging
import os
import threading
import time

import pytest

from fer_core.errors import Cancelled, DatasetError, JobError
from fer_core.jobs import JobReporter, JobStatus, read_result, read_status, request_cancel, run_here, tail_log
from fer_core.jobs import reporter as reporter_module

TARGETS = "tests.jobs.targets"


def test_it_returns_the_result_and_leaves_the_same_files(tmp_path):
    seen = []
    result = run_here(tmp_path / "job", f"{TARGETS}:count", {"upto": 3}, title="Counting", on_status=seen.append)
    status = read_status(tmp_path / "job")
    assert result == read_result(tmp_path / "job") == {"counted": 3}
    assert (status.state, status.pid, status.done) == ("completed", os.getpid(), 3)
    assert seen[-1].state == "completed"


@pytest.mark.parametrize(
    ("target", "expected", "state"),
    [
        pytest.param("fail_for_the_user", DatasetError, "failed", id="user-error"),
        pytest.param("fail_by_mistake", KeyError, "failed", id="defect"),
        pytest.param("interrupt", Cancelled, "stopped", id="ctrl-c"),
    ],
)
def test_it_raises_what_the_target_raised(tmp_path, target, expected, state):
    with pytest.raises(expected):
        run_here(tmp_path / "job", f"{TARGETS}:{target}", {}, title="Failing")
    assert read_status(tmp_path / "job").state == state
    assert ("Traceback" in tail_log(tmp_path / "job")) == (expected is KeyError)


def test_it_can_be_cancelled_from_outside_and_from_another_thread(tmp_path):
    folder = tmp_path / "job"
    caught = []

    def run():
        try:
            run_here(folder, f"{TARGETS}:wait_for_cancel", {}, title="Waiting")
        except Cancelled as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while not (folder / "status.json").exists():
        time.sleep(0.01)
    with pytest.raises(JobError, match=r"still at work|being started"):
        run_here(folder, f"{TARGETS}:count", {}, title="Counting")
    request_cancel(folder)
    thread.join(10)
    assert len(caught) == 1
    assert read_status(folder).state == "stopped"


def test_a_target_of_another_form_is_the_programmers_error(tmp_path):
    with pytest.raises(ValueError, match=r"package\.module:function"):
        run_here(tmp_path / "job", "count", {}, title="Counting")


def test_values_that_json_does_not_know_are_refused_at_once(tmp_path):
    with pytest.raises(TypeError, match="JSON values or paths"):
        run_here(tmp_path / "job", f"{TARGETS}:count", {"upto": object()}, title="Counting")
    reporter = JobReporter(tmp_path, JobStatus(state="running", title="A job"))
    with pytest.raises(TypeError, match="JSON values or paths"):
        reporter.update(value=object())


def test_the_heartbeat_goes_on_while_the_target_is_silent(tmp_path, monkeypatch):
    monkeypatch.setattr(reporter_module, "_HEARTBEAT_INTERVAL", 0.05)
    reporter = JobReporter(tmp_path, JobStatus(state="running", title="A job", pid=os.getpid()))
    reporter.start()
    first = read_status(tmp_path).heartbeat_at
    end = time.monotonic() + 30
    while read_status(tmp_path).heartbeat_at == first and time.monotonic() < end:
        time.sleep(0.02)
    assert read_status(tmp_path).heartbeat_at > first
    reporter.finish("completed")
    assert not any(thread.name.startswith("heartbeat") for thread in threading.enumerate())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_logged_and_does_not_end_the_work(tmp_path, caplog):
    # Every write of the temporary file fails as on a full disk.
    (tmp_path / f".status.json.{os.getpid()}.tmp").symlink_to("/dev/full")
    reporter = JobReporter(tmp_path, JobStatus(state="running", title="A job"))
    with caplog.at_level(logging.WARNING, "fer_core"):
        reporter.progress(1, 2)
    assert "could not be written" in caplog.text
    assert not (tmp_path / "status.json").exists()
    reporter.start()
    reporter.finish("completed")
    assert read_status(tmp_path).state == "completed"


def test_progress_starts_a_new_stretch_when_the_work_begins_again(tmp_path):
    reporter = JobReporter(tmp_path, JobStatus(state="running", title="A job"))
    reporter.progress(5, 10, "unpacking")
    reporter.progress(8, 10)
    assert (reporter.status.progress_from, reporter.status.message) == (5, "unpacking")
    reporter.progress(0, 10, "indexing")
    assert (reporter.status.progress_from, reporter.status.message) == (0, "indexing")


def test_status_writes_are_throttled(tmp_path):
    seen = []
    reporter = JobReporter(tmp_path, JobStatus(state="running", title="A job"), seen.append)
    start = time.monotonic()
    for number in range(1000):
        reporter.progress(number, 1000)
    assert len(seen) <= 1 + (time.monotonic() - start) / 0.25
