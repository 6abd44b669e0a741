"""Imports point down the floors of the plan: the import statements of every file are read, never run."""

from pathlib import PurePosixPath

import pytest

from tests.source_tree import CODE_FOLDERS, PROJECT, imported_names, place, source_files

FLOORS = (
    ("labels", "errors", "settings", "images", "locks", "pool", "processors", "jobs"),
    ("dataset", "evaluation", "faces"),
    ("models", "health"),
    ("training", "prediction"),
    ("charts", "storage"),
    ("terminal", "commands", "cli", "__main__", "notebook"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# The vocabulary is what its own floor speaks too; the entry point stands on the command line's floor.
SHARED_ON_THEIR_FLOOR = ("labels", "errors", "settings", "images", "locks", "terminal", "commands", "cli")


def room_of(name: str) -> str:
    """`fer_core.dataset.index` -> `dataset`; the package itself -> ``."""
    return [*name.split("."), ""][1]


def may_import(importer: str, imported: str) -> bool:
    """Whether one room of fer_core may import from another."""
    if importer == imported or imported == "":
        return True
    if FLOOR_OF[importer] == FLOOR_OF[imported]:
        return imported in SHARED_ON_THEIR_FLOOR
    return FLOOR_OF[importer] > FLOOR_OF[imported]


def faults(path: str, text: str) -> list[str]:
    """What a file at `path` (relative to the project) imports against the plan."""
    parts = PurePosixPath(path).with_suffix("").parts
    found = []
    for line, name in imported_names(text):
        top = name.split(".")[0]
        if name.startswith("."):
            fault = "relative import"
        elif parts[0] == "fer_core" and top in ("streamlit", "fer_app", "pages"):
            fault = "the library knows no page"
        elif top == "pages":
            fault = "nobody imports a page"
        elif parts[0] == "fer_core" and top == "fer_core" and not may_import(room_of(".".join(parts)), room_of(name)):
            fault = "not on a floor below"
        else:
            continue
        found.append(f"{path}:{line} imports {name} ({fault})")
    return found


def test_every_room_of_the_library_has_a_floor():
    rooms = {path.relative_to(PROJECT / "fer_core").parts[0].removesuffix(".py") for path in source_files("fer_core")}
    assert rooms - {"__init__"} <= set(FLOOR_OF), "add the new room to FLOORS here and in ARCHITECTURE.md"


def test_imports_point_down():
    found = [fault for path in source_files(*CODE_FOLDERS) for fault in faults(place(path), path.read_text("utf-8"))]
    assert found == []


def test_only_pages_and_app_import_streamlit():
    scripts = [path for path in PROJECT.glob("*.py") if path.name != "streamlit_app.py"]
    files = [*source_files("fer_core", "benchmarks"), *scripts]
    found = [
        place(path)
        for path in files
        for _, name in imported_names(path.read_text("utf-8"))
        if "streamlit" in name and not name.startswith("streamlit.testing")  # which opens pages and makes none
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "text", "is_fault"),
    [
        pytest.param("fer_core/models/x.py", "from fer_core.dataset.index import DatasetIndex", False, id="down"),
        pytest.param("fer_core/models/x.py", "from fer_core.models.info import ModelInfo", False, id="own-folder"),
        pytest.param("fer_core/jobs/x.py", "from fer_core.errors import JobError", False, id="vocabulary"),
        pytest.param("fer_core/__main__.py", "from fer_core.cli import main", False, id="entry-point"),
        pytest.param("fer_core/cli.py", "from fer_core.commands.models import x", False, id="commands"),
        pytest.param("pages/home.py", "import streamlit\nfrom fer_app import x", False, id="page"),
        pytest.param("fer_core/dataset/x.py", "from fer_core.models.info import ModelInfo", True, id="up"),
        pytest.param("fer_core/dataset/x.py", "from fer_core import models", True, id="up-by-package"),
        pytest.param("fer_core/dataset/x.py", "def f():\n    import fer_core.training", True, id="up-in-function"),
        pytest.param("fer_core/dataset/x.py", "from fer_core.faces import FaceDetector", True, id="same-floor"),
        pytest.param("fer_core/errors.py", "from fer_core.jobs import JobStatus", True, id="vocabulary-to-room"),
        pytest.param("fer_core/dataset/x.py", "from .index import DatasetIndex", True, id="relative"),
        pytest.param("fer_core/charts/x.py", "from fer_core.commands import x", True, id="library-to-commands"),
        pytest.param("fer_core/charts/x.py", "import streamlit as st", True, id="streamlit-in-library"),
        pytest.param("fer_core/charts/x.py", "from fer_app.loaders import x", True, id="app-in-library"),
        pytest.param("fer_app/x.py", "from pages.home import x", True, id="page-in-app"),
    ],
)
def test_the_rule_tells_allowed_from_forbidden(path, text, is_fault):
    assert bool(faults(path, text)) == is_fault
