"""Requests through the door, one at a time, to an app that welcomes everybody."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from fer_app.sharing.door import SharedDoor
from fer_app.sharing.sessions import operator_sessions
from fer_app.sharing.sign_in import KEY_COOKIE
from fer_app.sharing.tokens import operator_tokens
from fer_core.settings import load_settings

HASH = "ab" * 16
CLOSE = {"type": "websocket.disconnect"}


async def _application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"welcome"})
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "bytes": message["bytes"]})


@pytest.fixture
def door():
    return SharedDoor(_application, load_settings({"FER_MAX_VISITORS": "2", "FER_MAX_UPLOAD_MB": "1"}))


def _ask(door, path="/", *, method="GET", cookies="", kind="http", messages=(CLOSE,), headers=()):
    """Send one request through the door and return what came back."""
    sent, coming = [], iter(messages)

    async def receive():
        return next(coming)

    async def send(message):
        sent.append(message)

    lines = [*headers, (b"cookie", cookies.encode())]
    asyncio.run(door({"type": kind, "method": method, "path": path, "headers": lines}, receive, send))
    return sent


def _status(door, path="/", **request):
    return _ask(door, path, **request)[0]["status"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/prediction", 200),
        ("/static/js/index.js", 200),
        ("/component/streamlit_webrtc.webrtc_streamer/index.html", 200),
        ("/_stcore/health", 200),
        ("/_stcore/host-config", 200),
        ("/_stcore/bidi-components/a/b.js", 200),
        ("/_stcore/metrics", 404),
        ("/_stcore/script-health-check", 404),
        ("/_stcore/agent/openapi.json", 404),
        ("/_stcore/agent/interact", 404),
        ("/_stcore/health/../metrics", 404),
        ("/_stcore/new-in-the-next-version", 404),
        ("//_stcore/metrics", 404),
        (f"/media/{HASH}.jpg", 404),
        ("/media/../secrets", 404),
    ],
)
def test_only_routes_that_pages_need_are_open(door, path, status):
    assert _status(door, path) == status


def test_answers_carry_the_safety_headers_and_a_cookie_once(door):
    headers = dict(_ask(door)[0]["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"x-frame-options"] == b"SAMEORIGIN"
    assert headers[b"set-cookie"].startswith(b"fer_visitor=")
    assert b"Secure" not in headers[b"set-cookie"]
    assert b"set-cookie" not in dict(_ask(door, cookies="fer_visitor=abc")[0]["headers"])
    behind_https = _ask(door, headers=[(b"x-forwarded-proto", b"https")])
    assert b"Secure" in dict(behind_https[0]["headers"])[b"set-cookie"]


def test_a_picture_is_for_the_browser_whose_tab_was_told_of_it(door):
    told = {"type": "websocket.receive", "bytes": _rerun(f"/media/{HASH}.jpg")}
    _ask(door, "/_stcore/stream", kind="websocket", cookies="a=b; fer_visitor=ada", messages=[told, CLOSE])
    assert _status(door, f"/media/{HASH}.jpg", cookies="fer_visitor=ada") == 200
    assert _status(door, f"/media/{HASH}.jpg", cookies="fer_visitor=eve") == 404
    assert _status(door, f"/media/{HASH}.jpg") == 404


def test_messages_that_no_page_needs_never_arrive(door):
    wanted, unwanted = _rerun("prediction"), BackMsg(clear_cache=True).SerializeToString()
    messages = [{"type": "websocket.receive", "bytes": data} for data in (unwanted, wanted, unwanted)]
    sent = _ask(door, "/_stcore/stream", kind="websocket", messages=[*messages, CLOSE])
    assert [message.get("bytes") for message in sent] == [None, wanted]


@pytest.mark.parametrize("path", ["/_stcore/upload_file/visitor/1", "/_stcore/upload_file/visitor/x%2f"])
def test_a_visitors_file_is_bounded_and_an_operators_is_not(door, path):
    large = [(b"content-length", b"%d" % (5 * 1024**2))]
    assert _status(door, path, method="PUT", headers=large) == 413
    assert _status(door, path, method="PUT", headers=[(b"content-length", b"100")]) == 200
    assert _status(door, path, method="PUT") == 411
    chunked = [(b"transfer-encoding", b"chunked"), (b"content-length", b"100")]
    assert _status(door, path, method="PUT", headers=chunked) == 411
    assert _status(door, path, method="PUT", headers=[*large, (b"content-length", b"1")]) == 411
    operator_sessions().note("operator", is_operator=True)
    assert _status(door, "/_stcore/upload_file/operator/1", method="PUT", headers=large) == 200
    operator_sessions().note("operator", is_operator=False)


def test_so_many_visitors_are_served_and_no_more_but_operators_are(door, caplog):
    key = _new_key(caplog)

    async def nested(depth):
        """Open tabs within each other; return what the last one and a page get."""

        async def receive():
            if depth:
                found.append(await nested(depth - 1))
            return CLOSE

        async def send(message):
            sent.append(message["type"])

        sent, found = [], []
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": []}
        await door(scope, receive, send)
        return found[0] if found else sent

    assert asyncio.run(nested(1)) == ["websocket.accept"]
    assert asyncio.run(nested(2)) == ["websocket.close"]
    door._num_visitors = 2
    sent = _ask(door, "/prediction")
    assert sent[0]["status"] == 503
    assert b"serving 2 visitors" in sent[1]["body"]
    assert _status(door, "/fer/sign-in") == 200
    assert _status(door, "/prediction", cookies=f"{KEY_COOKIE}={key}") == 200
    assert _status(door, "/prediction", cookies=f"{KEY_COOKIE}=invented") == 503
    opened = _ask(door, "/_stcore/stream", kind="websocket", cookies=f"{KEY_COOKIE}={key}")
    assert opened[0]["type"] == "websocket.accept"
    assert door._num_visitors == 2


def _rerun(page):
    message = BackMsg()
    message.rerun_script.page_name = page
    return message.SerializeToString()


def _new_key(caplog):
    """Sign in with the token that the log tells."""
    operator_tokens().issue()
    return operator_tokens().redeem(caplog.messages[-1].split()[-1])
