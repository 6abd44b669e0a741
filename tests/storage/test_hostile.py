"""Manifests and objects made to do harm: nothing is written outside, nothing is started, little is read."""

import gzip
import hashlib
import io
import json
import zipfile

import pytest

from fer_core.errors import StorageError
from fer_core.storage import list_address, transfer
from fer_core.storage.address import parse_address
from fer_core.storage.belongings import travelling
from tests.storage.places import contents

REVISION = "000001-" + "0" * 32 + ".json.gz"


def plant(folder, files, kind="models", name="bad", **changes):
    """Lay a model with these files (path -> content) at an address, in one bundle, under a manifest that may lie."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", changes.pop("compression", zipfile.ZIP_STORED)) as bundle:
        for number, content in enumerate(files.values()):
            bundle.writestr(f"m{number}", content)
    bundle_name = f"{hashlib.sha256(held.getvalue()).hexdigest()}.zip"
    entries = [
        {
            "path": path,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "modified_ns": 0,
            "pieces": [bundle_name],
            "member": f"m{number}",
        }
        for number, (path, content) in enumerate(files.items())
    ]
    manifest = {
        "format_version": 1,
        "kind": kind,
        "name": name,
        "files": entries,
        "objects": {bundle_name: len(held.getvalue())},
        "facts": {},
        "pushed_at": "",
        **changes,
    }
    place = folder / kind / name
    for sub in ("objects", "revisions"):
        (place / sub).mkdir(parents=True)
    (place / "objects" / bundle_name).write_bytes(held.getvalue())
    (place / "revisions" / REVISION).write_bytes(gzip.compress(json.dumps(manifest).encode()))


@pytest.mark.parametrize(
    "path",
    ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "a\\..\\out.txt", "C:/out.txt", ".hidden", "a/.ssh/x", "a\nb", "",
     "a//b", "./a", "x" * 2000],
)  # fmt: skip
def test_a_path_that_leaves_its_folder_is_refused(at_home, tmp_path, path):
    plant(tmp_path / "place", {"model.json": b"{}", path: b"harm"})
    home = at_home("two")
    with pytest.raises(StorageError, match="do not trust"):
        transfer("pull", str(tmp_path / "place"), ["bad"])
    assert contents(home) == {}
    assert not list(tmp_path.rglob("out.txt"))


@pytest.mark.parametrize("name", ["..", ".hidden", "a b", "x" * 65])
def test_a_name_that_none_can_have_is_not_seen(at_home, tmp_path, name):
    plant(tmp_path / "place", {"model.json": b"{}"}, name=name)
    assert list_address(str(tmp_path / "place")) == []


@pytest.mark.parametrize(
    "lie",
    [
        {"format_version": 2},
        {"kind": "runs"},
        {"name": "other"},
        {"objects": {}},
        {"objects": {"../../x": 1}},
        {"files": [{"path": "model.json"}]},
        {"files": "many"},
        {"objects": []},
    ],
    ids=lambda lie: f"{next(iter(lie))}={str(next(iter(lie.values())))[:12]}",
)
def test_a_manifest_that_contradicts_itself_is_refused(at_home, tmp_path, lie):
    plant(tmp_path / "place", {"model.json": b"{}"})
    path = tmp_path / "place/models/bad/revisions" / REVISION
    path.write_bytes(gzip.compress(json.dumps(json.loads(gzip.decompress(path.read_bytes())) | lie).encode()))
    home = at_home("two")
    with pytest.raises(StorageError, match=r"damaged|format 2"):
        transfer("pull", str(tmp_path / "place"), ["bad"])
    assert contents(home) == {}


def test_a_manifest_that_unpacks_to_gigabytes_is_not_unpacked(at_home, tmp_path, monkeypatch):
    monkeypatch.setattr("fer_core.storage.manifest._MAX_BYTES", 100_000)
    plant(tmp_path / "place", {"model.json": b"{}"}, facts={"long": "x" * 10_000_000})
    with pytest.raises(StorageError, match="too large"):
        transfer("pull", str(tmp_path / "place"), ["bad"])


def test_a_bundle_that_is_packed_is_not_unpacked(at_home, tmp_path):
    content = b"0" * 50_000
    plant(tmp_path / "place", {"model.json": content}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(StorageError, match=r"damaged|does not lie"):
        transfer("pull", str(tmp_path / "place"), ["bad"])


def test_two_names_for_one_file_are_refused(at_home, tmp_path):
    plant(tmp_path / "place", {"model.json": b"{}", "a": b"1", "a/b": b"2"})
    with pytest.raises(StorageError, match="one name"):
        transfer("pull", str(tmp_path / "place"), ["bad"])


def test_a_run_from_elsewhere_can_start_a_training_and_nothing_else():
    job = {"title": "x", "target": "os:system", "arguments": {"command": "harm"}, "log_name": "../../x", "ticket": "/x"}
    arrived = json.loads(travelling("runs", "job.json", json.dumps(job).encode()))
    assert arrived["target"] == "fer_core.training.trainer:train_job"
    assert (arrived["arguments"], arrived["log_name"], arrived["ticket"]) == ({}, "training.log", None)


def test_a_dataset_from_elsewhere_points_nowhere_and_keeps_no_password():
    record = {"kind": "url", "source": "https://me:hush@host/x.zip", "files_folder": "/etc"}
    arrived = json.loads(travelling("datasets", "dataset.json", json.dumps(record).encode()))
    assert (arrived["source"], arrived["files_folder"]) == ("https://host/x.zip", None)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "missing"),
        ("s3://key:hush@bucket/x", "user or password"),
        ("s3://bucket/x?endpoint_override=https://me:hush@host", "user or password"),
        ("s3:///x", "no bucket"),
        ("s3://bucket/../x", "no bucket"),
        ("s3://bucket/x?access_key=hush", "unknown option"),
        ("gs://bucket/x?token=hush", "unknown option"),
        ("sftp://me:hush@host/x", "rclone config"),
        ("gdrive://x", "rclone config"),
        ("ftp://me:hush@host", "no way to ftp"),
        ("rclone:--config=x:y", "cannot be read"),
        ("rclone:remote", "cannot be read"),
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_a_password(address, message):
    with pytest.raises(StorageError, match=message) as refusal:
        parse_address(address)
    assert "hush" not in str(refusal.value)
