"""A real web server on this computer that misbehaves as it is told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class WebServer:
    """Serves one file and keeps the requests that came.

    Attributes:
        content: The file's bytes.
        etag: The mark of this version, "" for none.
        ranges: Whether `Range` is honoured.
        answers: Functions that answer the next requests instead, the first one first.
        requests: (path, headers) of each request.
    """

    def __init__(self) -> None:
        self.content = b""
        self.etag = '"v1"'
        self.ranges = True
        self.answers: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer as a good server does: whole, in part, or not changed."""
        headers = handler.headers
        if self.etag and headers.get("If-None-Match") == self.etag:
            handler.send_response(304)
            handler.end_headers()
            return
        wanted = headers.get("Range") if self.ranges else None
        if wanted and headers.get("If-Range", self.etag) == self.etag:
            first = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if first >= len(self.content):
                send(handler, 416, b"", {"Content-Range": f"bytes */{len(self.content)}"})
                return
            place = f"bytes {first}-{len(self.content) - 1}/{len(self.content)}"
            send(handler, 206, self.content[first:], {"Content-Range": place, "ETag": self.etag})
        else:
            send(handler, 200, self.content, {"ETag": self.etag} if self.etag else {})

    def breaking_after(
        self, num_bytes: int, *, announced: int | None = None
    ) -> Callable[[BaseHTTPRequestHandler], None]:
        """Answer with the beginning of the file, then close the connection."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            length = len(self.content) if announced is None else announced
            headers = {"Content-Length": str(length), **({"ETag": self.etag} if self.etag else {})}
            send(handler, 200, self.content[:num_bytes], headers)

        return answer

    def silent_after(self, num_bytes: int, seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
        """Answer with the beginning of the file, then say nothing for a while."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            self.breaking_after(num_bytes)(handler)
            handler.wfile.flush()
            time.sleep(seconds)

        return answer


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    """Send one answer; `headers` may give another Content-Length than the true one."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def saying(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with a status; underscores in the names of headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: send(handler, status, body, named)


@contextmanager
def running_server() -> Iterator[WebServer]:
    """Run a server in a thread."""
    server = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append((self.path, dict(self.headers)))
            answer = server.answers.pop(0) if server.answers else server.serve
            try:
                answer(self)
            except OSError:  # the client went away
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{http.server_port}/files/faces.zip"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, name="test server")
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
