"""A real server and a real Chromium for the tests in this folder; all of them are slow."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from fer_core.jobs import list_jobs, request_cancel

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

PROJECT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
ADVICE = (
    "no Chromium found: install it (Debian and Ubuntu: sudo apt install chromium) "
    "or fetch one with: .venv/bin/python -m playwright install chromium"
)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # a container's root user cannot have one
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS = 60
STOP_SECONDS = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)


@dataclass(frozen=True)
class LiveServer:
    """A running app with data of its own."""

    url: str  # without a slash at the end
    home: Path  # its FER_HOME
    log_path: Path
    pid: int


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to drive: the system's, else the one that Playwright fetched."""
    from playwright.sync_api import sync_playwright

    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        with sync_playwright() as playwright:
            fetched = playwright.chromium.executable_path
        found = fetched if os.path.exists(fetched) else None
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(ADVICE)
        pytest.skip(ADVICE)
    return found


@pytest.fixture(scope="session")
def playwright(chromium_path: str) -> "Iterator[Playwright]":
    """The one driver of all browsers: there can be no second in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: "Playwright", chromium_path: str) -> "Iterator[Browser]":
    browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A page in a context of its own: no cookies, no storage of another test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The app on a free port with an empty FER_HOME, started as a person starts it; one for each test module."""
    folder = tmp_path_factory.mktemp("server")
    home, log_path = folder / "home", folder / "server.log"
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}"]
    command += ["--server.headless=true", "--server.fileWatcherType=none"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "FER_"))}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=PROJECT, env={**environment, "FER_HOME": str(home)}, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        server = LiveServer(f"http://127.0.0.1:{port}", home, log_path, process.pid)
        _wait_for_health(server, process)
        yield server
    finally:
        _end(process)
        _end_jobs(home)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_health(server: LiveServer, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the server did not start (exit code {process.poll()}):\n{server.log_path.read_text()}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_jobs(home: Path) -> None:
    """Stop what the app started and left running; jobs outlive the server on purpose."""
    end = time.monotonic() + STOP_SECONDS
    for parent in (home / "jobs", home / "runs"):
        for folder, status in list_jobs(parent):
            if not status.is_live or status.pid is None:
                continue
            request_cancel(folder)
            try:
                process = psutil.Process(status.pid)
                process.wait(max(0.1, end - time.monotonic()))
            except psutil.TimeoutExpired:
                process.kill()
            except psutil.NoSuchProcess:
                continue
