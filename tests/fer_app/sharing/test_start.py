import pytest
from streamlit import config

from fer_app.sharing.start import check_shared_server
from fer_core.errors import SettingsError


@pytest.fixture
def option():
    """Set one option of Streamlit for the length of a test."""
    before = {"client.showErrorDetails": config.get_option("client.showErrorDetails")}

    def set_(name, value):
        before.setdefault(name, config.get_option(name))
        config.set_option(name, value)

    yield set_
    for name, value in before.items():
        config.set_option(name, value)


def test_a_safe_configuration_starts_and_hides_details_of_errors(option):
    check_shared_server()
    assert config.get_option("client.showErrorDetails") == "none"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.enableCORS", False),
        ("server.enableXsrfProtection", False),
        ("server.enableAgentApi", True),
        ("server.enableStaticServing", True),
        ("server.trustedUserHeaders", {"X-User": "email"}),
    ],
)
def test_an_option_that_would_let_strangers_in_stops_the_start(option, name, value):
    option(name, value)
    with pytest.raises(SettingsError, match=name):
        check_shared_server()
