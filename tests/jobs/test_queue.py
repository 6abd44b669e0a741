import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from fer_core.errors import Cancelled
from fer_core.jobs import (
    JobStatus,
    continue_job,
    read_result,
    read_status,
    request_cancel,
    run_here,
    start_job,
    tail_log,
)
from fer_core.jobs import queue as queue_module
from fer_core.jobs.status import process_created_at
from tests.jobs.test_started_jobs import TARGETS, wait_for_end, wait_for_work, wait_until
from tests.jobs.test_status import store


class Line:
    """Jobs in one queue that each write when they began and ended, and work until they are told to end."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.queue = place / "queue"
        self.folders: list[Path] = []

    def start(self, name: str) -> Path:
        folder = self.place / name
        start_job(folder, f"{TARGETS}:finish_when_cancelled", {}, title=name, queue=self.queue)
        self.folders.append(folder)
        return folder

    def end(self) -> None:
        for folder in reversed(self.folders):
            if folder.exists() and read_status(folder).is_live:
                request_cancel(folder)
        for folder in self.folders:
            if folder.exists():
                wait_for_end(folder)


@pytest.fixture
def line(tmp_path):
    line = Line(tmp_path)
    yield line
    line.end()


def wait_for_ahead(folder: Path, ahead: int) -> JobStatus:
    """Wait until the job's own process says so; whoever started it says so before."""
    return wait_until(
        folder,
        lambda status: (
            status.state == "queued" and status.heartbeat_at is not None and status.details.get("ahead") == ahead
        ),
    )


def test_jobs_of_one_queue_work_in_turn_and_say_their_place(line):
    first = line.start("first")
    second = line.start("second")
    third = line.start("third")
    assert read_status(second).state == read_status(third).state == "queued"
    wait_for_work(first)
    assert wait_for_ahead(second, 1).message == "waiting: 1 job ahead"
    assert wait_for_ahead(third, 2).message == "waiting: 2 jobs ahead"
    request_cancel(first)
    assert wait_for_work(second).details["phase"] == "preparing"
    assert read_status(first).state == "stopped"
    assert wait_for_ahead(third, 1).is_live
    request_cancel(second)
    wait_for_work(third)


def test_a_job_that_waits_is_light(line):
    wait_for_work(line.start("first"))
    process = psutil.Process(wait_for_ahead(line.start("second"), 1).pid)
    time.sleep(0.5)  # until it has started up
    before = process.cpu_times()
    time.sleep(2)
    after = process.cpu_times()
    assert process.memory_info().rss < 100e6
    assert (after.user + after.system) - (before.user + before.system) < 0.2  # of two seconds


def test_a_stop_while_waiting_ends_at_once_and_the_target_never_runs(line, tmp_path):
    wait_for_work(line.start("first"))
    folder = tmp_path / "noting"
    start_job(folder, f"{TARGETS}:note_run", {"path": tmp_path / "marker"}, title="Noting", queue=line.queue)
    wait_for_ahead(folder, 1)
    request_cancel(folder)
    status = wait_until(folder, lambda status: not status.is_live, seconds=5)
    assert (status.state, status.error) == ("stopped", None)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("victim", ["working", "waiting"])
def test_a_killed_job_keeps_nobody_waiting(line, victim):
    first, second, third = line.start("first"), line.start("second"), line.start("third")
    wait_for_work(first)
    wait_for_ahead(third, 2)
    killed = first if victim == "working" else second
    os.kill(read_status(killed).pid, signal.SIGKILL)
    assert wait_for_end(killed).state == "lost"
    if victim == "waiting":
        request_cancel(first)
        wait_for_work(third)
    else:
        wait_for_work(second)
        wait_for_ahead(third, 1)


def test_a_suspended_job_that_waits_lets_others_pass(line, monkeypatch):
    first, second = line.start("first"), line.start("second")
    pid = wait_for_ahead(second, 1).pid
    os.kill(pid, signal.SIGSTOP)
    try:
        monkeypatch.setattr(queue_module, "_SILENT_SECONDS", 0.5)
        request_cancel(first)
        wait_for_end(first)
        time.sleep(1)
        folder = line.place / "here"
        result = run_here(folder, f"{TARGETS}:count", {}, title="Here", queue=line.queue)
        assert result == {"counted": 3}
        assert read_status(second).state == "queued"
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_for_work(second)


def test_work_in_this_process_waits_too_and_says_so(line):
    wait_for_work(line.start("first"))
    seen: list[JobStatus] = []

    def watch(status: JobStatus) -> None:
        seen.append(status)
        if status.state == "queued":
            request_cancel(line.place / "first")

    assert run_here(line.place / "here", f"{TARGETS}:count", {}, title="Here", queue=line.queue, on_status=watch) == {
        "counted": 3
    }
    assert [seen[0].state, seen[0].message] == ["queued", "waiting: 1 job ahead"]
    assert seen[-1].state == "completed"


def test_two_threads_of_one_process_take_turns(tmp_path):
    def work(number: int) -> None:
        arguments = {"upto": 3, "pause": 0.05}
        run_here(tmp_path / f"{number}", f"{TARGETS}:count", arguments, title="t", queue=tmp_path / "queue")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    spans = sorted(
        (status.working_since, status.finished_at)
        for status in (read_status(tmp_path / f"{number}") for number in range(3))
    )
    assert all(ended <= began for (_, ended), (began, _) in itertools.pairwise(spans))


def test_jobs_started_at_one_moment_all_run_one_at_a_time(tmp_path):
    code = (
        "import sys; from fer_core.jobs import start_job\n"
        "start_job(sys.argv[1], 'tests.jobs.targets:count', {'pause': 0.05}, title='t', queue=sys.argv[2])\n"
    )
    folders = [tmp_path / name for name in "abcd"]
    starters = [subprocess.Popen([sys.executable, "-c", code, str(f), str(tmp_path / "queue")]) for f in folders]
    assert [starter.wait(30) for starter in starters] == [0, 0, 0, 0]
    ends = [wait_for_end(folder) for folder in folders]
    assert [status.state for status in ends] == ["completed"] * 4
    spans = sorted((status.working_since, status.finished_at) for status in ends)
    assert all(ended <= began for (_, ended), (began, _) in itertools.pairwise(spans))
    end = time.monotonic() + 10
    while list((tmp_path / "queue").glob("*.json")) and time.monotonic() < end:
        time.sleep(0.02)
    assert list((tmp_path / "queue").glob("*.json")) == []  # every ticket was given back


def test_a_queue_known_by_another_path_is_the_same_queue(line, tmp_path):
    wait_for_work(line.start("first"))
    (tmp_path / "link").symlink_to(tmp_path)
    start_job(tmp_path / "other", f"{TARGETS}:count", {}, title="Other", queue=tmp_path / "link" / "queue")
    assert wait_for_ahead(tmp_path / "other", 1).is_live
    request_cancel(tmp_path / "first")
    assert wait_for_end(tmp_path / "other").state == "completed"


def test_queues_do_not_wait_for_each_other(line, tmp_path):
    wait_for_work(line.start("first"))
    start_job(tmp_path / "other", f"{TARGETS}:count", {}, title="Other", queue=tmp_path / "other-queue")
    assert wait_for_end(tmp_path / "other").state == "completed"


def test_a_ticket_of_a_removed_or_restarted_job_counts_for_nobody(line, tmp_path):
    for number, job in enumerate((tmp_path / "gone", tmp_path / "again"), start=1):
        line.queue.mkdir(exist_ok=True)
        (line.queue / f"{number:09d}.json").write_text(json.dumps({"job": str(job)}))
    start_job(tmp_path / "again", f"{TARGETS}:count", {}, title="Again", queue=line.queue)
    assert wait_for_end(tmp_path / "again").state == "completed"


def test_a_continued_job_keeps_log_details_and_seconds(tmp_path):
    folder = tmp_path / "job"
    start_job(folder, f"{TARGETS}:count", {"upto": 5, "pause": 0.1}, title="Counting")
    first = wait_for_end(folder)
    (folder / ".status.json.1.tmp").write_text("left by a killed process")
    (folder / ".package.1.tmp").mkdir()
    (folder / ".package.1.tmp" / "model.json").write_text("left too")
    continue_job(folder, {"upto": 7, "pause": 0.0})
    status = wait_for_end(folder)
    assert read_result(folder) == {"counted": 7}
    assert status.seconds_before == pytest.approx(first.seconds_elapsed)
    assert status.seconds_elapsed >= first.seconds_elapsed > 0.5
    assert "resumed: Counting" in tail_log(folder)
    assert [path.name for path in folder.glob(".*")] == []


def test_a_foreground_job_can_be_stopped_while_it_waits(line):
    wait_for_work(line.start("first"))
    here = line.place / "here"

    def stop(status: JobStatus) -> None:
        if status.state == "queued":
            request_cancel(here)

    with pytest.raises(Cancelled, match="before its turn"):
        run_here(here, f"{TARGETS}:count", {}, title="Here", queue=line.queue, on_status=stop)
    assert read_status(here).state == "stopped"


def test_a_job_suspended_before_its_first_word_lets_others_pass(tmp_path):
    folder, queue = tmp_path / "job", tmp_path / "queue"
    folder.mkdir()
    created_at = process_created_at(os.getpid())
    store(folder, state="queued", pid=os.getpid(), process_created_at=created_at, heartbeat_at=None)
    with queue_module.entering(queue, folder) as first:
        (folder / "job.json").write_text(json.dumps({"title": "A job", "ticket": str(first)}))
    with queue_module.entering(queue, tmp_path / "other") as second:
        assert queue_module.num_ahead(second) == 1
        store(folder, state="queued", pid=os.getpid(), process_created_at=created_at, heartbeat_at=None, started_at=9.0)
        (folder / "job.json").write_text(json.dumps({"title": "A job", "ticket": str(first)}))
        assert queue_module.num_ahead(second) == 0
