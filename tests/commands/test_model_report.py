"""`models report` as a page, as Markdown with pictures, and as it was."""

import json
import shutil

import pytest

from fer_core.models.package import read_package
from tests.charts.test_report import ROBUSTNESS


@pytest.fixture
def measured(tiny_package, fer_home, tmp_path):
    """A package folder with one measurement on this computer."""
    package = read_package(shutil.copytree(tiny_package.folder, tmp_path / "mine"))
    (fer_home / "evaluations").mkdir(parents=True)
    report = ROBUSTNESS | {"network": package.answers_digest()}
    (fer_home / "evaluations" / "x.json").write_text(json.dumps(report))
    return package.folder


def test_the_page_is_one_file(run, measured, tmp_path):
    code, out, err = run("models", "report", measured, "--html", tmp_path / "report.html")
    assert (code, out) == (0, "")
    assert "report.html" in err
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert html.count('<img src="data:image/svg+xml;base64,') == 1


def test_the_figures_lie_beside_the_card(run, measured, tmp_path):
    code, _, _ = run("models", "report", measured, "--out", tmp_path / "card.md", "--figures")
    assert code == 0
    (picture,) = (tmp_path / "card-figures").iterdir()
    assert f"(card-figures/{picture.name})" in (tmp_path / "card.md").read_text(encoding="utf-8")


def test_figures_need_a_place(run, measured):
    code, out, err = run("models", "report", measured, "--figures")
    assert (code, out) == (1, "")
    assert "--out" in err


def test_a_place_that_cannot_be_written_to_is_told(run, measured, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run("models", "report", measured, "--out", tmp_path / "file" / "card.md", "--figures")
    assert code == 1
    assert "cannot be written" in err
