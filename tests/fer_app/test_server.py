"""The server as it is started: whom it answers over real connections, and where it does not start at all."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
START_SECONDS = 60
STREAM = "/_stcore/stream"

pytestmark = pytest.mark.slow


def _command(port, *options):
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "streamlit_app.py"), f"--server.port={port}"]
    return [*command, "--server.headless=true", *options]


def _environment(home, **variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "FER_"))}
    return {**kept, "FER_HOME": str(home), **variables}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _ask(port, host, path="/", *headers):
    """Send one request with this Host and return the status of the answer."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        return int(connection.recv(4096).split()[1])


def _upgrade(origin):
    return (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Origin: {origin}",
    )


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Port of a server that was started from another working folder."""
    folder = tmp_path_factory.mktemp("server")
    port = _free_port()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            _command(port), cwd=folder, env=_environment(folder / "home"), stdout=log, stderr=subprocess.STDOUT
        )
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                assert _ask(port, "localhost", "/_stcore/health") == 200
                break
            except OSError:
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, (folder / "log").read_text()
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/prediction"])
@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("127.0.0.1:80", 200), ("example.org", 403)])
def test_only_names_of_this_computer_get_an_answer(port, path, host, status):
    assert _ask(port, host, path) == status


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:{port}", "http://localhost:{port}", 101),
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}", 101),
        ("example.org:{port}", "http://example.org:{port}", 403),
        ("localhost:{port}", "http://example.org", 403),
    ],
    ids=["localhost", "127.0.0.1", "another name", "a page from elsewhere"],
)
def test_only_names_of_this_computer_get_a_websocket(port, host, origin, status):
    assert _ask(port, host.format(port=port), STREAM, *_upgrade(origin.format(port=port))) == status


def test_the_server_listens_on_the_loopback_address_only(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; names the address that others would use
        except OSError:
            pytest.skip("this computer has no network")
        own_address = probe.getsockname()[0]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((own_address, port), timeout=5).close()


@pytest.mark.parametrize(
    ("options", "variables", "says"),
    [
        (["--server.address=0.0.0.0"], {}, "set the address to 127.0.0.1"),
        ([], {"STREAMLIT_SERVER_ADDRESS": "::"}, "set the address to 127.0.0.1"),
        ([], {"FER_ACCESS": "everyone"}, "FER_ACCESS is 'everyone'"),
    ],
    ids=["option", "environment variable", "unknown access"],
)
def test_the_server_refuses_to_start_and_says_what_to_do(tmp_path, options, variables, says):
    start = subprocess.run(
        _command(_free_port(), *options),
        cwd=tmp_path,
        env=_environment(tmp_path / "home", **variables),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert start.returncode != 0
    assert says in start.stderr
    assert start.stderr.strip().splitlines()[-1].startswith("The app was not started. ")
    assert "Traceback" not in start.stderr
