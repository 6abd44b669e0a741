"""Archives of every kind, honest and hostile; what is refused leaves nothing behind."""

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import unicodedata
import zipfile

import pytest

from fer_core.dataset.sources.archive import is_archive, unpack_archive
from fer_core.errors import Cancelled
from tests.dataset.archives import FACES, found, refused, tar_bytes, write_zip

WANTED = ["fer2013.csv", "train/happy/1.png", "train/sad/2.JPG"]


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


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


def cut_between_entries(whole: bytes) -> bytes:
    """A tar without its last entry and everything after it, as a broken download may leave it."""
    with tarfile.open(fileobj=io.BytesIO(whole)) as opened:
        return whole[: opened.getmembers()[-1].offset]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress], ids=["tar", "gz", "bz2", "xz"])
def test_a_tar_that_was_cut_between_two_entries_is_not_complete(tmp_path, out, pack):
    archive = tmp_path / "faces.tar"
    archive.write_bytes(pack(cut_between_entries(tar_bytes(FACES))))
    refused(archive, out, "not a complete.*its end is missing")


def test_a_compressed_tar_whose_checksum_is_wrong_is_damaged(tmp_path, out):
    packed = bytearray(gzip.compress(tar_bytes(FACES)))
    packed[-6] ^= 0xFF  # in the trailer: CRC-32 and length, four bytes each
    archive = tmp_path / "faces.tar.gz"
    archive.write_bytes(packed)
    refused(archive, out, "not a complete")


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
