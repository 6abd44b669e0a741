import time
from email.utils import formatdate

import pytest

from fer_core.dataset.sources.http_answers import file_name, first_byte, full_length, refuse_page, seconds_to_wait
from fer_core.errors import DownloadError

URL = "https://example.org/files/faces.zip?x=1"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="my faces.tar.gz"', "my faces.tar.gz"),
        ("attachment; filename*=UTF-8''%C3%BCben.zip", "üben.zip"),
        ("attachment; filename=" + "üben.zip".encode().decode("latin-1"), "üben.zip"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        (r'attachment; filename="..\\..\\nul.zip"', "nul_.zip"),
        ('attachment; filename=".partial.json"', "partial.json"),
        ("attachment", "faces.zip"),
        ("", "faces.zip"),
    ],
)
def test_a_file_gets_a_safe_name(header, name):
    assert file_name({"Content-Disposition": header}, URL) == name


def test_an_address_without_a_name_gets_one():
    assert file_name({}, "https://example.org/") == "download"
    assert file_name({}, "https://example.org/%2e%2e") == "download"


@pytest.mark.parametrize(
    ("headers", "first", "length"),
    [
        ({"Content-Length": "12"}, None, 12),
        ({"Content-Length": "12", "Content-Encoding": "gzip"}, None, None),
        ({"Content-Length": "-12"}, None, None),
        ({"Content-Length": "7", "Content-Range": "bytes 5-11/12"}, 5, 12),
        ({"Content-Length": "7", "Content-Range": "bytes 5-11/*"}, 5, None),
        ({"Content-Range": "bytes */12"}, None, 12),
        ({}, None, None),
    ],
)
def test_place_and_length_are_of_the_whole_file(headers, first, length):
    assert (first_byte(headers), full_length(headers)) == (first, length)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30), (formatdate(0, usegmt=True), 0), ("soon", None)],
    ids=["seconds", "past", "nonsense"],
)
def test_retry_after_is_a_number_or_a_date(value, seconds):
    waited = seconds_to_wait({"Retry-After": value})
    assert waited == (None if seconds is None else pytest.approx(seconds, abs=30))


def test_retry_after_may_be_a_date_to_come():
    value = formatdate(time.time() + 600, usegmt=True)
    assert seconds_to_wait({"Retry-After": value}) == pytest.approx(600, abs=30)


def test_only_pages_are_refused():
    refuse_page("example.org", b"PK\x03\x04<html>")
    with pytest.raises(DownloadError, match="not shared with everyone"):
        refuse_page("drive.usercontent.google.com", b"<!DOCTYPE html><html>Quota exceeded")
