"""How much an archive may make: bytes, entries, headers, and what the disk can hold."""

import bz2
import errno
import gzip
import lzma
import os
import struct
import tarfile
import tracemalloc
import zipfile
from types import SimpleNamespace

import pytest

from fer_core.dataset.sources import unpacking
from fer_core.dataset.sources.unpacking import MAX_ENTRIES, Unpacker
from fer_core.errors import ArchiveError
from tests.dataset.archives import FACES, refused, tar_bytes, write_zip


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
@pytest.mark.parametrize("name", ["train/happy/bomb.png", "unwanted.bin"])
def test_a_compressed_tar_that_grows_without_end_is_stopped(tmp_path, out, monkeypatch, pack, name):
    monkeypatch.setattr(unpacking, "MIN_BYTES_FOR_RATIO", 2 * 2**20)
    archive = tmp_path / "bomb.tar"
    archive.write_bytes(pack(tar_bytes({**FACES, name: bytes(8 * 2**20)})))
    refused(archive, out, "bomb")


def test_a_zip_whose_header_hides_the_true_size_writes_no_more_than_it_says(tmp_path, out):
    archive = write_zip(tmp_path / "faces.zip", {"happy/1.png": bytes(2**20)}, compression=zipfile.ZIP_DEFLATED)
    data = bytearray(archive.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", data, data.find(magic) + offset, 1000)
    archive.write_bytes(data)
    refused(archive, out, "not a complete")


def test_the_bytes_that_really_come_out_are_counted(tmp_path, out, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 2**20)
    unpacker = Unpacker(write_zip(tmp_path / "faces.zip", FACES), out)

    class Endless:
        def read(self, size=-1):
            return bytes(2**19)

    with pytest.raises(ArchiveError, match="bomb"):
        unpacker.write("happy/1.png", Endless(), lambda: None)
    assert (out / "happy/1.png").stat().st_size <= 2**20


def test_overlapping_entries_count_against_the_file_on_disk(tmp_path, out, monkeypatch):
    """Many directory entries that share the same packed bytes (D. Fifield, "A better zip bomb", 2019)."""
    monkeypatch.setattr(unpacking, "MIN_BYTES_FOR_RATIO", 2**20)
    archive = write_zip(tmp_path / "bomb.zip", {"a.png": bytes(2**20)}, compression=zipfile.ZIP_DEFLATED)
    data = archive.read_bytes()
    directory = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    entry = data[directory:end]
    more = b"".join(entry.replace(b"a.png", b"%c.png" % letter) for letter in range(97, 107))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, len(more), directory, 0)
    archive.write_bytes(data[:directory] + more + tail)
    refused(archive, out, "bomb")


@pytest.mark.slow
@pytest.mark.parametrize("told", [None, 3], ids=["honest count", "count that lies"])
def test_a_million_entries_are_refused_quickly_and_without_eating_memory(tmp_path, out, told):
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 6, *[0] * 3, 5, *[0] * 4, 0, 0) + b"a.png"
    directory = entry * 1_000_000
    count = 0xFFFF if told is None else told
    archive = tmp_path / "many.zip"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), 4, 0)
    archive.write_bytes(b"PK\x03\x04" + directory + end)
    del directory
    tracemalloc.start()
    try:
        refused(archive, out, f"more than {MAX_ENTRIES:,} entries")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * 2**20


def test_a_tar_with_too_many_entries_is_stopped_at_the_limit(tmp_path, out, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_ENTRIES", 100)
    archive = tmp_path / "many.tar.gz"
    archive.write_bytes(gzip.compress(tar_bytes({f"happy/{number}.txt": b"" for number in range(101)})))
    refused(archive, out, "more than 100 entries")


def test_a_tar_header_that_would_fill_memory_is_refused(tmp_path, out):
    header = tarfile.TarInfo("PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 8 * 2**20
    archive = tmp_path / "header.tar.gz"
    archive.write_bytes(gzip.compress(header.tobuf() + b"7 a=bc\n" * 2**20, compresslevel=1))
    refused(archive, out, "header")


def test_what_the_disk_cannot_hold_is_not_begun(tmp_path, out, monkeypatch):
    archive = write_zip(tmp_path / "faces.zip", FACES)
    monkeypatch.setattr(unpacking.shutil, "disk_usage", lambda folder: SimpleNamespace(free=3))
    refused(archive, out, "disk space")


def test_a_disk_that_fills_up_gets_a_sentence_and_leaves_nothing(tmp_path, out, monkeypatch):
    archive = write_zip(tmp_path / "faces.zip", FACES)

    def full(self, path, stream, on_chunk):
        (out / "happy").mkdir()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Unpacker, "write", full)
    refused(archive, out, "disk is full")
