"""What the rules at the server's door are made of: the types of ASGI, a plain refusal, and the base path.

ASGI is the interface between a Python server and its app (https://asgi.readthedocs.io, specification 3.0).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from streamlit import config

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


async def refuse(scope: Message, send: Send, *, status: int, sentence: str) -> None:
    """Answer an http request with a status and a sentence, or close a websocket before it is open.

    Args:
        scope: ASGI connection scope of a request that nobody has answered yet.
        send: Takes the answer.
        status: HTTP status.
        sentence: Why, in words for the person.
    """
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": sentence[:100]})
        return
    body = f"{sentence}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    if status == 503:
        headers.append((b"retry-after", b"30"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def header(scope: Message, name: bytes) -> str | None:
    """Return a request's header by its name in lower case; None where it is missing or came more than once."""
    values: list[str] = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return values[0] if len(values) == 1 else None


def cookie(scope: Message, name: str) -> str | None:
    """Return a request's cookie; None where there is none."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found, _, content = part.strip().partition("=")
                if found == name:
                    return str(content)
    return None


def base_path() -> str:
    """Return what stands before every path of this server, as `/studio`; "" where nothing does.

    Streamlit puts it before its own routes only.
    """
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""
