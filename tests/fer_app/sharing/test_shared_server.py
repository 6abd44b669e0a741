"""A shared server as it is started, below a base path, and what a visitor with a script can get out of it."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from io import BytesIO
from urllib.parse import quote, urlsplit

import pytest
from PIL import Image
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.util import calc_hash

from tests.fer_app.sharing.browser_tab import BrowserTab, pages_of, session_of, text_of
from tests.fer_app.sharing.provider import CLIENT, Provider
from tests.scenes import portrait
from tests.source_tree import PROJECT

pytestmark = pytest.mark.slow

START_SECONDS = 90
MULTIPART = "--x\r\nContent-Disposition: form-data; name=f; filename={name}\r\nContent-Type: image/png\r\n\r\n"
SECRETS = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "of this test only"
client_id = "{client}"
client_secret = "of this test only"
server_metadata_url = "{issuer}/.well-known/openid-configuration"

[access]
operators = ["ada@example.org"]
"""


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, provider):
    """Address of a shared server, and its log."""
    folder = tmp_path_factory.mktemp("shared")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/studio"
    (folder / ".streamlit").mkdir()
    secrets = SECRETS.format(url=url, client=CLIENT, issuer=provider.issuer)
    (folder / ".streamlit" / "secrets.toml").write_text(secrets)
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "streamlit_app.py"), f"--server.port={port}"]
    command += ["--server.headless=true", "--server.baseUrlPath=studio", "--server.fileWatcherType=none"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "FER_"))}
    shared = {"FER_ACCESS": "shared", "FER_HOME": str(folder / "home"), "FER_MAX_UPLOAD_MB": "1"}
    log_path = folder / "log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env={**kept, **shared}, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(url, process, log_path)
        yield url, log_path
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url, process, log_path):
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            assert urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).status == 200
            return
        except OSError:
            assert process.poll() is None, log_path.read_text()
            assert time.monotonic() < end, log_path.read_text()
            time.sleep(0.1)


@pytest.fixture
def tab(server):
    tab = BrowserTab(server[0])
    yield tab
    tab.close()


def test_a_visitor_has_prediction_whatever_is_asked_for(tab):
    messages = tab.open("/dataset").run("dataset")
    assert pages_of(messages) == ["prediction"]
    assert "Drop photos here" in text_of(messages)
    for page in ("home", "training"):
        messages += tab.run(page_hash=calc_hash(page))
        assert pages_of(messages) == ["prediction"]
    for shown in ("Many pictures", "on this computer"):
        assert shown not in text_of(messages)
    assert str(PROJECT) not in text_of(messages)
    assert "Traceback" not in text_of(messages)


def test_files_go_to_the_own_session_within_the_limit_and_nothing_is_fetched_by_guessing(tab, server):
    tab.open()
    session_id = session_of(tab.run("prediction"))
    xsrf = tab.cookies["_streamlit_xsrf"]

    def put(size, file_id="1", **headers):
        body = MULTIPART.format(name="a.png").encode() + bytes(size) + b"\r\n--x--\r\n"
        headers = {"X_Xsrftoken": xsrf, "Content_Type": "multipart/form-data; boundary=x", **headers}
        return tab.ask("PUT", f"/_stcore/upload_file/{session_id}/{file_id}", body, **headers)[0]

    assert put(1000) == 204
    assert put(2 * 1024**2) == 413
    assert put(1000, X_Xsrftoken="forged") == 403
    assert [put(1024**2 - 1000, str(number)) for number in range(2, 9)] == [204] * 6 + [413]
    for path in ("/_stcore/metrics", f"/media/{'0' * 32}.jpg", "/_stcore/agent/openapi.json"):
        assert tab.ask("GET", path)[0] == 404
    assert tab.ask("GET", "/fer/plotly-0.min.js")[0] in (200, 404)  # the app's page or nothing, no file of the server


def test_an_invented_choice_shows_no_details_of_the_server(tab):
    tab.open()
    messages = tab.run("prediction")
    boxes = re.findall(r'id: "(\$\$ID-[^"]+-model)"', text_of(messages))
    assert boxes
    answers = text_of(tab.run("prediction", widgets=[(boxes[0], {"string_value": "../../etc/passwd"})]))
    assert str(PROJECT) not in answers
    assert "fer_app" not in answers


def test_another_websites_page_gets_no_websocket_and_no_frame(tab):
    tab.ask("GET", "/")
    tab.ask("GET", "/_stcore/health")
    with pytest.raises(Exception, match="403"):
        tab.connect(origin="http://evil.example.org")
    assert tab.ask("GET", "/")[1]["X-Frame-Options"] == "SAMEORIGIN"


def test_a_proxy_with_a_name_of_its_own_gets_through_and_a_page_with_another_name_does_not(server):
    parts = urlsplit(server[0])
    told = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    told |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Host": "faces.example.org", "X-Forwarded-Proto": "https"}
    for origin, status in (("https://faces.example.org", 101), ("https://evil.example.org", 403)):
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        connection.request("GET", f"{parts.path}/_stcore/stream", headers={**told, "Origin": origin})
        assert connection.getresponse().status == status
        connection.close()


def test_the_token_of_the_log_makes_an_operator_until_signed_out(tab, server):
    token = server[1].read_text().rsplit("works once: ", 1)[1].split()[0]
    wrong = tab.ask("POST", "/fer/sign-in", "token=x")
    assert wrong[0] == 403
    assert "fer_operator" not in tab.cookies
    status, headers, _ = tab.ask("POST", "/fer/sign-in", f"token={quote(token)}")
    assert (status, headers["Location"]) == (303, "/studio/")
    told = headers.get_all("Set-Cookie")
    assert any("HttpOnly" in cookie and "SameSite=strict" in cookie for cookie in told if "fer_operator" in cookie)
    assert tab.ask("POST", "/fer/sign-in", f"token={quote(token)}")[0] == 403
    messages = tab.open().run()
    assert {"dataset", "training", "models", "storage"} < set(pages_of(messages))
    key = tab.cookies["fer_operator"]
    assert tab.ask("POST", "/fer/sign-out")[0] == 303
    tab.close()
    tab.cookies["fer_operator"] = key
    assert pages_of(tab.open().run()) == ["prediction"]


@pytest.mark.parametrize(
    ("claims", "is_operator"),
    [
        ({"sub": "1", "email": "ada@example.org", "email_verified": True}, True),
        ({"sub": "3", "email": "eve@example.org", "email_verified": True}, False),
    ],
    ids=["listed", "not listed"],
)
def test_who_signs_in_at_the_provider_is_an_operator_only_if_listed(tab, provider, claims, is_operator):
    provider.claims = claims
    messages = tab.open().run("prediction")
    button = re.search(r'id: "(\$\$ID-[^"]+)"\s+label: "Sign in"', text_of(messages))[1]
    redirect = next(
        message.auth_redirect.url
        for message in tab.run("prediction", widgets=[(button, {"trigger_value": True})])
        if message.WhichOneof("type") == "auth_redirect"
    )
    tab.close()
    _, headers, _ = tab.ask("GET", redirect[redirect.index("/auth/login") :])
    with urllib.request.build_opener(_NoRedirect).open(headers["Location"]) as answer:
        back = urlsplit(answer.headers["Location"])
    assert tab.ask("GET", f"/oauth2callback?{back.query}")[0] == 302
    messages = tab.open().run("prediction")
    assert ("dataset" in pages_of(messages)) is is_operator
    assert ("is not an operator" in text_of(messages)) is not is_operator


def test_a_visitors_pictures_are_for_this_browser_alone(tab, server):
    messages = tab.open().run("prediction")
    answer = BytesIO()
    Image.fromarray(portrait()).save(answer, "JPEG")
    photo = answer.getvalue()
    head = MULTIPART.format(name="me.jpg").encode()
    headers = {"X_Xsrftoken": tab.cookies["_streamlit_xsrf"], "Content_Type": "multipart/form-data; boundary=x"}
    place = f"/_stcore/upload_file/{session_of(messages)}/portrait"
    assert tab.ask("PUT", place, head + photo + b"\r\n--x--\r\n", **headers)[0] == 204
    uploader = re.search(r'id: "(\$\$ID-[^"]+-photos)"', text_of(messages))[1]
    given = FileUploaderState()
    given.uploaded_file_info.add(file_id="portrait", name="me.jpg", size=len(photo))
    given.uploaded_file_info[0].file_urls.file_id = "portrait"
    told = text_of(tab.run("prediction", widgets=[(uploader, {"file_uploader_state_value": given})]))
    assert "1 face" in told
    picture = re.search(r"/media/[0-9a-f]{32,}\.jpg", told)[0]
    assert tab.ask("GET", picture)[0] == 200
    other = BrowserTab(server[0])
    assert other.ask("GET", picture)[0] == 404
    assert other.ask("GET", picture)[0] == 404  # with a cookie of its own by now


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, request, file, code, message, headers):
        return file
