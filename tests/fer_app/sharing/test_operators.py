import pytest

from fer_app.sharing.operators import is_listed, operators_from
from fer_core.errors import SettingsError

ISSUER = "https://login.example.org"
LISTED = ("ada@example.org", f"{ISSUER}|42")
ADA = {"is_logged_in": True, "iss": ISSUER, "sub": "1", "email": "ada@example.org", "email_verified": True}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, True, id="address"),
        pytest.param({"email": "Ada@Example.org"}, True, id="capitals"),
        pytest.param({"email_verified": "true"}, True, id="verified as text"),
        pytest.param({"email_verified": False}, False, id="not verified"),
        pytest.param({"email_verified": None}, False, id="verified left open"),
        pytest.param({"email": "eve@example.org"}, False, id="another address"),
        pytest.param({"email": "ada@example.org.evil.org"}, False, id="longer address"),
        pytest.param({"email": None, "sub": "42"}, True, id="issuer and subject"),
        pytest.param({"email": None, "sub": "42", "iss": "https://evil.org"}, False, id="another issuer"),
        pytest.param({"email": f"{ISSUER}|42"}, False, id="subject as address"),
        pytest.param({"email": ["ada@example.org"]}, False, id="no text"),
        pytest.param({"is_logged_in": False}, False, id="not signed in"),
        pytest.param({"is_logged_in": "yes"}, False, id="signed in as text"),
    ],
)
def test_only_who_is_listed_and_vouched_for_is_an_operator(changed, expected):
    assert is_listed({**ADA, **changed}, LISTED) is expected


def test_without_a_list_nobody_is():
    assert not is_listed(ADA, operators_from({}))


def test_the_list_is_read():
    assert operators_from({"operators": [" ada@example.org ", f"{ISSUER}|42"]}) == LISTED


@pytest.mark.parametrize("section", [{"operators": "ada@example.org"}, {"operators": ["ada"]}, {"operators": [1]}, 5])
def test_a_list_that_cannot_be_used_is_told(section):
    with pytest.raises(SettingsError, match="operators = "):
        operators_from(section)
