"""The notebook as it is committed: valid, without outputs, and without logic that belongs into the library."""

import ast

import nbformat
import pytest

from tests.notebooks.notebook_file import code_cells, has_tag, read_notebook

CELLS = code_cells(read_notebook())
MAX_LINES = 20


def tree(cell: nbformat.NotebookNode) -> ast.Module:
    return ast.parse(cell.source)


def imported(cell: nbformat.NotebookNode) -> set[str]:
    nodes = list(ast.walk(tree(cell)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def test_it_is_valid():
    nbformat.validate(read_notebook())


def test_it_opens_with_a_gpu_in_colab():
    assert read_notebook().metadata.accelerator == "GPU"


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
def test_a_cell_compiles_is_short_and_bears_no_output(cell):
    compile(tree(cell), cell.id, "exec")
    assert len(cell.source.splitlines()) <= MAX_LINES
    assert cell.outputs == []
    assert cell.execution_count is None


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
def test_no_cell_defines_anything(cell):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.While | ast.Try
    assert [node for node in ast.walk(tree(cell)) if isinstance(node, kinds)] == []


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
def test_what_only_colab_has_stands_behind_the_one_guard(cell):
    is_guarded = [ast.unparse(node.test) for node in tree(cell).body if isinstance(node, ast.If)] == ["IN_COLAB"]
    is_guarded = is_guarded and len(tree(cell).body) == 1
    colabs = ("google", "fer_core.notebook.colab", "fer_core.notebook.installation")
    needs_colab = any(name.startswith(colabs) for name in imported(cell))
    assert has_tag(cell, "colab") == is_guarded
    assert not needs_colab or is_guarded


def test_the_first_cell_is_the_settings():
    assert has_tag(CELLS[0], "parameters")
    assert all(isinstance(node, ast.Assign) for node in tree(CELLS[0]).body)
