"""A browser tab made of nothing but sockets: what an attacker with a script can send, a test can send."""

import http.client
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class BrowserTab:
    """One browser's cookies, its requests and one websocket.

    Args:
        url: Address of the app, base path included, without a slash at the end.
    """

    def __init__(self, url):
        self.url, self.cookies, self.socket, self._open = url, {}, None, ExitStack()
        self._parts = urlsplit(url)

    def ask(self, method, path, body=None, **headers):
        """Send one request; return status, headers and body. Redirects are not followed."""
        connection = http.client.HTTPConnection(self._parts.netloc, timeout=20)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, self._parts.path + path, body, headers)
        answer = connection.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or ():
            name, _, content = value.partition(";")[0].partition("=")
            self.cookies[name] = content.strip('"')
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def open(self, path="/"):
        """Fetch the page's HTML and open the websocket, as a browser does."""
        assert self.ask("GET", path)[0] == 200
        self.ask("GET", "/_stcore/health")  # sets the cookie against forged requests
        self.connect()
        return self

    def connect(self, origin=None):
        """Open the websocket alone."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        opening = connect(
            f"ws://{self._parts.netloc}{self._parts.path}/_stcore/stream",
            additional_headers={"Cookie": cookies},
            origin=origin or f"http://{self._parts.netloc}",
            subprotocols=["streamlit", self.cookies.get("_streamlit_xsrf", "none")],
            max_size=None,
            open_timeout=20,
        )
        self.socket = self._open.enter_context(opening)

    def send(self, **message):
        """Send a message of Streamlit's protocol."""
        self.socket.send(BackMsg(**message).SerializeToString())

    def run(self, page="", *, page_hash="", widgets=(), fragment=""):
        """Let the app run and return the messages until it has; `switch_page` makes it run twice."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = page_hash
        message.rerun_script.fragment_id = fragment
        for widget_id, values in widgets:
            state = message.rerun_script.widget_states.widgets.add(id=widget_id)
            for name, value in values.items():
                if hasattr(value, "SerializeToString"):
                    getattr(state, name).CopyFrom(value)
                else:
                    setattr(state, name, value)
        self.socket.send(message.SerializeToString())
        return self.messages()

    def messages(self, quiet_s=0.6, seconds=60.0):
        """Return the messages that come until no script has run for a while."""
        found, end, is_running = [], time.monotonic() + seconds, True
        while time.monotonic() < end:
            try:
                data = self.socket.recv(timeout=seconds if is_running else quiet_s)
            except TimeoutError:
                break
            found.append(ForwardMsg.FromString(data))
            kind = found[-1].WhichOneof("type")
            is_running = kind == "new_session" or (is_running and kind != "script_finished")
        return found

    def close(self):
        """Close the websocket."""
        self._open.close()
        self.socket = None


def pages_of(messages):
    """Return the names in the newest navigation."""
    navigation = [message.navigation for message in messages if message.WhichOneof("type") == "navigation"][-1]
    return [page.url_pathname for page in navigation.app_pages if not page.is_hidden]


def session_of(messages):
    """Return the session's id."""
    found = (message.new_session for message in messages if message.WhichOneof("type") == "new_session")
    return next(found).initialize.session_id


def text_of(messages):
    """Return everything that was sent, as text."""
    return "\n".join(str(message) for message in messages)
