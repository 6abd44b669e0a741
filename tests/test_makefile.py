"""`make` finds a fitting Python or says which to install; run on a copy of the Makefile with nothing to install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source_tree import PROJECT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("make") is None or sys.platform == "win32", reason="needs make and a Unix shell"),
]

NAMES = ("python3.13", "python3.12", "python3.11", "python3", "python")
TOOLS = ("make", "sh", "rm", "touch", "cat")
BROKEN = 'echo "pyenv: $0: command not found" >&2; exit 127'
OLD = 'exec {python} -c "import sys; sys.version_info = (3, 10, 1); exec(sys.argv[1])" "$2"'
WITHOUT_ENSUREPIP = 'exec {python} -S -c "import sys; sys.modules[\'ensurepip\'] = None; exec(sys.argv[1])" "$2"'
GOOD = 'exec {python} "$@"'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copy(PROJECT / "Makefile", folder)
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (folder / name).write_text("# nothing\n")
    return folder


def make(clone: Path, **interpreters: str) -> subprocess.CompletedProcess[str]:
    """Run make with a PATH that holds these interpreters, dots written as underscores, and little else."""
    tools = clone.parent / "bin"
    shutil.rmtree(tools, ignore_errors=True)
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool))
    for name, script in interpreters.items():
        path = tools / name.replace("_", ".")
        path.write_text("#!/bin/sh\n" + script.format(python=sys._base_executable) + "\n")
        path.chmod(0o755)
    return subprocess.run(
        ["make", ".venv/.installed"],
        cwd=clone,
        env={**os.environ, "PATH": str(tools), "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_environment_is_made_once_by_a_python_that_fits_and_again_only_when_damaged(clone):
    (clone / ".venv" / "bin").mkdir(parents=True)  # cut short before it was made
    answer = make(clone, python3_13=BROKEN, python3_12=OLD, python3_11=WITHOUT_ENSUREPIP, python3=GOOD)
    assert answer.returncode == 0, answer.stderr
    assert "Creating .venv with python3 (" in answer.stdout

    answer = make(clone)
    assert answer.returncode == 0, answer.stderr
    assert "install" not in answer.stdout.replace("'.venv/.installed' is up to date", "")

    unfinished = clone / ".venv" / ".unfinished"
    unfinished.write_text(f"{os.getpid()}\n")
    answer = make(clone, python3=GOOD)
    assert answer.returncode != 0
    assert "Another make is installing" in answer.stderr

    unfinished.write_text("999999999\n")  # a process that is gone
    answer = make(clone, python=GOOD)
    assert answer.returncode == 0, answer.stderr
    assert "Creating .venv with python (" in answer.stdout


@pytest.mark.parametrize(
    ("interpreters", "sentence"),
    [
        pytest.param({}, "No Python 3.11, 3.12 or 3.13 was found", id="none"),
        pytest.param({"python3": OLD}, "No Python 3.11, 3.12 or 3.13 was found", id="too-old"),
        pytest.param({"python3_12": WITHOUT_ENSUREPIP}, "-venv) and try again", id="without-venv"),
    ],
)
def test_without_a_fitting_python_it_says_what_to_install(clone, interpreters, sentence):
    answer = make(clone, **interpreters)
    assert answer.returncode != 0
    assert sentence in answer.stderr
    assert not (clone / ".venv").exists()
