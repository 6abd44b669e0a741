"""`make bench` names scripts that are there, and says why where one of them cannot measure."""

import pytest

from benchmarks.bench import SCRIPTS, Figure, main, measured
from tests.source_tree import PROJECT


def test_every_script_of_the_table_is_there_and_writes_json() -> None:
    for script in SCRIPTS:
        assert '"--json"' in (PROJECT / f"benchmarks/{script}.py").read_text(encoding="utf-8")


def test_what_cannot_be_measured_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCRIPTS, "nothing", ((), (Figure("a figure", lambda found: found["x"], 1.0),)))
    (row,) = measured("nothing")
    assert row.value is None
    assert "No module named benchmarks.nothing" in row.verdict


def test_an_unknown_script_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "--only", "nothing"])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 2
    assert "known: network_speed" in capsys.readouterr().err
