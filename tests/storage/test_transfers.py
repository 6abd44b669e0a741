"""Pushing and pulling between two homes: whole, incremental, resumed, and never losing anything unasked."""

import os
import shutil

import pytest

from fer_core.dataset import open_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.file_changes import changed_files
from fer_core.errors import Cancelled, StorageError
from fer_core.models import find_model
from fer_core.storage import list_address, transfer
from tests.storage.places import contents


def test_a_dataset_arrives_the_same(small, at_home, bucket):
    assert transfer("push", bucket.address).failed == {}
    at_home("two")
    moved = transfer("pull", bucket.address).moved[0]
    arrived = open_dataset("small")
    assert arrived.index.fingerprint == small.index.fingerprint
    assert changed_files(arrived).empty
    assert contents(arrived.folder) == contents(small.folder)
    assert (moved.sent, moved.removed, moved.kept) == (moved.total, 0, 0)


def test_what_is_there_is_not_sent_again(small, bucket):
    transfer("push", bucket.address)
    num_puts = bucket.num_puts
    exclude(small, [0], reason="blank")
    moved = transfer("push", bucket.address).moved[0]
    assert moved.sent == 1
    assert moved.num_bytes < 2000
    assert bucket.num_puts == num_puts + 2  # one bundle, one manifest
    assert transfer("push", bucket.address).moved[0].sent == 0
    assert bucket.num_puts == num_puts + 2


def test_a_dry_run_changes_nothing(small, at_home, bucket, tmp_path):
    moved = transfer("push", bucket.address, dry_run=True).moved[0]
    assert moved.sent == moved.total > 49
    assert bucket.objects == {}
    transfer("push", bucket.address)
    at_home("two")
    assert transfer("pull", bucket.address, dry_run=True).moved[0].sent == moved.total
    assert contents(tmp_path / "two") == {}


def test_pictures_used_in_place_travel_and_are_never_written_to(at_home, tmp_path, bucket, packed_home):
    from fer_core.dataset import add_dataset

    pictures = tmp_path / "mine"
    shutil.copytree(packed_home / "datasets/small/files", pictures)
    before = add_dataset(pictures, name="placed").index.fingerprint
    transfer("push", bucket.address, ["placed"])
    next(pictures.rglob("*.png")).write_bytes(b"changed here")
    with pytest.raises(StorageError, match="used in place"):
        transfer("pull", bucket.address, ["placed"], delete=True)
    at_home("two")
    transfer("pull", bucket.address, ["placed"])
    arrived = open_dataset("placed")
    assert arrived.index.fingerprint == before
    assert arrived.files_folder == arrived.folder / "files"
    assert changed_files(arrived).empty
    assert str(tmp_path) not in (arrived.folder / "dataset.json").read_text().replace(arrived.source, "")


def test_only_what_is_asked_for_moves(small, at_home, bucket):
    shutil.copytree(find_model().folder, at_home("one") / "models/tiny")
    transfer("push", bucket.address)
    assert [(row["kind"], row["name"]) for row in list_address(bucket.address)] == [
        ("datasets", "small"),
        ("models", "tiny"),
    ]
    home = at_home("two")
    transfer("pull", bucket.address, only="models")
    assert [path.name for path in home.glob("*/[!.]*")] == ["tiny"]
    with pytest.raises(StorageError, match=r"no 'tiny'.*datasets/small"):
        transfer("pull", bucket.address, ["tiny"], only="datasets")


@pytest.mark.parametrize("delete", [False, True], ids=["kept", "deleted"])
def test_nothing_is_deleted_there_unless_asked(small, bucket, delete):
    transfer("push", bucket.address)
    shutil.rmtree(small.files_folder / "test")
    objects = set(bucket.objects)
    moved = transfer("push", bucket.address, delete=delete).moved[0]
    assert (moved.removed, moved.kept) == ((7, 0) if delete else (0, 7))
    assert (objects <= set(bucket.objects)) is not delete
    assert list_address(bucket.address)[0]["files"] == moved.total + (0 if delete else 7)


@pytest.mark.parametrize("delete", [False, True], ids=["kept", "deleted"])
def test_nothing_is_deleted_here_unless_asked(small, bucket, delete):
    transfer("push", bucket.address)
    extra = small.folder / "audit" / "mine.csv"
    extra.parent.mkdir(exist_ok=True)
    extra.write_text("only here")
    moved = transfer("pull", bucket.address, delete=delete).moved[0]
    assert (moved.removed, moved.kept) == ((1, 0) if delete else (0, 1))
    assert extra.exists() is not delete


def test_what_was_never_pushed_is_not_overwritten(small, at_home, bucket):
    transfer("push", bucket.address)
    at_home("two")
    transfer("pull", bucket.address)
    exclude(open_dataset("small"), [1], reason="there")
    transfer("push", bucket.address)
    at_home("one")
    exclude(small, [2], reason="here")
    before = contents(small.folder)
    with pytest.raises(StorageError, match=r"never pushed, 'corrections\.csv'"):
        transfer("pull", bucket.address, ["small"])
    assert contents(small.folder) == before


def test_a_push_does_not_turn_back_what_is_newer_there(small, at_home, bucket):
    exclude(small, [0], reason="first")
    transfer("push", bucket.address)
    at_home("two")
    transfer("pull", bucket.address)
    exclude(open_dataset("small"), [1], reason="second")
    transfer("push", bucket.address)
    newer = contents(open_dataset("small").folder)
    at_home("one")
    moved = transfer("push", bucket.address).moved[0]
    assert moved.sent == 0
    assert "newer there" in moved.notes[0]
    transfer("pull", bucket.address)
    assert contents(small.folder) == newer


def test_a_cancelled_push_and_pull_go_on_where_they_stopped(small, at_home, bucket, monkeypatch):
    monkeypatch.setattr("fer_core.storage.objects.OBJECT_BYTES", 20_000)

    def stop_late(done, total, message=""):
        if message.startswith(("Pushing", "Pulling")) and done > total / 2:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        transfer("push", bucket.address, on_progress=stop_late)
    assert not any("revisions" in key for key in bucket.objects)
    num_before = bucket.num_puts
    assert num_before > 1
    whole = transfer("push", bucket.address).moved[0]
    assert 0 < whole.num_bytes < 0.7 * sum(map(len, bucket.objects.values()))
    at_home("two")
    with pytest.raises(Cancelled):
        transfer("pull", bucket.address, on_progress=stop_late)
    assert list_address(bucket.address)[0]["here"] == "no"
    assert 0 < transfer("pull", bucket.address).moved[0].num_bytes < 0.7 * whole.num_bytes * 3
    assert open_dataset("small").index.fingerprint == small.index.fingerprint


def test_large_files_travel_in_slices(small, at_home, bucket, monkeypatch):
    for module in ("objects", "fetching"):
        monkeypatch.setattr(f"fer_core.storage.{module}.OBJECT_BYTES", 2**20)
    large = small.folder / "audit" / "large.bin"
    large.parent.mkdir(exist_ok=True)
    large.write_bytes(os.urandom(2_500_000))
    transfer("push", bucket.address)
    slices = [key for key in bucket.objects if key.endswith(".part")]
    assert len(slices) == 3
    home = at_home("two")
    lost = bucket.objects.pop(slices[-1])
    with pytest.raises(StorageError, match="missing"):
        transfer("pull", bucket.address, ["small"])
    bucket.objects[slices[-1]] = lost
    num_gets = bucket.num_gets
    transfer("pull", bucket.address)
    assert bucket.num_gets - num_gets < 5  # the manifest and what was missing
    assert (home / "datasets/small/audit/large.bin").read_bytes() == large.read_bytes()
