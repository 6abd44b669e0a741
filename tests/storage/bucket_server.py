"""A bucket on the loopback that speaks enough of S3 for pyarrow's client, and fails when a test tells it to.

Objects lie in a dict, so a test can look at them, damage them, or put hostile ones there.
"""

import http.server
import re
import threading
import uuid
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY_ID, SECRET = "AKIAEXAMPLEEXAMPLE00", "hushhush/secret+of+the+tests"
BUCKET = "faces"


class BucketServer:
    """The server; `objects` is what the bucket holds.

    Attributes:
        objects: Content by key.
        num_puts: How many objects arrived.
        cut_after: Cut the connection in the middle of each body after this many whole puts or gets; None for never.
        cuts_left: How many connections are cut at most.
        room: Bytes that the bucket takes; None for all.
        before_put: Called with the key before an object is stored.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.num_puts = self.num_gets = 0
        self.cut_after: int | None = None
        self.cuts_left = 1000
        self.room: int | None = None
        self.before_put = lambda key: None
        server = self

        class Handler(_Handler):
            bucket = server

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, name="bucket", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        port = self._http.server_address[1]
        return f"s3://{BUCKET}/my/place?endpoint_override=http://127.0.0.1:{port}&region=us-east-1"

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def takes_cut(self, num_done: int) -> bool:
        if self.cut_after is None or num_done < self.cut_after or self.cuts_left <= 0:
            return False
        self.cuts_left -= 1
        return True


class _Handler(http.server.BaseHTTPRequestHandler):
    bucket: BucketServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        return unquote(parts.path).lstrip("/").removeprefix(BUCKET).lstrip("/"), query

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _fail(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _is_refused(self) -> bool:
        if KEY_ID in self.headers.get("Authorization", ""):
            return False
        self._body()
        self._fail(403, "InvalidAccessKeyId")
        return True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            raw = b"".join(iter(self._chunk, b""))
        else:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return raw
        parts, at = [], 0  # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
        while (head := re.compile(rb"([0-9A-Fa-f]+)[^\r]*\r\n").match(raw, at)) and (size := int(head[1], 16)):
            parts.append(raw[head.end() : head.end() + size])
            at = head.end() + size + 2
        return b"".join(parts)

    def _chunk(self) -> bytes:
        """One chunk of a request's body (RFC 9112, section 7.1); b"" is the end."""
        content = self.rfile.read(int(self.rfile.readline().split(b";")[0], 16))
        self.rfile.readline()
        return content

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def do_HEAD(self) -> None:
        if self._is_refused():
            return
        key, _ = self._asked()
        content = self.bucket.objects.get(key)
        if key and content is None:
            self._fail(404, "NoSuchKey")
        else:
            self._answer(200, content or b"", ETag='"1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT")

    def do_GET(self) -> None:
        if self._is_refused():
            return
        key, query = self._asked()
        if not key:
            self._list(query.get("prefix", ""))
        elif key not in self.bucket.objects:
            self._fail(404, "NoSuchKey")
        else:
            self._get(key)

    def _get(self, key: str) -> None:
        content = self.bucket.objects[key]
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first = int(span[1]) if span else 0
        last = min(int(span[2] or len(content) - 1), len(content) - 1) if span else len(content) - 1
        part = content[first : last + 1]
        if self.bucket.takes_cut(self.bucket.num_gets):
            self.send_response(206)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part[: len(part) // 2])
            self._cut()
            return
        self.bucket.num_gets += 1
        self._answer(206, part, Content_Range=f"bytes {first}-{last}/{len(content)}", ETag='"1"')

    def _list(self, prefix: str) -> None:
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified>"
            f"<Size>{len(content)}</Size></Contents>"
            for key, content in sorted(self.bucket.objects.items())
            if key.startswith(prefix)
        )
        body = f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self._answer(200, body.encode())

    def do_PUT(self) -> None:
        if self._is_refused():
            return
        key, query = self._asked()
        if self.bucket.takes_cut(self.bucket.num_puts):
            self.rfile.read(100)
            self._cut()
            return
        content = self._body()
        if self.bucket.room is not None and len(content) > self.bucket.room:
            self._fail(507, "InsufficientStorage")
        elif "uploadId" in query:
            self.bucket.uploads[query["uploadId"]][int(query["partNumber"])] = content
            self._answer(200, ETag=f'"{query["partNumber"]}"')
        else:
            self._store(key, content)
            self._answer(200, ETag='"1"')

    def _store(self, key: str, content: bytes) -> None:
        self.bucket.before_put(key)
        if self.bucket.room is not None:
            self.bucket.room -= len(content)
        self.bucket.num_puts += 1
        self.bucket.objects[key] = content

    def do_POST(self) -> None:
        if self._is_refused():
            return
        key, query = self._asked()
        self._body()
        if "uploads" in query:
            name = uuid.uuid4().hex
            self.bucket.uploads[name] = {}
            self._xml(f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>")
        else:
            parts = self.bucket.uploads.pop(query["uploadId"])
            self._store(key, b"".join(parts[number] for number in sorted(parts)))
            self._xml('<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>')

    def _xml(self, text: str) -> None:
        self._answer(200, text.encode(), Content_Type="application/xml")

    def do_DELETE(self) -> None:
        if self._is_refused():
            return
        key, query = self._asked()
        if "uploadId" in query:
            self.bucket.uploads.pop(query["uploadId"], None)
        else:
            self.bucket.objects.pop(key, None)
        self._answer(204)
