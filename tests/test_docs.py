"""README, docs and CONTRIBUTING name nothing that is not there, and every command, option and script that is there."""

import contextlib
import importlib
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fer_core.cli import main
from fer_core.models.architectures import ARCHITECTURES
from tests.source_tree import PROJECT

TEXTS = {
    path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])
}
OUR_COMMAND = re.compile(r"(?:python -m fer_core|fer-studio) ([a-z].*)")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
SETTINGS = (PROJECT / "fer_core/settings.py").read_text(encoding="utf-8")


@cache
def help_of(*words: str) -> str:
    """What `--help` prints; empty where there is no such command."""
    printed = io.StringIO()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(io.StringIO()),
        pytest.raises(SystemExit) as end,
    ):
        main([*words, "--help"])
    return printed.getvalue() if end.value.code == 0 else ""


def all_commands(*area: str) -> Iterator[tuple[str, ...]]:
    """Every command of the program, as the words that call it."""
    text = help_of(*area)
    if "COMMAND" not in text:
        yield area
        return
    for name in re.findall(r"^    ([a-z][a-z-]*)(?: |$)", text, re.MULTILINE):
        yield from all_commands(*area, name)


def code_lines(text: str) -> Iterator[str]:
    """Lines of code blocks, each with its continuation, and code within sentences."""
    block = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for content in block.findall(text):
        yield from re.sub(r"\n {4,}", " ", content).splitlines()
    yield from re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", block.sub("", text))


def named_commands(text: str) -> Iterator[tuple[list[tuple[str, ...]], set[str]]]:
    """What each line of code calls: the commands it offers (`runs show | stop`) and the options it names."""
    for line in code_lines(text):
        for called in OUR_COMMAND.findall(line.replace("\n", " ")):
            area, _, rest = called.partition(" ")
            choices = rest.split(" | ") if "COMMAND" in help_of(area) else [""]
            words = [(area, *choice.split()[:1]) for choice in choices]
            yield words, set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest))


@pytest.mark.parametrize("name", TEXTS)
def test_commands_and_options_that_are_named_exist(name: str) -> None:
    for commands, options in named_commands(TEXTS[name]):
        helps = [help_of(*words) for words in commands]
        assert all(helps), f"{name} names {commands}"
        missing = {option for option in options - {"--help"} if not any(f"{option}" in text for text in helps)}
        assert not missing, f"{name}: {commands} has no {missing}"


def test_every_command_stands_in_the_readme() -> None:
    documented = {words for commands, _ in named_commands(TEXTS["README.md"]) for words in commands}
    assert len(documented) > 20
    missing = sorted(set(all_commands()) - documented)
    assert missing == []


@pytest.mark.parametrize("name", TEXTS)
def test_variables_modules_scripts_and_targets_that_are_named_exist(name: str) -> None:
    text = TEXTS[name]
    assert set(re.findall(r"\bFER_[A-Z_]+\b", text)) <= {*re.findall(r"FER_[A-Z_]+", SETTINGS), *made_variables()}
    for script in re.findall(r"python -m benchmarks\.([a-z_]+)", text):
        assert (PROJECT / f"benchmarks/{script}.py").exists(), script
    for target in re.findall(r"^(?:.*`)?make ([a-z-]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
    for dotted in set(re.findall(r"\bfer_core(?:\.[a-z_]+)+", text)):
        assert resolves(dotted), dotted


def made_variables() -> set[str]:
    """The variables whose names the settings put together from their fields: FER_MAX_CAMERAS from max_cameras."""
    return {f"FER_{name.upper()}" for name in re.findall(r"^    (\w+): ", SETTINGS, re.MULTILINE)}


def resolves(dotted: str) -> bool:
    """Whether a module, or a name in one, is there."""
    module, _, name = dotted.rpartition(".")
    try:
        importlib.import_module(dotted)
    except ModuleNotFoundError:
        return hasattr(importlib.import_module(module), name)
    return True


@pytest.mark.parametrize("name", TEXTS)
def test_files_that_are_named_exist(name: str) -> None:
    text = TEXTS[name]
    folder = (PROJECT / name).parent
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    missing = [link for link in links if link and not (folder / link).exists()]
    paths = re.findall(r"`((?:fer_core|fer_app|pages|tests|docs|notebooks|benchmarks|\.streamlit)/[\w./-]*)`", text)
    missing += [path for path in paths if not (PROJECT / path).exists() and path != ".streamlit/secrets.toml"]
    assert not missing


@pytest.mark.parametrize("name", TEXTS)
def test_python_that_is_shown_is_python(name: str) -> None:
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", TEXTS[name], re.DOTALL)):
        compile(code, f"{name}:{number}", "exec")


def test_what_contributing_shows_works() -> None:
    architecture, detector, check = re.findall(r"```python\n(.*?)```", TEXTS["CONTRIBUTING.md"], re.DOTALL)
    try:
        exec(architecture, {})
        assert ARCHITECTURES["narrow"].title == "Narrow CNN"
    finally:
        ARCHITECTURES.pop("narrow", None)
    names: dict[str, object] = {}
    exec(detector, names)
    (face,) = names["predictor"].predict(np.full((90, 80, 3), 128, np.uint8)).faces
    assert face.detection_score == 1.0
    exec(check, names)
    assert callable(names["tiny"])


def test_every_script_that_measures_is_in_a_text_or_the_bench_table() -> None:
    known = "".join(TEXTS.values()) + MAKEFILE
    known += "".join(path.read_text(encoding="utf-8") for path in PROJECT.glob("benchmarks/bench*.py"))
    scripts = [path.stem for path in PROJECT.glob("benchmarks/*.py") if "__main__" in path.read_text(encoding="utf-8")]
    unnamed = [script for script in scripts if script not in known and f"benchmarks.{script}" not in code_text()]
    assert not unnamed


@cache
def code_text() -> str:
    """All code of the product: a measured constant names the script that measured it."""
    files = [path for folder in ("fer_core", "fer_app", "benchmarks") for path in (PROJECT / folder).rglob("*.py")]
    return "".join(Path(path).read_text(encoding="utf-8") for path in files)


def test_the_container_runs_what_the_readme_says() -> None:
    dockerfile, readme = (PROJECT / "Dockerfile").read_text(encoding="utf-8"), TEXTS["README.md"]
    for words in ("pip install", "-r requirements.txt -c constraints.txt", "streamlit_app.py"):
        assert words in dockerfile
        assert words in readme
    variables = set(re.findall(r"\b(FER_[A-Z_]+)=", dockerfile))
    assert variables == {"FER_HOME", "FER_ACCESS"}
