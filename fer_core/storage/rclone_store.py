"""The door to Google Drive, SFTP, Dropbox, WebDAV and some seventy more: the program rclone, where it is installed.

rclone keeps remotes and credentials in a file of its own (`rclone config`); this module knows a remote's name only.
"""

import json
import shutil
import subprocess
import time
from pathlib import Path

from fer_core.errors import StorageError
from fer_core.storage.address import Address
from fer_core.storage.failures import place_error
from fer_core.storage.store import OnBytes

_LOOK_INTERVAL = 0.1  # seconds between two looks at whether to stop
# A host that never answers is given up after 90 seconds.
_TRIES = ("--retries", "1", "--low-level-retries", "3", "--contimeout", "15s", "--timeout", "30s")
_MISSING_FOLDER = 3  # "Directory not found", rclone.org/docs/#exit-code
_MISSING_FILE = 4


class RcloneStore:
    """Keeps objects below a folder of an rclone remote.

    Args:
        address: The remote and the folder.

    Raises:
        StorageError: If rclone is not installed.
    """

    def __init__(self, address: Address) -> None:
        program = shutil.which("rclone")
        if program is None:
            raise StorageError(
                "This address needs the program rclone, which is not installed. Get it from your system's packages "
                "(apt install rclone, brew install rclone), then set the remote up with `rclone config`."
            )
        self._program = program
        self._place = address.place
        self.shown = address.text

    def sizes(self, folder: str) -> dict[str, int]:
        """See `Store.sizes`."""
        options = ("--recursive", "--files-only", "--no-modtime", "--no-mimetype")
        code, text, words = self._run("lsjson", *options, self._path(folder))
        if code == _MISSING_FOLDER:
            return {}
        if code:
            raise place_error(self.shown, words)
        prefix = f"{folder}/" if folder else ""
        return {f"{prefix}{entry['Path']}": int(entry["Size"]) for entry in json.loads(text or "[]")}

    def fetch(self, name: str, target: Path, on_bytes: OnBytes) -> None:
        """See `Store.fetch`."""
        self._do("copyto", "--ignore-times", self._path(name), str(target), on_bytes=on_bytes)
        on_bytes(target.stat().st_size)

    def put(self, source: Path, name: str, on_bytes: OnBytes) -> None:
        """See `Store.put`."""
        self._do("copyto", "--ignore-times", str(source), self._path(name), on_bytes=on_bytes)
        on_bytes(source.stat().st_size)

    def remove(self, name: str) -> None:
        """See `Store.remove`."""
        code, _, words = self._run("deletefile", self._path(name))
        if code not in (0, _MISSING_FOLDER, _MISSING_FILE):
            raise place_error(self.shown, words)

    def _path(self, name: str) -> str:
        if not name:
            return self._place
        return f"{self._place}{name}" if self._place.endswith((":", "/")) else f"{self._place}/{name}"

    def _do(self, *words: str, on_bytes: OnBytes) -> None:
        code, _, said = self._run(*words, on_bytes=on_bytes)
        if code:
            raise place_error(self.shown, said)

    def _run(self, *words: str, on_bytes: OnBytes | None = None) -> tuple[int, str, str]:
        """Run rclone; returns its exit code, its output and the last thing it complained of."""
        command = [self._program, *words, *_TRIES]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                while on_bytes is not None and process.poll() is None:
                    on_bytes(0)
                    time.sleep(_LOOK_INTERVAL)
                output, complaints = process.communicate()
            except BaseException:
                process.terminate()
                raise
        lines = [line for line in complaints.splitlines() if line.strip()]
        return process.returncode, output, lines[-1] if lines else f"exit code {process.returncode}"
