"""The measures of the house style that the linter does not take."""

import ast

from tests.source_tree import CODE_FOLDERS, place, source_files

MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 50  # without the docstring
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}

FILES = source_files(*CODE_FOLDERS, "tests", "benchmarks")


def test_names_say_what_is_inside():
    assert [place(path) for path in FILES if EMPTY_NAMES & set(path.with_suffix("").parts)] == []


def test_modules_stay_short():
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > MAX_MODULE_LINES} == {}


def test_functions_stay_short():
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    lengths = {
        f"{place(path)}:{node.lineno} {node.name}": num_lines(node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, kinds)
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def num_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    docstring = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) is not None else 0
    return node.end_lineno - node.lineno + 1 - docstring
