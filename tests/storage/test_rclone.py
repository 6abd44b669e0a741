"""The door through rclone, against a real SFTP server on the loopback: rclone's own."""

import os
import shutil
import socket
import subprocess
import time

import pytest

from fer_core.dataset import open_dataset
from fer_core.errors import StorageError
from fer_core.storage import list_address, transfer
from tests.storage.places import contents

RCLONE = shutil.which("rclone")
needs_rclone = pytest.mark.skipif(RCLONE is None, reason="rclone is not installed")
SECRET = "hush-hush-secret"


@pytest.fixture
def sftp(tmp_path, monkeypatch):
    """An SFTP server that shows the folder `there`, set up as rclone's remote `box`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    there = tmp_path / "there"
    there.mkdir()
    hidden = subprocess.run([RCLONE, "obscure", SECRET], capture_output=True, text=True, check=True).stdout.strip()
    settings = {"TYPE": "sftp", "HOST": "127.0.0.1", "PORT": str(port), "USER": "me", "PASS": hidden}
    for name, value in settings.items():
        monkeypatch.setenv(f"RCLONE_CONFIG_BOX_{name}", value)
    monkeypatch.setenv("RCLONE_CONFIG", str(tmp_path / "rclone.conf"))
    command = [RCLONE, "serve", "sftp", there, "--addr", f"127.0.0.1:{port}", "--user", "me", "--pass", SECRET]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for_port(port)
        yield there, server
        server.terminate()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the SFTP server did not start")


@pytest.mark.slow
@needs_rclone
def test_a_dataset_travels_over_sftp(small, at_home, sftp, tmp_path):
    there, server = sftp
    assert list_address("rclone:box:") == []
    transfer("push", "rclone:box:deep/place", ["small"])
    assert list((there / "deep/place/datasets/small/objects").iterdir())
    assert transfer("push", "rclone:box:deep/place", ["small"]).moved[0].sent == 0
    at_home("two")
    transfer("pull", "rclone:box:deep/place", ["small"])
    assert open_dataset("small").index.fingerprint == small.index.fingerprint
    assert contents(open_dataset("small").folder) == contents(small.folder)

    bundle = next((there / "deep/place/datasets/small/objects").iterdir())
    content = bundle.read_bytes()
    bundle.write_bytes(content[:500] + b"X" + content[501:])
    at_home("three")
    with pytest.raises(StorageError, match="damaged"):
        transfer("pull", "rclone:box:deep/place", ["small"])
    server.terminate()
    server.wait(timeout=20)
    with pytest.raises(StorageError, match="connection broke"):
        list_address("rclone:box:deep/place")
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(SECRET.encode() in content for content in written)


@pytest.mark.slow
@needs_rclone
def test_a_wrong_password_is_named_and_not_shown(small, sftp, monkeypatch):
    wrong = subprocess.run([RCLONE, "obscure", "wrong-hush"], capture_output=True, text=True, check=True).stdout.strip()
    monkeypatch.setenv("RCLONE_CONFIG_BOX_PASS", wrong)
    with pytest.raises(StorageError, match="does not let you in") as failure:
        transfer("push", "rclone:box:place", ["small"])
    assert not any(secret in str(failure.value) for secret in ("wrong-hush", wrong, SECRET))


@needs_rclone
def test_a_remote_that_is_not_set_up_is_named(at_home, monkeypatch, tmp_path):
    monkeypatch.setenv("RCLONE_CONFIG", str(tmp_path / "none.conf"))
    with pytest.raises(StorageError, match="rclone config"):
        list_address("rclone:nowhere:x")


def test_without_rclone_the_way_to_get_it_is_said(at_home, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(StorageError, match="apt install rclone"):
        list_address("rclone:box:x")
