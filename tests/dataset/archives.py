"""Archives written on the spot, and how a refusal is checked."""

import io
import tarfile
import zipfile

import pytest

from fer_core.dataset.sources.archive import unpack_archive
from fer_core.errors import ArchiveError

FACES = {
    "train/happy/1.png": b"one",
    "train/sad/2.JPG": b"two",
    "fer2013.csv": b"emotion,pixels,Usage\n",
    "notes.md": b"x",
}


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
