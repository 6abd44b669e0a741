"""Installing the project's packages under a running notebook, and noticing what it loaded before.

The folder of the project comes in. Nothing but Python itself is needed here: this is what runs before the rest is
installed.
"""

import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from fer_core.errors import FerError

_LAST_LINES = 15


def install(project: str | Path) -> None:
    """Install what the project needs; packages that are new enough stay as they are.

    With an NVIDIA GPU TensorFlow comes with the libraries it was built for, whatever the computer has of its own.

    Args:
        project: Folder with `requirements.txt`.

    Raises:
        FerError: If pip fails, or replaces a package that Python has loaded already.
    """
    wanted = ["-r", str(Path(project) / "requirements.txt")]
    if shutil.which("nvidia-smi"):
        wanted.append("tensorflow[and-cuda]")
    loaded = list(sys.modules)
    before = versions_of(loaded)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = "\n".join((done.stderr or done.stdout).splitlines()[-_LAST_LINES:])
        raise FerError(f"The packages cannot be installed. Look at what pip says, then run the cell again.\n{words}")
    refuse_replaced(before, versions_of(loaded))


def versions_of(modules: Iterable[str]) -> dict[str, str]:
    """Return the installed version of the package that each module belongs to; modules of no package are left out."""
    importlib.invalidate_caches()
    distributions = importlib.metadata.packages_distributions()
    names = {name.partition(".")[0] for name in modules}
    return {
        distribution: importlib.metadata.version(distribution)
        for name in names
        for distribution in distributions.get(name, [])
    }


def refuse_replaced(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Raise FerError where packages, as name -> version, are not what they were when Python loaded them."""
    replaced = [f"{name} {before[name]}" for name in sorted(before) if after.get(name) != before[name]]
    if replaced:
        raise FerError(
            f"Newer packages were installed while these were in use: {', '.join(replaced)}. Choose Runtime > Restart "
            "session, then Runtime > Run all."
        )
