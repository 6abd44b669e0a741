"""docs/security.md names a test for each threat; each of them exists."""

import re

import pytest

from tests.source_tree import PROJECT

PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
THREATS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if "| `test_" in line]


def test_the_page_has_its_threats():
    assert len(THREATS) >= 20
    assert all(len(threat) == 3 for threat in THREATS)


@pytest.mark.parametrize("named", [threat[2].strip("`") for threat in THREATS])
def test_each_threat_has_a_test(named):
    file, _, function = named.partition("::")
    found = list((PROJECT / "tests" / "fer_app").rglob(file))
    assert len(found) == 1, named
    assert re.search(rf"^def {function}\(" if function else "^def test_", found[0].read_text("utf-8"), re.MULTILINE)


def test_the_limits_that_are_told_are_the_limits():
    from fer_app.prediction.photo_turns import MAX_WAITING
    from fer_app.sharing.uploads import MAX_AT_ONCE, MAX_FILES, ROOM_FACTOR, TOTAL_FACTOR
    from fer_core.settings import DEFAULT_MAX_CAMERAS, DEFAULT_MAX_UPLOAD_MB, DEFAULT_MAX_VISITORS

    assert (MAX_WAITING, MAX_AT_ONCE, MAX_FILES, ROOM_FACTOR, TOTAL_FACTOR) == (16, 8, 60, 6, 30)
    assert f"open tabs ({DEFAULT_MAX_VISITORS})" in PAGE
    assert f"live videos ({DEFAULT_MAX_CAMERAS})" in PAGE
    assert f"megabytes a photo ({DEFAULT_MAX_UPLOAD_MB})" in PAGE
