from pathlib import Path

import pytest

from fer_core.errors import FerError
from fer_core.notebook.installation import install, refuse_replaced, versions_of


def test_a_module_is_told_with_the_version_of_its_package() -> None:
    assert versions_of(["PIL.Image", "json", "PIL"]).keys() == {"pillow"}


@pytest.mark.parametrize("after", [{"numpy": "2.4"}, {}], ids=["newer", "gone"])
def test_a_replaced_package_asks_for_a_restart(after: dict[str, str]) -> None:
    with pytest.raises(FerError, match=r"numpy 2\.0\. Choose Runtime > Restart session"):
        refuse_replaced({"numpy": "2.0"}, after)


def test_what_is_as_it_was_asks_for_nothing() -> None:
    refuse_replaced({"numpy": "2.0"}, {"numpy": "2.0", "pandas": "3.1"})


@pytest.mark.slow
def test_what_pip_says_is_shown(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("./not-there\n")
    with pytest.raises(FerError, match="not-there"):
        install(tmp_path)
