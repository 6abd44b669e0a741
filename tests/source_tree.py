"""The project's own Python files, read as text: what the tests of structure and style look at."""

import ast
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
CODE_FOLDERS = ("fer_core", "fer_app", "pages")


def source_files(*folders: str) -> list[Path]:
    """Python files below the given folders of the project."""
    return sorted(path for folder in folders for path in (PROJECT / folder).rglob("*.py"))


def place(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def imported_names(text: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, inside functions too; a relative import keeps its dots.

    `from a.b import c` gives `a.b.c`: `c` may be a module.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
