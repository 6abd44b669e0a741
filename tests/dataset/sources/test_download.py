"""Downloads from a real server on this computer that breaks off, lies, refuses and changes its mind."""

import hashlib
import os
import time

import pytest

from fer_core.dataset.sources import download as download_module
from fer_core.dataset.sources import http_fetch
from fer_core.dataset.sources.download import download
from fer_core.dataset.sources.http_fetch import Patience
from fer_core.errors import Cancelled, DownloadError
from tests.dataset.web_server import running_server, saying

CONTENT = b"PK\x03\x04" + os.urandom(300_000)
HURRY = Patience(max_failures=3, first_pause=0.01, longest_pause=0.05, connect_timeout=2, read_timeout=0.5)


@pytest.fixture
def server():
    with running_server() as running:
        running.content = CONTENT
        yield running


@pytest.fixture
def fetch(server, tmp_path):
    def fetch_(url=None, **options):
        return download(url or server.url, tmp_path / "here", **{"patience": HURRY, **options})

    return fetch_


def names(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def ranges(server):
    return [headers.get("Range") for _, headers in server.requests]


def test_a_file_comes_whole_and_tells_how_far_it_is(server, fetch, tmp_path):
    steps = []
    file = fetch(on_progress=lambda done, total: steps.append((done, total)))
    assert file == tmp_path / "here" / "faces.zip"
    assert file.read_bytes() == CONTENT
    assert steps == sorted(steps)
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert server.requests[0][1]["Accept-Encoding"] == "identity"


def test_a_broken_connection_is_gone_on_with_where_it_broke(server, fetch):
    server.answers = [server.breaking_after(100_000), saying(503)]
    assert fetch().read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=100000-", "bytes=100000-"]
    assert server.requests[1][1]["If-Range"] == '"v1"'


def test_a_later_call_goes_on_from_there_too(server, fetch):
    server.answers = [server.breaking_after(100_000), *[saying(503)] * 3]
    with pytest.raises(DownloadError, match="tried 4 times; what came so far is kept"):
        fetch()
    server.requests.clear()
    assert fetch().read_bytes() == CONTENT
    assert ranges(server) == ["bytes=100000-"]


@pytest.mark.parametrize("etag", ['"v1"', 'W/"v1"', ""], ids=["strong", "weak", "none"])
def test_a_finished_file_is_not_fetched_twice(server, fetch, etag):
    server.etag = etag
    first = fetch()
    written = first.stat().st_mtime_ns
    assert fetch() == first
    assert first.stat().st_mtime_ns == written


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(server, fetch, tmp_path):
    server.answers = [server.breaking_after(100_000), *[saying(503)] * 3]
    with pytest.raises(DownloadError):
        fetch()
    server.content, server.etag = b"PK\x03\x04 another", '"v2"'
    assert fetch().read_bytes() == server.content
    server.content, server.etag = CONTENT, '"v3"'
    assert fetch().read_bytes() == CONTENT
    assert names(tmp_path / "here") == ["faces.zip"]


def test_without_a_mark_a_later_call_starts_over(server, fetch):
    server.etag = ""
    server.answers = [server.breaking_after(100_000), *[saying(503)] * 3]
    with pytest.raises(DownloadError):
        fetch()
    server.requests.clear()
    assert fetch().read_bytes() == CONTENT
    assert ranges(server) == [None]


def test_a_part_of_another_version_is_thrown_away(server, fetch):
    """A server that honours Range but not If-Range."""
    server.answers = [
        server.breaking_after(100_000),
        saying(206, CONTENT[100_000:], ETag='"v2"', Content_Range=f"bytes 100000-{len(CONTENT) - 1}/{len(CONTENT)}"),
    ]
    assert fetch().read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=100000-", None]


@pytest.mark.parametrize("first", ["bytes 5-", "nonsense "], ids=["another place", "no place"])
def test_a_part_that_does_not_fit_is_thrown_away(server, fetch, first):
    wrong = saying(206, CONTENT[5:], Content_Range=f"{first}{len(CONTENT) - 1}/{len(CONTENT)}")
    server.answers = [server.breaking_after(100_000), wrong]
    assert fetch().read_bytes() == CONTENT


def test_a_server_that_ignores_range_starts_over(server, fetch):
    server.ranges = False
    server.answers = [server.breaking_after(100_000), server.breaking_after(200_000)]
    assert fetch().read_bytes() == CONTENT


def test_a_server_that_never_sends_all_it_announced_is_given_up(server, fetch):
    server.content = CONTENT[:1000]
    server.answers = [server.breaking_after(1000, announced=5000) for _ in range(20)]
    with pytest.raises(DownloadError, match="broke off"):
        fetch()
    assert 3 < len(server.requests) < 20


def test_more_than_announced_is_not_taken_for_the_file(server, fetch):
    server.answers = [server.breaking_after(300_000, announced=1000)]
    wrong = hashlib.sha256(CONTENT).hexdigest()
    with pytest.raises(DownloadError, match="SHA-256"):
        fetch(sha256=wrong)
    assert fetch(sha256=wrong).read_bytes() == CONTENT


def test_a_length_that_is_not_said_is_no_obstacle(server, fetch):
    def in_chunks(handler):
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(CONTENT), 90_000):
            part = CONTENT[start : start + 90_000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = True

    server.answers = [in_chunks]
    totals = set()
    assert fetch(on_progress=lambda done, total: totals.add(total)).read_bytes() == CONTENT
    assert totals == {0}


def test_a_server_that_falls_silent_is_asked_again(server, fetch):
    server.answers = [server.silent_after(100_000, seconds=1.0)]
    assert fetch().read_bytes() == CONTENT
    server.etag = '"v2"'
    server.answers = [server.silent_after(0, seconds=1.0)] * 4
    with pytest.raises(DownloadError, match=r"sent nothing for"):
        fetch()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_within_bounds(server, fetch, status):
    server.answers = [saying(status, Retry_After="1"), saying(status, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")]
    patience = Patience(max_failures=3, first_pause=0.01, longest_pause=0.4)
    begun = time.monotonic()
    assert fetch(patience=patience).read_bytes() == CONTENT
    assert 0.4 <= time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (saying(404), "nothing at this address"),
        (saying(401), "password"),
        (saying(403), "does not let this computer"),
        (saying(410), "taken away"),
        (saying(418), "status 418"),
        (saying(200, b"\n<!DOCTYPE html><html><body>Sign in</body></html>"), "web page.*direct link"),
        (saying(200, b"<html>", Content_Type="application/zip"), "web page"),
        (saying(302, Location="file:///etc/passwd"), "neither http nor https"),
        (saying(302, Location="ftp://127.0.0.1/faces.zip"), "neither http nor https"),
    ],
    ids=["404", "401", "403", "410", "418", "html", "html that says zip", "redirect to file", "redirect to ftp"],
)
def test_what_brings_no_file_gets_a_sentence_at_once(server, fetch, tmp_path, answer, said):
    server.answers = [answer]
    with pytest.raises(DownloadError, match=said):
        fetch()
    assert len(server.requests) == 1
    assert names(tmp_path / "here") == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_stays_busy_is_given_up(server, fetch, status):
    server.answers = [saying(status)] * 4
    with pytest.raises(DownloadError, match=rf"{status}.*tried 4 times"):
        fetch()


def test_redirects_are_followed_but_not_in_circles(server, fetch):
    server.answers = [saying(302, Location="/other/%C3%BCben%20a.zip")]
    assert fetch().name == "üben a.zip"
    server.etag = '"v2"'
    server.answers = [saying(302, Location="/again")] * 20
    with pytest.raises(DownloadError, match="circle"):
        fetch()


def test_the_server_names_the_file_and_it_stays_in_its_folder(server, fetch, tmp_path):
    server.answers = [saying(200, CONTENT, Content_Disposition='attachment; filename="../../etc/my faces"')]
    file = fetch()
    assert file == tmp_path / "here" / "my faces"
    assert file.read_bytes() == CONTENT


def test_a_wrong_sum_removes_the_file(server, fetch, tmp_path):
    right = hashlib.sha256(CONTENT).hexdigest()
    with pytest.raises(DownloadError, match=f"{right}.*{'0' * 64}"):
        fetch(sha256="0" * 64)
    assert names(tmp_path / "here") == []
    assert fetch(sha256=f" {right.upper()} ").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("url", "options", "said"),
    [
        ("ftp://example.org/a.zip", {}, "no web address"),
        ("file:///etc/passwd", {}, "no web address"),
        ("https://", {}, "no web address"),
        ("https://[broken", {}, "no web address"),
        (None, {"sha256": "abc"}, "no SHA-256"),
        ("http://name.invalid/a.zip", {}, r"no computer named name\.invalid|broke off or was refused"),
        ("http://127.0.0.1:9/a.zip", {}, "broke off or was refused"),
    ],
)
def test_what_cannot_be_asked_is_told(fetch, url, options, said):
    with pytest.raises(DownloadError, match=said):
        fetch(url, **options)


def test_a_cancel_is_heard_between_parts_and_what_came_is_kept(server, fetch):
    def stop(done, total):
        if done > 100_000:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        fetch(on_progress=stop)
    server.requests.clear()
    assert fetch().read_bytes() == CONTENT
    assert ranges(server)[0] not in (None, "bytes=0-")


def test_a_cancel_is_heard_while_waiting(server, fetch):
    server.answers = [saying(503, Retry_After="30")]

    def stop(done, total):
        raise Cancelled("stop")

    begun = time.monotonic()
    with pytest.raises(Cancelled):
        fetch(on_progress=stop, patience=Patience())
    assert time.monotonic() - begun < 10


def test_two_processes_do_not_write_into_one_download(server, fetch):
    def second(done, total):
        with pytest.raises(DownloadError, match="being downloaded already"):
            fetch()

    assert fetch(on_progress=second).read_bytes() == CONTENT


def test_what_the_disk_cannot_hold_is_not_begun(server, fetch, monkeypatch):
    monkeypatch.setattr(http_fetch.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 1000}))
    with pytest.raises(DownloadError, match="disk space are free"):
        fetch()


def test_a_disk_that_fills_up_keeps_nothing(server, fetch, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    with open("/dev/full", "wb", buffering=0) as full:
        monkeypatch.setattr(
            download_module.PartialDownload, "open_end", lambda self: os.fdopen(os.dup(full.fileno()), "ab")
        )
        with pytest.raises(DownloadError, match="disk is full"):
            fetch()
    assert names(tmp_path / "here") == []
