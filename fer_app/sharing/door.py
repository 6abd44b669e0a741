"""The door of a shared server: what passes to Streamlit, for whom and how much; every request and websocket.

The main script decides which pages a visitor has. The door closes what lies beside the pages: routes of Streamlit's
core, messages of its protocol, files in its memory and other browsers' pictures; and it counts visitors.
"""

import re
from typing import Any

from fer_app.asgi import Application, Message, Receive, Send, base_path, cookie, header, refuse
from fer_app.sharing.media import COOKIE, MediaBook, new_cookie
from fer_app.sharing.messages import is_allowed, without_place
from fer_app.sharing.sessions import operator_sessions
from fer_app.sharing.sign_in import KEY_COOKIE, is_secure
from fer_app.sharing.tokens import operator_tokens
from fer_app.sharing.uploads import UploadRoom, held_by_sessions
from fer_core.settings import Settings

_CORE = re.compile(r"/_stcore/(health|host-config|stream|bidi-components/.+|upload_file/[^/]+/[^/]+)")
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+")
_NO_PAGE = ("/_stcore/", "/static/", "/component/", "/media/", "/fer/", "/auth/", "/oauth2callback")
_EXTRA_FOR_SIGNED_IN = 8  # places beyond the limit for browsers that show a sign-in, checked only later
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),  # the camera's component is a frame of this server
    (b"referrer-policy", b"same-origin"),
]


class SharedDoor:
    """Plain ASGI middleware.

    Args:
        app: What stands behind the door.
        settings: Its limits.
    """

    def __init__(self, app: Application, settings: Settings) -> None:
        self.app = app
        self._max_visitors = settings.max_visitors
        self._num_visitors = 0  # open websockets
        self._room = UploadRoom(settings, held_by_sessions)
        self._media = MediaBook()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(base_path())
        if "_stcore" in path and not _CORE.fullmatch(path):
            await refuse(scope, send, status=404, sentence="There is nothing here.")
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._http(path, scope, receive, self._dressed(scope, send))

    async def _websocket(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a tab, within the number of visitors; only messages that pages need go through."""
        counts = not _holds_key(scope)
        if counts and self._is_full(scope):
            await refuse(scope, send, status=503, sentence=self._full())
            return
        browser = cookie(scope, COOKIE)

        async def receive_allowed() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or is_allowed(message.get("bytes")):
                    return message

        async def send_noted(message: Message) -> None:
            data = message.get("bytes")
            if data is not None:
                self._media.note(browser, data)
                message = {**message, "bytes": without_place(data)}
            await send(message)

        self._num_visitors += counts
        try:
            await self.app(scope, receive_allowed, send_noted)
        finally:
            self._num_visitors -= counts

    async def _http(self, path: str, scope: Message, receive: Receive, send: Send) -> None:
        if path.startswith("/media/") and not self._media.may_fetch(cookie(scope, COOKIE), path):
            await refuse(scope, send, status=404, sentence="There is nothing here.")
        elif not path.startswith(_NO_PAGE) and not _holds_key(scope) and self._is_full(scope):
            await refuse(scope, send, status=503, sentence=self._full())
        elif (upload := _UPLOAD.fullmatch(path)) and scope["method"] == "PUT":
            await self._upload(upload[1], scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _upload(self, session_id: str, scope: Message, receive: Receive, send: Send) -> None:
        if operator_sessions().is_operator(session_id):
            await self.app(scope, receive, send)
            return
        is_chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])  # its length counts for nothing
        length = None if is_chunked else header(scope, b"content-length")
        refusal = self._room.refusal(session_id, length)
        if refusal is not None or length is None:
            status, sentence = refusal or (411, "")
            await refuse(scope, send, status=status, sentence=sentence)
            return
        with self._room.coming(session_id, length):
            await self.app(scope, receive, send)

    def _is_full(self, scope: Message) -> bool:
        extra = _EXTRA_FOR_SIGNED_IN if cookie(scope, "_streamlit_user") else 0
        return self._num_visitors >= self._max_visitors + extra

    def _full(self) -> str:
        return (
            f"This server is serving {self._max_visitors} visitors, as many as it may. Try again in a few minutes. "
            "Whoever runs it can allow more with FER_MAX_VISITORS."
        )

    def _dressed(self, scope: Message, send: Send) -> Send:
        """Return a `send` that adds the safety headers, and a cookie for a browser that has none."""

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                added: list[Any] = list(_HEADERS)
                if cookie(scope, COOKIE) is None:
                    added.append((b"set-cookie", new_cookie(secure=is_secure(scope)).encode()))
                message = {**message, "headers": [*message.get("headers", []), *added]}
            await send(message)

        return send_dressed


def _holds_key(scope: Message) -> bool:
    return operator_tokens().knows(cookie(scope, KEY_COOKIE))
