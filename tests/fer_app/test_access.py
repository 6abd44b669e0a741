"""Only this computer may use the app: who is let in, and where the server refuses to start."""

import asyncio

import pytest

from fer_app.access import LocalOnly, is_loopback, require_loopback, without_port
from fer_core.errors import SettingsError


async def _application(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"welcome"})


def _ask(kind, *hosts, server=("127.0.0.1", 8501)):
    """Send one request through the middleware and return what it answered."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    headers = [(b"host", host.encode("latin-1")) for host in hosts]
    asyncio.run(LocalOnly(_application)({"type": kind, "headers": headers, "server": server}, receive, send))
    return sent


LOCAL_HOSTS = ["localhost", "localhost:8501", "LocalHost:80", "127.0.0.1", "127.0.0.1:8501", "[::1]", "[::1]:8501"]
OTHER_HOSTS = [
    "example.org",
    "example.org:8501",
    "192.168.1.20:8501",
    "0.0.0.0:8501",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "localhost@example.org",
    "[::2]:8501",
    "",
    "ex\xe4mple",
]


@pytest.mark.parametrize("host", LOCAL_HOSTS)
@pytest.mark.parametrize(("kind", "answer"), [("http", "http.response.start"), ("websocket", "websocket.accept")])
def test_names_of_this_computer_are_let_in(kind, answer, host):
    sent = _ask(kind, host)
    assert sent[0]["type"] == answer
    assert sent[0].get("status", 200) == 200


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_other_names_get_403_over_http_with_a_sentence(host):
    start, body = _ask("http", host)
    assert start["status"] == 403
    assert b"http://localhost" in body["body"]


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_other_names_get_a_closed_websocket(host):
    assert [message["type"] for message in _ask("websocket", host)] == ["websocket.close"]


@pytest.mark.parametrize("hosts", [(), ("localhost", "example.org"), ("localhost", "localhost")])
def test_exactly_one_host_is_required(hosts):
    assert _ask("http", *hosts)[0]["status"] == 403


@pytest.mark.parametrize(
    ("server", "status"), [(("::1", 8501), 200), (None, 200), (("192.168.1.20", 8501), 403), (("0.0.0.0", 8501), 403)]
)
def test_a_connection_that_came_in_from_the_network_is_refused(server, status):
    assert _ask("http", "localhost:8501", server=server)[0]["status"] == status


def test_the_servers_start_and_end_pass():
    assert _ask("lifespan")[0]["type"] == "http.response.start"


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_loopback_addresses_may_be_listened_on(address):
    require_loopback(address)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.20", "example.org", "unix:///tmp/app"])
def test_other_addresses_are_refused_with_what_to_do(address):
    with pytest.raises(SettingsError, match=r"FER_ACCESS=local.*127\.0\.0\.1"):
        require_loopback(address)


@pytest.mark.parametrize(
    ("host", "name"),
    [("localhost:8501", "localhost"), ("[::1]:8501", "[::1]"), ("[::1]", "[::1]"), ("a:b", "a:b"), ("", "")],
)
def test_the_port_of_a_host_is_taken_off(host, name):
    assert without_port(host) == name


def test_a_name_is_loopback_only_as_a_whole():
    assert is_loopback("localhost")
    assert not is_loopback("localhost.")
    assert not is_loopback("127.0.0.1:8501")
