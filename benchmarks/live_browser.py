"""A server for one page and a Chromium that nobody sees, for benchmarks of what a visitor sees.

The text of a page comes in; a server process with its address, and a browser, go out, and both are ended afterwards.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_PROJECT = Path(__file__).parents[1]
_APP = """
import streamlit as st
from fer_app.plotly_route import plotly_routes
app = st.App("page.py", routes=plotly_routes())
"""


@contextmanager
def server(page: str, place: Path, home: Path) -> Iterator[tuple[psutil.Process, str]]:
    """A Streamlit server with one page on a free port.

    Args:
        page: The page's text.
        place: An empty folder for it, and for the server's log.
        home: The server's FER_HOME.
    """
    (place / "app.py").write_text(_APP, encoding="utf-8")
    (place / "page.py").write_text(page, encoding="utf-8")
    shutil.copytree(_PROJECT / ".streamlit", place / ".streamlit", ignore=shutil.ignore_patterns("secrets.toml"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    environment = {**os.environ, "FER_HOME": str(home), "PYTHONPATH": str(_PROJECT)}
    with (place / "server.log").open("wb") as log:
        started = subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health")
        yield psutil.Process(started.pid), address
    finally:
        started.terminate()
        started.wait(20)


@contextmanager
def chromium(arguments: Sequence[str] = ()) -> Iterator[Any]:
    """A Playwright browser without a window."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    with sync_playwright() as playwright:
        path = next((found for found in map(shutil.which, names) if found), None)
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", *arguments]
        )
        yield browser
        browser.close()


def _wait_for(address: str, seconds: float = 120) -> None:
    last = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            if time.monotonic() > last:
                raise
            time.sleep(0.1)
