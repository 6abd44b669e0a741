"""The README tells the truth: its commands, pages, variables and architectures exist, and its code runs."""

import re
import shlex
from pathlib import Path

import pytest

from fer_core.cli import main
from fer_core.models import ARCHITECTURES, evaluate_model, find_model

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", [*ARCHITECTURES, *(f"{path.stem.capitalize()}" for path in PROJECT.glob("pages/*.py"))]
)
def test_every_architecture_and_page_has_its_row(name: str) -> None:
    assert re.search(rf"^\| `?{name}`? \|", README, re.MULTILINE)


def test_every_environment_variable_has_its_row() -> None:
    read = set(re.findall(r'"(FER_[A-Z_]+)"', (PROJECT / "fer_core/settings.py").read_text(encoding="utf-8")))
    assert read == set(re.findall(r"^\| `(FER_[A-Z_]+)` \|", README, re.MULTILINE))


def documented_commands() -> list[str]:
    """Each command of the README's list, without its arguments: `dataset add`, `runs show`, …"""
    commands = []
    for line in re.findall(r"^python -m fer_core (.+)", README, re.MULTILINE):
        area, rest = line.split(" ", 1)
        if re.match(r"[a-z]", rest):
            commands += [f"{area} {choice.split()[0]}" for choice in rest.split(" | ")]
        else:
            commands.append(area)
    return commands


def test_the_list_of_commands_is_found_in_the_readme() -> None:
    some = {"dataset add", "dataset remove", "runs stop", "models evaluate", "train", "predict"}
    assert some <= set(documented_commands())


@pytest.mark.parametrize("command", documented_commands())
def test_every_documented_command_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*shlex.split(command), "--help"])
    assert leaving.value.code == 0
    assert "usage" in capsys.readouterr().out


@pytest.mark.slow
def test_the_readmes_python_trains_and_predicts_well(fer_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    assert "p_happy" in capsys.readouterr().out
    report = evaluate_model(find_model("drawn-small-1"), names["dataset"].index, "test")
    assert report["accuracy"] >= 0.9
