"""Objects: the bytes of files in portions that can be sent, checked and sent again one by one.

Small files go together into bundles (zip, not compressed: pictures are already), large ones are cut into slices. An
object is named by the SHA-256 of its content, so what was sent before a break is found again, two writers never get in
each other's way, and what was damaged on its way or at rest is noticed.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import StorageError
from fer_core.storage.belongings import LocalFile
from fer_core.storage.manifest import StoredFile

OBJECT_BYTES = 16 * 2**20  # what is sent at once, and has to be sent again after a break
_SMALL = 2**20  # files below go into bundles
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever a bundle is made
_READ = 2**20

OnRead = Callable[[int], None]


@dataclass(frozen=True)
class Digest:
    """What a file holds.

    Args:
        sha256: Of all of it.
        slices: SHA-256 and size in bytes of each slice; () for a file that goes into a bundle.
    """

    sha256: str
    slices: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Load:
    """One object that is to be made of files here.

    Args:
        files: The files of a bundle, or the one that a slice is cut from.
        digests: What they hold.
        number: Which slice; None for a bundle.
    """

    files: tuple[LocalFile, ...]
    digests: tuple[Digest, ...]
    number: int | None = None

    @property
    def num_bytes(self) -> int:
        """About what it takes."""
        return sum(file.size for file in self.files) if self.number is None else self.digests[0].slices[self.number][1]


def digest_of(file: LocalFile, on_read: OnRead) -> Digest:
    """Read a file once and return what it holds.

    Raises:
        OSError: If it cannot be read.
    """
    whole = hashlib.sha256()
    slices: list[tuple[str, int]] = []
    with file.open() as reading:
        while part := _read_slice(reading, on_read):
            whole.update(part)
            slices.append((hashlib.sha256(part).hexdigest(), len(part)))
    return Digest(whole.hexdigest(), tuple(slices) if is_sliced(file) else ())


def is_sliced(file: LocalFile) -> bool:
    """Return whether a file is cut into slices, rather than put into a bundle."""
    return file.size >= _SMALL


def loads_of(files: Sequence[LocalFile], digests: dict[str, Digest]) -> Iterator[Load]:
    """Divide files into objects: bundles of neighbours by path, and slices."""
    bundle: list[LocalFile] = []
    held = 0
    for file in sorted(files, key=lambda file: file.path):
        if is_sliced(file):
            for number in range(len(digests[file.path].slices)):
                yield Load((file,), (digests[file.path],), number)
            continue
        if held + file.size > OBJECT_BYTES:
            yield _bundle(bundle, digests)
            bundle, held = [], 0
        bundle.append(file)
        held += file.size
    if bundle:
        yield _bundle(bundle, digests)


def make_object(load: Load, folder: Path) -> tuple[Path, str]:
    """Write an object into a folder and return its file and name.

    Raises:
        StorageError: If a file is not any more what it was when it was looked at.
        OSError: If a file cannot be read, or the object not written.
    """
    if load.number is None:
        content = _zipped(load)
        name = f"{hashlib.sha256(content).hexdigest()}.zip"
    else:
        content = _slice(load.files[0], load.digests[0], load.number)
        name = f"{load.digests[0].slices[load.number][0]}.part"
    path = folder / name
    path.write_bytes(content)
    return path, name


def check_object(path: Path, name: str, shown: str) -> None:
    """Refuse an object that is not what its name says.

    Raises:
        StorageError: If it is damaged.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != name.split(".")[0]:
        raise StorageError(
            f"An object at {shown} is damaged: its content does not fit its name {name[:16]}…. Push again with "
            "--delete from a computer that has it.",
            may_pass=True,
        )


def bundle_member(bundle: zipfile.ZipFile, file: StoredFile) -> bytes:
    """Return one file's content from a bundle.

    Raises:
        StorageError: If it is not there, or not what the manifest says.
    """
    try:
        member = bundle.getinfo(file.member)
        is_plain = member.compress_type == zipfile.ZIP_STORED and member.file_size == file.size
        content = bundle.read(member) if is_plain else b""
    except (KeyError, zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError):
        content = b""
        is_plain = False
    if not is_plain or hashlib.sha256(content).hexdigest() != file.sha256:
        raise StorageError(f"{file.path!r} does not lie where its manifest says. Push it again.")
    return content


def _bundle(files: Sequence[LocalFile], digests: dict[str, Digest]) -> Load:
    return Load(tuple(files), tuple(digests[file.path] for file in files))


def _zipped(load: Load) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as bundle:
        for file, digest in zip(load.files, load.digests, strict=True):
            with file.open() as reading:
                content = reading.read(_SMALL + 1)
            _check_same(content, digest.sha256, file)
            bundle.writestr(zipfile.ZipInfo(file.path, _EPOCH), content)
    return held.getvalue()


def _slice(file: LocalFile, digest: Digest, number: int) -> bytes:
    with file.open() as reading:
        reading.seek(number * OBJECT_BYTES)
        content = reading.read(digest.slices[number][1])
    _check_same(content, digest.slices[number][0], file)
    return content


def _check_same(content: bytes, sha256: str, file: LocalFile) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StorageError(f"{file.path!r} changed while it was being read. Wait until it is finished, and push again.")


def _read_slice(reading: io.BufferedIOBase, on_read: OnRead) -> bytes:
    parts: list[bytes] = []
    left = OBJECT_BYTES
    while left and (part := reading.read(min(left, _READ))):
        on_read(len(part))
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
