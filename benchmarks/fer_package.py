"""The `fer` package on PyPI, the nearest thing to this program, at work in a process and environment of its own.

It needs an older OpenCV and setuptools than this program, but finds TensorFlow in the environment that runs this.
"""

import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path
from types import TracebackType

REQUIREMENTS = (
    "fer==25.10.3",
    "opencv-contrib-python-headless<5",  # 5 has no Haar cascades
    "setuptools<81",  # with pkg_resources
    "requests",
)

# Reads one JPEG whenever a line comes in; says the processor time and the number of faces.
AT_WORK = """
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import cv2, numpy as np
from fer.fer import FER
cv2.setNumThreads(1)
content = np.fromfile(sys.argv[1], np.uint8)
detector = FER()
for line in sys.stdin:
    started_at = time.process_time()
    faces = detector.detect_emotions(cv2.imdecode(content, cv2.IMREAD_COLOR))
    print(1000 * (time.process_time() - started_at), len(faces), flush=True)
"""


def make_environment(folder: Path) -> Path:
    """Make an environment with the package, unless it is there.

    Returns:
        Its Python.
    """
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if python.exists():
        return python
    venv.create(folder, with_pip=False)
    shown = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(shown, capture_output=True, text=True, check=True).stdout.strip())
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), *REQUIREMENTS]
    subprocess.run(install, check=True)
    (site / "running.pth").write_text(
        sysconfig.get_path("purelib"), encoding="utf-8"
    )  # TensorFlow, NumPy; searched last
    return python


class FerProcess:
    """The package reading one photo again and again, when asked.

    Args:
        python: Of an environment that has it.
        photo: A JPEG.
    """

    def __init__(self, python: Path, photo: bytes) -> None:
        self.num_faces = 0
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "photo.jpg"
        path.write_bytes(photo)
        command = [str(python), "-c", AT_WORK, str(path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def milliseconds(self) -> float:
        """Let it read the photo; processor time in milliseconds."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().split()
        if not answer:
            raise RuntimeError("the process ended; its messages are above")
        self.num_faces = int(answer[1])
        return float(answer[0])

    def __enter__(self) -> "FerProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()
