"""Kaggle's client stands in as a script with the real one's arguments, files, words and exit codes."""

import sys
import time

import pytest

from fer_core.dataset.sources.kaggle import download_kaggle, kaggle_slug
from fer_core.errors import Cancelled, DownloadError

STAND_IN = """
import pathlib, sys, time
arguments = sys.argv[1:]
folder = pathlib.Path(arguments[arguments.index("--path") + 1])
archive = folder / (arguments[2].split("/")[1] + ".zip")
{what}
"""


@pytest.fixture
def client(tmp_path):
    def client_(what):
        script = tmp_path / "client.py"
        script.write_text(STAND_IN.format(what=what))
        return (sys.executable, str(script))

    return client_


def test_the_zip_that_the_client_fetched_is_returned_packed(tmp_path, client):
    what = "archive.write_bytes(b'PK zip'); print(arguments)"
    archive = download_kaggle("msambare/fer2013", tmp_path / "here", client=client(what))
    assert archive == tmp_path / "here" / "fer2013.zip"
    assert archive.read_bytes() == b"PK zip"


def test_growth_is_told_and_a_cancel_ends_the_client_at_once(tmp_path, client):
    seen = []

    def stop(done, total):
        seen.append((done, total))
        if done:
            raise Cancelled("stop")

    slow = client("archive.write_bytes(b'x' * 10); time.sleep(60)")
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        download_kaggle("a/b", tmp_path / "here", on_progress=stop, client=slow)
    assert time.monotonic() - begun < 30
    assert seen[-1] == (10, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Authentication required to call the Kaggle API.", "KAGGLE_API_TOKEN"),
        ("403 Client Error: Forbidden for url", "accept its terms"),
        ("404 Client Error: Not Found for url", "no dataset a/b on Kaggle"),
        ("429 Client Error: Too Many Requests", "too often"),
        ("HTTPSConnectionPool: Failed to resolve 'api.kaggle.com'", "cannot be reached"),
        ("Something else", r"\(Something else\)"),
        ("", "said nothing"),
    ],
)
def test_what_the_client_complains_of_becomes_a_sentence(tmp_path, client, words, said):
    with pytest.raises(DownloadError, match=said):
        download_kaggle("a/b", tmp_path / "here", client=client(f"sys.exit({words!r})"))


def test_a_fault_goes_before_the_advice_that_is_printed_without_a_token(tmp_path, client):
    what = "print('Authentication required to call the Kaggle API.'); sys.exit('404 Client Error: Not Found')"
    with pytest.raises(DownloadError, match="no dataset a/b on Kaggle"):
        download_kaggle("a/b", tmp_path / "here", client=client(what))
    with pytest.raises(DownloadError, match="KAGGLE_API_TOKEN"):
        download_kaggle("a/b", tmp_path / "here", client=client("print('Authentication required'); sys.exit(1)"))


def test_a_client_that_brings_nothing_or_is_not_there_is_told(tmp_path, client):
    with pytest.raises(DownloadError, match="could not fetch"):
        download_kaggle("a/b", tmp_path / "here", client=client("pass"))
    with pytest.raises(DownloadError, match="cannot be started"):
        download_kaggle("a/b", tmp_path / "here", client=[str(tmp_path / "none")])


def test_without_the_client_the_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "kaggle", raising=False)
    with pytest.raises(DownloadError, match="pip install kaggle"):
        download_kaggle("a/b", tmp_path / "here")


@pytest.mark.parametrize(
    "text",
    [
        "msambare/fer2013",
        " kaggle:msambare/fer2013 ",
        "https://www.kaggle.com/datasets/msambare/fer2013",
        "https://www.kaggle.com/datasets/msambare/fer2013/versions/1?select=test",
        "www.kaggle.com/msambare/fer2013",
    ],
)
def test_a_name_is_read_from_what_people_paste(text):
    assert kaggle_slug(text) == "msambare/fer2013"


@pytest.mark.parametrize("text", ["", "fer2013", "a/b/c", "--help/x y", "https://www.kaggle.com/", "../b"])
def test_what_is_no_name_is_told(text):
    with pytest.raises(DownloadError, match="owner/name"):
        kaggle_slug(text)
