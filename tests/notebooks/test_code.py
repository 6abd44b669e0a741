"""The cell that gets the code: from a zip's address, a repository, a dialog; and what it says of anything else."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.web_server import running_server
from tests.notebooks.notebook_file import code_cells, read_notebook
from tests.notebooks.test_colab import write_stand_in

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The least that is a copy of the project."""
    (tmp_path / "studio/fer_core").mkdir(parents=True)
    (tmp_path / "studio/fer_core/__init__.py").write_text("")
    return tmp_path / "studio"


@pytest.fixture
def get_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Run the cell for a value of `CODE` and return the project's folder, relative to Colab's disk."""
    (cell,) = (cell for cell in code_cells(read_notebook()) if "drive.mount" in cell.source)
    (setting_up,) = (cell for cell in code_cells(read_notebook()) if "IN_COLAB =" in cell.source)

    def run(code: str, uploads: tuple[Path, ...] = ()) -> str:
        shutil.rmtree(tmp_path / "stand_in", ignore_errors=True)
        write_stand_in(tmp_path / "stand_in", uploads=list(uploads), photo=b"")
        monkeypatch.syspath_prepend(tmp_path / "stand_in")
        found: dict[str, Any] = {"CODE": code, "HOME": ""}
        exec(setting_up.source, found)
        exec(cell.source.replace("/content", str(tmp_path / "content")), found | {"IN_COLAB": True})
        exec(cell.source.replace("/content", str(tmp_path / "content")), found := found | {"IN_COLAB": True})
        return str(found["PROJECT"].relative_to(tmp_path / "content"))

    yield run
    for name in [name for name in sys.modules if name.startswith("google.colab")]:
        del sys.modules[name]


def zipped(project: Path) -> Path:
    return Path(shutil.make_archive(str(project.parent / "code"), "zip", project.parent, project.name))


def bare_repository(project: Path) -> str:
    bare = project.parent / "code.git"
    git = [GIT, "-c", "user.name=t", "-c", "user.email=t@t", "-C", project]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"], ["clone", "-q", "--bare", ".", bare]):
        subprocess.run([*git, *words], check=True)
    return bare.as_uri()


def test_a_zip_comes_from_its_address(project, get_code):
    with running_server() as server:
        server.content = zipped(project).read_bytes()
        assert get_code(server.url + "?dl=1") == "code/studio"


def test_a_zip_on_drive_serves_and_an_extraction_that_broke_off_is_begun_anew(project, get_code, tmp_path):
    (tmp_path / "content/code.partial/half").mkdir(parents=True)
    assert get_code(str(zipped(project))) == "code/studio"
    assert not (tmp_path / "content/code/half").exists()


@needs_git
def test_a_repository_is_cloned(project, get_code):
    assert get_code(f" {bare_repository(project)} ") == "code"


@needs_git
def test_what_is_no_copy_of_the_project_is_refused_and_can_be_corrected(project, get_code, tmp_path):
    (tmp_path / "other").mkdir()
    for code in (str(tmp_path / "nowhere.git"), ""):
        with pytest.raises(RuntimeError, match="CODE leads to no copy of this project"):
            get_code(code, uploads=(Path(shutil.make_archive(str(tmp_path / "o"), "zip", tmp_path / "other")),))
    assert get_code(str(zipped(project))) == "code/studio"
