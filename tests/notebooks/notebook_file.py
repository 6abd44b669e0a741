"""The notebook as a file: its cells by tag, and a run of them in a real kernel."""

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.source_tree import PROJECT

NOTEBOOK = PROJECT / "notebooks" / "fer_colab.ipynb"
_SECONDS = 300  # for one cell; a busy machine loads TensorFlow in half a minute


def read_notebook() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def has_tag(cell: nbformat.NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def insert_after(notebook: nbformat.NotebookNode, tag: str, source: str) -> None:
    """Put a cell behind the one with a tag."""
    (place,) = (number for number, cell in enumerate(notebook.cells) if has_tag(cell, tag))
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(source))


def set_parameters(notebook: nbformat.NotebookNode, **values: Any) -> None:
    """Give parameters other values than their cell does, as papermill would."""
    insert_after(notebook, "parameters", "\n".join(f"{name} = {value!r}" for name, value in values.items()))


def execute(notebook: nbformat.NotebookNode, folder: Path = NOTEBOOK.parent) -> None:
    """Run all cells in a kernel that stands in a folder; a cell that fails raises `CellExecutionError`."""
    NotebookClient(notebook, timeout=_SECONDS, resources={"metadata": {"path": str(folder)}}).execute()


def shown(cell: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """What a cell displays, by MIME type."""
    return [output.data for output in cell.outputs if "data" in output]
