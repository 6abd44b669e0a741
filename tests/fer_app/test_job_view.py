"""A job on a page: what is seen while it works, and how each ending is told."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from fer_app.job_view import duration, progress_text, share_done
from fer_core.jobs import JobStatus, list_jobs, read_status, request_cancel, start_job

TARGETS = "tests.jobs.targets"


def _page(folder):
    from pathlib import Path

    import streamlit as st

    from fer_app.job_view import watch_job

    st.session_state.setdefault("endings", [])
    status = watch_job(Path(folder), on_done=lambda status: st.session_state.endings.append(status.state))
    st.text("removed" if status is None else status.state)


def _wait(folder, is_reached):
    end = time.monotonic() + 30
    while not is_reached(read_status(folder)):
        assert time.monotonic() < end, read_status(folder)
        time.sleep(0.02)


def _ended(folder, target):
    start_job(folder, f"{TARGETS}:{target}", {}, title="Adding faces_2024*.zip")
    _wait(folder, lambda status: not status.is_live)


def _run(folder):
    app = AppTest.from_function(_page, kwargs={"folder": str(folder)}, default_timeout=20).run()
    assert not app.exception
    return app


@pytest.fixture
def live_job(tmp_path):
    folder = tmp_path / "adding"
    start_job(folder, f"{TARGETS}:wait_for_cancel", {}, title="Adding faces")
    _wait(folder, lambda status: status.total > 0)
    yield folder
    if list_jobs(tmp_path) and read_status(folder).is_live:
        request_cancel(folder)
        _wait(folder, lambda status: not status.is_live)


def test_a_live_job_shows_progress_and_its_cancel_button_ends_it(live_job):
    app = _run(live_job)
    assert "Adding faces" in app.markdown[0].value
    assert [button.label for button in app.button] == ["Cancel"]
    app.button[0].click().run()
    _wait(live_job, lambda status: not status.is_live)
    app.run()
    assert "stopped" in app.info[0].value
    assert app.text[0].value == "stopped"


def test_the_page_hears_of_the_end_once(live_job):
    app = _run(live_job)
    request_cancel(live_job)
    _wait(live_job, lambda status: not status.is_live)
    app.run()
    app.run()
    assert app.session_state["endings"] in ([], ["stopped"])  # [] where the run itself already saw the end
    assert [button.label for button in app.button] == ["Close"]


@pytest.mark.parametrize(
    ("target", "kind", "says"),
    [
        ("count", "success", "done in"),
        ("fail_for_the_user", "error", "no class folders"),
        ("fail_by_mistake", "error", "KeyError"),
        ("die", "error", "killed"),
    ],
    ids=["completed", "failed for the user", "failed by mistake", "killed"],
)
def test_each_ending_is_told_and_closed(tmp_path, target, kind, says):
    folder = tmp_path / "job"
    _ended(folder, target)
    app = _run(folder)
    assert says in getattr(app, kind)[0].value
    assert r"faces\_2024\*\.zip" in getattr(app, kind)[0].value
    app.button[0].click().run()
    assert app.text[0].value == "removed"
    assert not folder.exists()


def test_a_folder_without_a_job_shows_nothing(tmp_path):
    app = _run(tmp_path)
    assert app.text[0].value == "removed"
    assert not app.button


@pytest.mark.parametrize(
    ("status", "share", "text"),
    [
        (JobStatus("starting", "t"), 0.0, "Starting"),
        (JobStatus("queued", "t"), 0.0, "Waiting for its turn"),
        (JobStatus("queued", "t", message="waiting: 1 job ahead"), 0.0, "waiting: 1 job ahead"),
        (JobStatus("running", "t", heartbeat_at=time.time() - 3600), 0.0, "At work · no sign of life for "),
        (JobStatus("running", "t", message="Unpacking"), 0.0, "Unpacking"),
        (JobStatus("running", "t", done=1200, total=35887, message="Reading"), 0.033, "1,200 of 35,887 (3 %)"),
        (JobStatus("running", "t", done=9, total=8), 1.0, "(100 %)"),
    ],
)
def test_progress_is_told_with_its_denominator(status, share, text):
    assert share_done(status) == pytest.approx(share, abs=0.001)
    assert text in progress_text(status)


@pytest.mark.parametrize(("pace", "left"), [(10, "10 s"), (1064, "18 min"), (7230, "2 h 00 min")])
def test_time_left_is_told_once_there_is_a_pace(pace, left):
    now = time.time()
    status = JobStatus("running", "t", done=50, total=100, progress_since=now - pace, progress_at=now)
    assert f"about {left} left" in progress_text(status)


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [
        (35_000, 64_000, "Downloading · 35 of 64 MB (55 %) · 5.0 MB/s · about 6 s left"),
        (4_000, 8_000, "Downloading · 4,000 of 8,000 kB (50 %) · 0.6 MB/s · about 7 s left"),
        (35_000, 0, "Downloading · 35.0 MB so far · 5.0 MB/s"),
        (0, 0, "Downloading"),
    ],
)
def test_a_download_tells_its_size_and_speed(done, total, text):
    now = time.time()
    status = JobStatus(
        "running", "t", done=done, total=total, message="Downloading (kB)", progress_since=now - 7, progress_at=now
    )
    assert progress_text(status) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 00 s"), (250, "4 min 10 s"), (7500, "2 h 05 min")]
)
def test_durations_have_units(seconds, text):
    assert duration(seconds) == text
