"""Notes how busy the hardware is while a training runs: one row every two seconds, thinned when there are many.

A run's folder comes in, `hardware.csv` goes out. Figures of a GPU come from `nvidia-smi`, where it is installed.
"""

import logging
import shutil
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType

import psutil

from fer_core.jobs.folder import write_whole
from fer_core.training.fitting.epoch_log import append_text
from fer_core.training.runs.epoch_records import HARDWARE_COLUMNS, HARDWARE_NAME

INTERVAL = 2.0  # seconds
MAX_ROWS = 2000  # then every second row goes, and half as many come

_QUERY = ("--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits")
_GPU_TIMEOUT = 5.0  # seconds
_MEBIBYTE = 2**20

logger = logging.getLogger(__name__)


class HardwareLog:
    """A thread that notes the use of the hardware from `with` to its end.

    Args:
        folder: The run's folder.
        interval: Seconds between two rows.
        max_rows: Rows of which the file is thinned.
    """

    def __init__(self, folder: Path, *, interval: float = INTERVAL, max_rows: int = MAX_ROWS) -> None:
        self.path = folder / HARDWARE_NAME
        self._interval = interval
        self._max_rows = max_rows
        self._rows: list[str] = []
        self._process = psutil.Process()
        self._nvidia_smi = shutil.which("nvidia-smi")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._note_until_the_end, name=f"hardware {folder.name}", daemon=True)

    def __enter__(self) -> "HardwareLog":
        psutil.cpu_percent()  # the first call only sets the mark that the next one counts from
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _note_until_the_end(self) -> None:
        try:
            self._begin()
            while not self._ended.wait(self._interval):
                self._note()
        except OSError as error:  # no reason to end a training
            logger.warning("The use of the hardware is no longer noted (%s).", error)

    def _begin(self) -> None:
        """Take over the rows of a run that is resumed."""
        if self.path.exists():
            self._rows = [line for line in self.path.read_text(encoding="utf-8").split("\n")[1:-1] if line]
        self._rewrite()

    def _note(self) -> None:
        memory = self._process.memory_info().rss / _MEBIBYTE
        row = f"{time.time():.1f},{psutil.cpu_percent():.1f},{memory:.0f},{self._gpu_figures()}"
        self._rows.append(row)
        append_text(self.path, f"{row}\n")
        if len(self._rows) >= self._max_rows:
            self._rows = self._rows[::2]
            self._interval *= 2
            self._rewrite()

    def _rewrite(self) -> None:
        text = "\n".join([",".join(HARDWARE_COLUMNS), *self._rows, ""])
        write_whole(self.path, lambda partial: partial.write_text(text, encoding="utf-8"))

    def _gpu_figures(self) -> str:
        """Return `percent,megabytes` over all GPUs, "," where there is none."""
        if self._nvidia_smi is None:
            return ","
        try:
            answer = subprocess.run(
                [self._nvidia_smi, *_QUERY], capture_output=True, text=True, timeout=_GPU_TIMEOUT, check=True
            )
            figures = [[float(value) for value in line.split(",")] for line in answer.stdout.splitlines()]
            percents, memories = zip(*figures, strict=True)
        except (OSError, ValueError, subprocess.SubprocessError):
            self._nvidia_smi = None
            return ","
        return f"{sum(percents) / len(percents):.0f},{sum(memories):.0f}"
