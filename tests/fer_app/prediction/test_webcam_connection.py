import pytest

from fer_app.prediction.webcam_connection import Connection, connection_from
from fer_core.errors import SettingsError

STUN = {"urls": "stun:stun.example.org:3478"}
TURN = {"urls": ["turn:turn.example.org:3478?transport=tcp"], "username": "me", "credential": "secret"}


def test_by_default_nobody_else_takes_part():
    connection = connection_from({})
    assert connection.rtc_configuration == {"iceServers": []}  # not left out: both ends would ask a public server
    assert connection.disclosure is None


def test_configured_servers_are_handed_over_and_disclosed():
    connection = connection_from({"ice_servers": [STUN, TURN]})
    assert connection.rtc_configuration["iceServers"] == [{"urls": [STUN["urls"]]}, TURN]
    assert "`stun.example.org:3478`" in connection.disclosure
    assert "`turn.example.org:3478` passes the video on, encrypted" in connection.disclosure
    assert "secret" not in connection.disclosure


def test_without_a_relay_none_is_spoken_of():
    assert "passes the video on" not in connection_from({"ice_servers": [STUN]}).disclosure


@pytest.mark.parametrize(
    ("section", "message"),
    [
        pytest.param({"ice_servers": "stun:a"}, "is a str", id="text"),
        pytest.param({"ice_servers": {"urls": "stun:a"}}, "no address|is a dict", id="table instead of a list"),
        pytest.param({"ice_servers": ["stun:a"]}, "no address", id="list of texts"),
        pytest.param({"ice_servers": [{}]}, "no address", id="no urls"),
        pytest.param({"ice_servers": [{"urls": "http://a"}]}, "no address", id="another scheme"),
        pytest.param(
            {"ice_servers": [{"urls": "turn:a"}]}, "'turn:a' has no username or no credential", id="no credential"
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_what_is_expected(section, message):
    with pytest.raises(SettingsError, match=message) as refusal:
        connection_from(section)
    assert "[[webrtc.ice_servers]]" in str(refusal.value)


def test_the_library_underneath_takes_an_empty_list_for_no_servers():
    from streamlit_webrtc.component import _resolve_server_rtc_configuration, enhance_frontend_rtc_configuration

    configuration = Connection().rtc_configuration
    assert _resolve_server_rtc_configuration(configuration).iceServers == []
    assert enhance_frontend_rtc_configuration(configuration) == {"iceServers": []}
