"""Killed at any moment, the program loses nothing; the whole sweep is `python -m tests.kills`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import kills
from tests.killed_works import WORKS


@pytest.fixture(autouse=True)
def own_home(fer_home: Path) -> None:
    """Works move the home; it is put back afterwards."""


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKS)
def test_a_kill_loses_nothing(name: str) -> None:
    assert list(kills.sweep(name, range(2), seed=7)) == []


@pytest.mark.slow
def test_the_sweep_sees_what_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(place: Path, acknowledged: int) -> Iterator[str]:
        yield "it is gone"

    monkeypatch.setitem(WORKS, "edit", replace(WORKS["edit"], check=lost))
    assert {finding.what for finding in kills.sweep("edit", range(1), seed=0)} == {"it is gone"}
