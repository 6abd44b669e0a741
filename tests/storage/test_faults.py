"""What goes wrong at an address: cut connections, no room, no entrance, two writers, files that change meanwhile."""

import logging
import re
from types import SimpleNamespace

import pytest

from fer_core.dataset import open_dataset
from fer_core.errors import StorageError
from fer_core.storage import list_address, transfer
from fer_core.storage.failures import cleaned, place_error
from tests.storage.bucket_server import KEY_ID, SECRET
from tests.storage.places import contents

SMALL = ["small"]


@pytest.fixture
def many_objects(monkeypatch):
    monkeypatch.setattr("fer_core.storage.objects.OBJECT_BYTES", 20_000)


def test_a_cut_that_passes_is_not_noticed(small, at_home, bucket, many_objects):
    bucket.cut_after, bucket.cuts_left = 2, 1
    transfer("push", bucket.address, SMALL)
    bucket.cuts_left, bucket.num_gets = 1, 0
    at_home("two")
    transfer("pull", bucket.address, SMALL)
    assert bucket.cuts_left == 0
    assert open_dataset("small").index.fingerprint == small.index.fingerprint


def test_a_cut_that_stays_leaves_what_was_there_and_is_gone_on_with(small, at_home, bucket, many_objects):
    bucket.cut_after = 3
    with pytest.raises(StorageError, match="connection broke"):
        transfer("push", bucket.address, SMALL)
    assert not any("revisions" in key for key in bucket.objects)
    bucket.cut_after = None
    num_whole = bucket.num_puts
    transfer("push", bucket.address, SMALL)
    assert bucket.num_puts == len(bucket.objects) > num_whole == 3  # none was sent twice

    home = at_home("two")
    bucket.cut_after, bucket.num_gets = 4, 0
    with pytest.raises(StorageError, match="connection broke"):
        transfer("pull", bucket.address, SMALL)
    assert contents(home) == {}
    bucket.cut_after, bucket.num_gets = None, 0
    transfer("pull", bucket.address, SMALL)
    assert bucket.num_gets < len(bucket.objects)
    assert contents(home / "datasets/small") == contents(small.folder)
    assert not (home / "datasets/.small.pulled").exists()


def test_a_full_place_says_so_and_is_gone_on_with(small, bucket, many_objects):
    bucket.room = 60_000
    with pytest.raises(StorageError, match="no room left"):
        transfer("push", bucket.address, SMALL)
    bucket.room = None
    moved = transfer("push", bucket.address, SMALL).moved[0]
    assert moved.num_bytes < sum(map(len, bucket.objects.values())) - 40_000


def test_a_full_disk_says_so_and_leaves_nothing_of_the_name(small, at_home, bucket, monkeypatch):
    transfer("push", bucket.address)
    home = at_home("two")
    monkeypatch.setattr("fer_core.storage.arrival.shutil.disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(StorageError, match=r"not enough room: 0 MB are to come and 0 MB are free"):
        transfer("pull", bucket.address, SMALL)
    assert contents(home) == {}


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_wrong_credentials_are_named_and_not_shown(small, bucket, monkeypatch, caplog, direction):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAWRONGWRONGWRONG0")
    with caplog.at_level(logging.DEBUG), pytest.raises(StorageError, match="does not let you in") as failure:
        transfer(direction, bucket.address, SMALL)
    said = f"{failure.value} {caplog.text}"
    assert not any(secret in said for secret in (SECRET, KEY_ID, "AKIAWRONGWRONGWRONG0"))


def test_credentials_stand_nowhere_after_a_push_and_a_pull(small, at_home, bucket, tmp_path):
    transfer("push", bucket.address)
    at_home("two")
    transfer("pull", bucket.address)
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] + list(bucket.objects.values())
    assert written
    assert not any(secret.encode() in content for content in written for secret in (SECRET, KEY_ID))


@pytest.mark.parametrize(
    "words",
    [
        "AWS Error: key AKIAIOSFODNN7EXAMPLE is unknown",
        "GET https://me:hush@host/x failed",
        "Authorization: Bearer hush",
        "https://host/x?X-Amz-Signature=hush&X-Amz-Credential=hush",
        "secret_access_key = hush",
    ],
)
def test_what_looks_like_a_credential_is_taken_out(words):
    assert not any(secret in cleaned(words) for secret in ("hush", "AKIA"))


@pytest.mark.parametrize(
    ("words", "meaning", "may_pass"),
    [
        ("UNAVAILABLE: Could not create a OAuth2 access token: CURL error [6]", "does not let you in", False),
        ("googleapi: Error 403: The user's Drive storage quota has been exceeded, storageQuotaExceeded", "room", False),
        ("curlCode: 28, Timeout was reached", "connection broke", True),
        ("something new", "not known here", False),
    ],
)
def test_what_a_library_says_is_understood(words, meaning, may_pass):
    error = place_error("gs://bucket", words)
    assert meaning in str(error)
    assert error.may_pass is may_pass


@pytest.mark.parametrize(
    ("place", "hint"),
    [("s3://bucket", "aws configure"), ("gs://bucket", "gcloud auth"), ("rclone:box:", "rclone config")],
)
def test_a_door_that_lets_nobody_in_names_the_tool_that_keeps_the_credentials(place, hint):
    assert hint in str(place_error(place, "access denied"))
    assert hint not in str(place_error(place, "connection reset by peer"))


def test_of_two_writers_one_wins_and_the_other_is_told(small, bucket):
    """The other one's manifest arrives at the last moment, between the look and the own manifest."""
    transfer("push", bucket.address)
    first = next(key for key in bucket.objects if "/revisions/000001" in key)
    (small.folder / "audit").mkdir(exist_ok=True)
    (small.folder / "audit" / "note.txt").write_text("mine")
    rival = re.sub("000001-[0-9a-f]{32}", f"000002-{'0' * 32}", first)

    def push_too(key: str) -> None:
        if "/revisions/000002" in key:
            bucket.objects[rival] = bucket.objects[first]

    bucket.before_put = push_too
    before = dict(bucket.objects)
    with pytest.raises(StorageError, match="Somebody else pushed"):
        transfer("push", bucket.address, SMALL)
    revisions = {key for key in bucket.objects if key.endswith(".json.gz")}
    assert revisions == {first, rival}
    assert before.items() <= bucket.objects.items()


def test_a_file_that_changes_meanwhile_stops_the_push(small, bucket):
    def change(key: str) -> None:
        next(small.files_folder.rglob("*.png")).write_bytes(b"another picture")

    bucket.before_put = change
    with pytest.raises(StorageError, match="changed while it was being pushed"):
        transfer("push", bucket.address, SMALL)
    assert list_address(bucket.address) == []


@pytest.mark.parametrize("harm", ["truncated", "altered", "missing"])
def test_a_damaged_object_is_noticed_and_leaves_nothing(small, at_home, bucket, harm):
    transfer("push", bucket.address)
    key = next(key for key in bucket.objects if key.endswith(".zip"))
    content = bucket.objects.pop(key)
    if harm != "missing":
        bucket.objects[key] = content[:-100] if harm == "truncated" else content[:500] + b"X" + content[501:]
    home = at_home("two")
    with pytest.raises(StorageError, match=r"damaged|missing"):
        transfer("pull", bucket.address, SMALL)
    assert contents(home) == {}


def test_one_that_fails_does_not_keep_the_rest(small, bucket):
    from fer_core.dataset import add_dataset

    add_dataset(small.files_folder, name="other")
    (small.folder / "dataset.json").write_text("{")
    done = transfer("push", bucket.address, ["other"])
    assert [moved.name for moved in done.moved] == ["other"]
    done = transfer("push", bucket.address)
    assert [moved.name for moved in done.moved] == ["other"]
    assert list(done.failed) == ["datasets/small"]
