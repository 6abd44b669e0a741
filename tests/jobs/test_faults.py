import contextlib
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fer_core.errors import DatasetError, JobError
from fer_core.jobs import list_jobs, read_result, read_status, remove_job, request_cancel, run_here, start_job, tail_log
from fer_core.jobs.endings import failure_sentence
from fer_core.jobs.status import process_created_at
from tests.jobs.test_started_jobs import TARGETS, wait_for_end, wait_for_work, wait_until
from tests.jobs.test_status import store


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True).returncode
    ):
        pytest.skip("a disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def test_a_full_disk_ends_the_job_with_its_sentence_and_leaves_it_removable(small_disk):
    folder = small_disk / "job"
    start_job(folder, f"{TARGETS}:fill_the_disk", {}, title="Filling")
    status = wait_for_end(folder)
    assert status.state == "failed"
    assert status.error.startswith("The disk is full (OSError: [Errno 28]")
    remove_job(folder)
    assert list(small_disk.iterdir()) == []


def test_a_full_disk_in_the_foreground_shows_no_faults_of_the_log(small_disk, capfd):
    with pytest.raises(OSError, match="No space left"):
        run_here(small_disk / "job", f"{TARGETS}:fill_the_disk", {}, title="Filling")
    assert read_status(small_disk / "job").state == "failed"
    assert "Logging error" not in capfd.readouterr().err


def test_a_disk_that_is_full_before_the_start_is_refused_with_a_sentence(small_disk):
    (small_disk / "job").mkdir()
    fill(small_disk / "large.bin")
    with pytest.raises(JobError, match=r"free disk|the disk"):
        start_job(small_disk / "job", f"{TARGETS}:count", {}, title="Counting", queue=small_disk / "queue")
    (small_disk / "large.bin").unlink()
    start_job(small_disk / "job", f"{TARGETS}:count", {}, title="Counting", queue=small_disk / "queue")
    assert wait_for_end(small_disk / "job").state == "completed"


def test_memory_that_runs_out_is_said(tmp_path):
    start_job(tmp_path / "job", f"{TARGETS}:run_out_of_memory", {}, title="Allocating")
    status = wait_for_end(tmp_path / "job")
    assert status.state == "failed"
    assert status.error.startswith("The memory ran out (")
    assert "1.00 EiB" in status.error


@pytest.mark.parametrize(
    ("target", "words"),
    [("die", "killed (signal 9): by a person, or by the system because the memory ran out"), ("crash", "SIGABRT")],
)
def test_whoever_started_a_process_notes_how_it_ended(tmp_path, target, words):
    folder = tmp_path / "job"
    start_job(folder, f"{TARGETS}:{target}", {}, title="Dying")
    wait_for_end(folder)
    status = wait_until(folder, lambda status: words in (status.error or ""), seconds=10)
    assert status.state == "lost"


@pytest.mark.parametrize(
    ("error", "start"),
    [
        pytest.param(DatasetError("There is no dataset."), "There is no dataset.", id="for the user"),
        pytest.param(MemoryError(), "The memory ran out (MemoryError).", id="memory"),
        pytest.param(OSError(errno.EDQUOT, "quota"), "The disk is full (OSError", id="quota"),
        pytest.param(OSError("errno = 28, 'No space left on device'"), "The disk is full (OSError", id="HDF5"),
        pytest.param(RuntimeError("RESOURCE_EXHAUSTED: 2 GiB"), "The memory of the device ran out.", id="JAX"),
        pytest.param(KeyError("nose"), "KeyError: 'nose'", id="defect"),
    ],
)
def test_failures_read_as_sentences(error, start):
    assert failure_sentence(error).startswith(start)


def test_a_failure_is_told_by_what_it_came_from():
    error = RuntimeError("cannot save")
    error.__cause__ = OSError(errno.ENOSPC, "No space")
    assert failure_sentence(error).startswith("The disk is full (RuntimeError: cannot save)")


def test_a_job_whose_folder_is_deleted_ends_and_leaves_nothing(tmp_path):
    folder = tmp_path / "job"
    start_job(folder, f"{TARGETS}:write_in_its_folder", {}, title="Writing", queue=tmp_path / "queue")
    pid = wait_until(folder, lambda status: "time" in status.details).pid
    shutil.rmtree(folder, ignore_errors=True)
    end = time.monotonic() + 20
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)
    shutil.rmtree(folder, ignore_errors=True)  # a note may have been written in the very last moment
    start_job(tmp_path / "next", f"{TARGETS}:count", {}, title="Counting", queue=tmp_path / "queue")
    assert wait_for_end(tmp_path / "next").state == "completed"


def test_a_folder_deleted_in_the_foreground_is_said_without_a_traceback(tmp_path, caplog):
    folder = tmp_path / "job"

    def delete(status):
        if "time" in status.details:
            shutil.rmtree(folder, ignore_errors=True)

    with pytest.raises(JobError, match="was deleted, so the job in it ended"):
        run_here(folder, f"{TARGETS}:write_in_its_folder", {}, title="Writing", on_status=delete)
    assert "Traceback" not in caplog.text
    assert sum("could not be written" in line for line in caplog.messages) <= 1


@pytest.mark.slow
def test_killed_at_any_moment_it_is_lost_removable_and_startable(tmp_path):
    chance = random.Random(5)
    for number in range(12):
        folder = tmp_path / f"{number}"
        start_job(folder, f"{TARGETS}:write_in_its_folder", {}, title="Writing", queue=tmp_path / "queue")
        time.sleep(chance.uniform(0.0, 1.2))  # starting, taking its turn, writing its status
        pid = read_status(folder).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_for_end(folder).state == "lost"
    assert all(status.error and "Start it again" in status.error for _, status in list_jobs(tmp_path))
    start_job(folder, f"{TARGETS}:count", {}, title="Counting", queue=tmp_path / "queue")
    assert wait_for_end(folder).state == "completed"
    assert [path.name for path in folder.glob(".*")] == []
    for job, _ in list_jobs(tmp_path):
        remove_job(job)
    assert [path.name for path in tmp_path.iterdir()] == ["queue"]


@pytest.mark.slow
def test_a_suspended_process_is_running_and_silent(tmp_path):
    folder = tmp_path / "job"
    start_job(folder, f"{TARGETS}:wait_for_cancel", {}, title="Waiting")
    pid = wait_for_work(folder).pid
    os.kill(pid, signal.SIGSTOP)
    try:
        status = wait_until(folder, lambda status: status.seconds_silent > 4, seconds=30)
        assert status.state == "running"
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(folder, lambda status: status.seconds_silent < 4, seconds=30)
    request_cancel(folder)
    assert wait_for_end(folder).seconds_silent == 0.0


def test_a_job_survives_the_whole_process_group_of_its_starter(tmp_path):
    code = (
        "import sys, time; from fer_core.jobs import start_job\n"
        "start_job(sys.argv[1], 'tests.jobs.targets:finish_when_cancelled', {}, title='t', queue=sys.argv[2])\n"
        "time.sleep(60)\n"
    )
    folder = tmp_path / "job"
    server = subprocess.Popen([sys.executable, "-c", code, folder, tmp_path / "queue"], start_new_session=True)
    while not (folder / "status.json").exists():
        time.sleep(0.05)
    wait_for_work(folder)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    time.sleep(0.5)
    assert read_status(folder).state == "running"
    request_cancel(folder)
    assert wait_for_end(folder).state == "stopped"
    assert read_result(folder) == {"kept": True}
    assert tail_log(folder) == ""


def test_after_a_restart_of_the_computer_a_job_is_lost_and_says_so(tmp_path):
    before = psutil.boot_time() - 3600
    store(tmp_path, pid=os.getpid(), process_created_at=before, started_at=before, heartbeat_at=before)
    status = read_status(tmp_path)
    assert status.state == "lost"
    assert "The computer was restarted." in status.error


def test_a_queued_job_that_is_gone_was_lost_while_it_waited(tmp_path):
    created_at = process_created_at(os.getpid()) - 60
    store(tmp_path, state="queued", pid=os.getpid(), process_created_at=created_at, heartbeat_at=time.time() - 60)
    assert "ended while it waited for its turn" in read_status(tmp_path).error
