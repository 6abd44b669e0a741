"""Tests of how the compared models stand in the address."""

from hypothesis import given
from hypothesis import strategies as st

from fer_app.models.compare_view import names_for_url, names_in_url

NAMES = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8), max_size=5)


@given(NAMES)
def test_names_come_back_whatever_stands_in_them(names: list[str]) -> None:
    assert names_in_url(names_for_url(names)) == names


@given(st.text(max_size=20))
def test_any_address_is_read(text: str) -> None:
    assert isinstance(names_in_url(text), list)


def test_addresses_that_were_kept_still_hold() -> None:
    assert (
        names_in_url("first,second one")
        == ["first", "second one"]
        == names_in_url(names_for_url(["first", "second one"]))
    )
    assert names_for_url(["a", "b, c"]) == 'a,"b, c"'
