"""What this computer is, in words, without loading Keras: its processor and its GPUs."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

_GPU_TIMEOUT = 10.0  # seconds


def processor_name() -> str:
    """Return the processor's name; Linux tells more than Python does."""
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def gpu_names() -> str:
    """Return the names of the GPUs as `nvidia-smi` tells them, "" where it is not installed or does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_GPU_TIMEOUT, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
