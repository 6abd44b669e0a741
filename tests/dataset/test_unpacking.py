"""Archives of every kind, honest and hostile; what is refused leaves nothing behind."""

import bz2
import errno
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import tracemalloc
import unicodedata
import zipfile
from types import SimpleNamespace

import pytest

from fer_core.dataset import unpacking
from fer_core.dataset.archive import is_archive, unpack_archive
from fer_core.dataset.unpacking import MAX_ENTRIES, Unpacker
from fer_core.errors import ArchiveError, Cancelled

FACES = {
    "train/happy/1.png": b"one",
    "train/sad/2.JPG": b"two",
    "fer2013.csv": b"emotion,pixels,Usage\n",
    "notes.md": b"x",
}
WANTED = ["fer2013.csv", "train/happy/1.png", "train/sad/2.JPG"]


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def write_zip(path, entries, **options):
    with zipfile.ZipFile(path, "w", **options) as opened:
        for name, data in entries.items():
            opened.writestr(name, data)
    return path


def tar_bytes(entries):
    """A tar of name -> bytes, or of ready TarInfo objects without data."""
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode="w") as opened:
        for name, data in entries.items():
            if isinstance(data, tarfile.TarInfo):
                opened.addfile(data)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(data)
            opened.addfile(member, io.BytesIO(data))
    return stored.getvalue()


def found(out):
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())


def refused(archive, out, said):
    with pytest.raises(ArchiveError, match=said):
        unpack_archive(archive, out)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, bz2.compress, lzma.compress],
    ids=["tar", "tar.gz", "tar.bz2", "tar.xz"],
)
def test_a_tar_is_known_by_its_content_and_tells_how_far_it_is(tmp_path, out, pack):
    archive = tmp_path / "faces.bin"
    archive.write_bytes(pack(tar_bytes(FACES)))
    steps = []
    assert unpack_archive(archive, out, on_progress=lambda done, total: steps.append((done, total))) == 3
    assert found(out) == WANTED
    assert (out / "train/happy/1.png").read_bytes() == b"one"
    assert steps == sorted(steps)
    assert {total for _, total in steps} == {archive.stat().st_size}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_is_known_by_its_content(tmp_path, out, method):
    archive = write_zip(tmp_path / "faces.tar", FACES, compression=method)
    assert unpack_archive(archive, out) == 3
    assert found(out) == WANTED


def test_a_zip_behind_other_bytes_and_a_nested_archive_are_told_apart(tmp_path, out):
    plain = write_zip(tmp_path / "plain.zip", FACES)
    selfextracting = tmp_path / "faces.exe"
    selfextracting.write_bytes(b"MZ" + bytes(1000) + plain.read_bytes())
    assert is_archive(selfextracting)
    assert unpack_archive(selfextracting, out) == 3
    refused_out = tmp_path / "second"
    refused_out.mkdir()
    nested = tmp_path / "nested.tar"
    nested.write_bytes(tar_bytes({"fer2013.zip": plain.read_bytes()}))
    refused(nested, refused_out, r"another archive, 'fer2013\.zip'")


def test_a_folder_that_is_not_empty_is_a_mistake(tmp_path, out):
    (out / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="empty folder"):
        unpack_archive(write_zip(tmp_path / "faces.zip", FACES), out)
    assert (out / "mine.txt").exists()


@pytest.mark.parametrize("name", ["../outside.png", "/outside.png", "happy/../../outside.png", "..\\outside.png"])
def test_a_tar_that_climbs_is_refused_and_leaves_nothing(tmp_path, out, name):
    archive = tmp_path / "faces.tar"
    archive.write_bytes(tar_bytes({**FACES, name: b"x"}))
    refused(archive, out, "outside")
    assert not list(tmp_path.rglob("outside.png"))


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"Z"],
    ids=["symbolic link", "hard link", "character device", "block device", "pipe", "unknown kind"],
)
def test_a_tar_with_a_link_or_a_device_is_refused_and_leaves_nothing(tmp_path, out, kind):
    member = tarfile.TarInfo("train/happy/link.png")
    member.type, member.linkname = kind, "/etc/passwd"
    archive = tmp_path / "faces.tar"
    archive.write_bytes(tar_bytes({**FACES, "link": member}))
    refused(archive, out, "link or a device")


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO], ids=["link", "device", "pipe"])
def test_a_zip_with_a_link_or_a_device_is_refused(tmp_path, out, mode):
    entry = zipfile.ZipInfo("readme.txt")
    entry.external_attr = (mode | 0o777) << 16
    archive = write_zip(tmp_path / "faces.zip", FACES)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(entry, "/etc/passwd")
    refused(archive, out, "link or a device")


def test_an_encrypted_zip_says_so(tmp_path, out):
    archive = write_zip(tmp_path / "faces.zip", FACES)
    data = bytearray(archive.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    archive.write_bytes(data)
    refused(archive, out, "encrypted")


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


def test_names_in_other_alphabets_survive_with_and_without_the_flag(tmp_path, out):
    names = ["счастье/а.png", "幸せ/い.png", unicodedata.normalize("NFD", "überrascht/é.png")]
    archive = write_zip(tmp_path / "flagged.zip", dict.fromkeys(names, b"x"))
    data = bytearray(archive.read_bytes())
    assert unpack_archive(archive, out) == 3
    flagged = found(out)
    assert "überrascht/é.png" in flagged
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            struct.pack_into("<H", data, at + offset, 0)
            at = data.find(magic, at + 4)
    unflagged, second = tmp_path / "unflagged.zip", tmp_path / "second"
    unflagged.write_bytes(data)
    second.mkdir()
    assert unpack_archive(unflagged, second) == 3
    assert found(second) == flagged


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_paths_that_are_taken_get_a_number_and_nothing_is_lost(tmp_path, out):
    archive = tmp_path / "faces.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for number, name in enumerate(["happy/a.png", "happy/a.png", "Happy/A.PNG", "happy/a-2.png"]):
            opened.writestr(name, str(number))
    assert unpack_archive(archive, out) == 4
    assert len({name.casefold() for name in found(out)}) == 4
    assert sorted(path.read_text() for path in out.rglob("*.*")) == ["0", "1", "2", "3"]


def test_shadow_files_and_hidden_files_stay_inside(tmp_path, out):
    entries = {"top/mine/happy/1.png": b"1", "__MACOSX/top/mine/happy/._1.png": b"2", "top/.cache/2.png": b"3"}
    assert unpack_archive(write_zip(tmp_path / "faces.zip", entries), out) == 1
    assert found(out) == ["top/mine/happy/1.png"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(600), "7z archive"),
        (b"Rar!\x1a\x07\x00" + bytes(600), "RAR archive"),
        (b"\x28\xb5\x2f\xfd" + bytes(600), "Zstandard"),
        (b"\n<!DOCTYPE html><html>sign in</html>", "web page"),
        (b"BZh9" + bytes(600), "not a complete"),
        (gzip.compress(b"emotion,pixels"), "not a complete"),
        (gzip.compress(tar_bytes(FACES))[:-40], "not a complete"),
        (lzma.compress(tar_bytes(FACES))[:-40], "not a complete"),
        (bytes(2000), "no pictures"),
    ],
    ids=["7z", "rar", "zstd", "html", "bzip2", "gzip of text", "cut gzip", "cut xz", "empty tar"],
)
def test_other_and_damaged_files_get_a_sentence(tmp_path, out, content, said):
    archive = tmp_path / "faces.bin"
    archive.write_bytes(content)
    refused(archive, out, said)


def test_an_archive_that_is_not_there_is_told(tmp_path, out):
    refused(tmp_path / "none.zip", out, "does not exist")


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_big_entry_can_be_cancelled_in_its_middle(tmp_path, out, form):
    entries = {"happy/1.png": os.urandom(4 * 2**20), "happy/2.png": b"x"}
    archive = tmp_path / "faces"
    if form == "zip":
        write_zip(archive, entries)
    else:
        archive.write_bytes(tar_bytes(entries))
    calls = []

    def stop(done, total):
        calls.append((done, total))
        if len(calls) == 2:
            assert 0 < (out / "happy/1.png").stat().st_size < 4 * 2**20
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        unpack_archive(archive, out, on_progress=stop)
    assert list(out.iterdir()) == []


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
