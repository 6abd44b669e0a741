"""Takes a model package out of a zip as if the zip were hostile.

A zip comes in; its `model.json`, `model.tflite` and `model.keras` go out into one folder, and no other file of it is
ever written. Names that climb out, links, encrypted entries, the same name twice, and files that are larger than any
network of this program are refused.
"""

import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from fer_core.dataset.sources.archive_names import safe_path
from fer_core.dataset.sources.archive_zip import count_entries, entry_name
from fer_core.errors import ModelError
from fer_core.models.package import INFO_FILE, KERAS_FILE, LITERT_FILE

# Largest file of each kind, in bytes; the largest network that this program builds takes 95 MB in Keras's format.
_MAX_BYTES = {INFO_FILE: 2**20, LITERT_FILE: 2**29, KERAS_FILE: 2**30}
_MAX_ENTRIES = 1000
# Weights hardly shrink (1.1 to 1); a bomb does a thousandfold.
_MAX_RATIO = 20
_FREE_OF_RATIO = 2**22  # bytes
_ENCRYPTED_FLAG = 0x1
_CHUNK = 2**20  # bytes
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,
    ValueError,
    OverflowError,
)


def unpack_package(archive: Path, folder: Path) -> None:
    """Write the three files of the package in a zip into an existing empty folder.

    Raises:
        ModelError: If the file is no zip, is damaged, holds no package, or is unsafe; what was written by then is the
            caller's to remove.
        ArchiveError: If an entry's name points outside the archive.
    """
    try:
        with archive.open("rb") as file:
            if count_entries(file) > _MAX_ENTRIES:
                raise ModelError(f"'{archive.name}' has more than {_MAX_ENTRIES:,} entries; a model package has four.")
            with zipfile.ZipFile(file) as opened:
                for entry, name in _package_entries(opened, archive.name):
                    _write(opened, entry, folder / name, archive.name)
    except _DAMAGE as error:
        raise ModelError(
            f"'{archive.name}' is not a complete zip ({type(error).__name__}). Download or export the model again."
        ) from error
    except OSError as error:
        raise ModelError(f"'{archive.name}' cannot be unpacked: {error.strerror or error}.") from error


def _package_entries(opened: zipfile.ZipFile, archive_name: str) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the entries of the package's files, once every entry was looked at."""
    found: dict[PurePosixPath, zipfile.ZipInfo] = {}
    taken: set[str] = set()
    for entry in opened.infolist():
        path = PurePosixPath(safe_path(entry_name(entry), archive_name))
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ModelError(f"'{archive_name}' holds {str(path)[:120]!r}, a link or a device. Do not trust this file.")
        if str(path).casefold() in taken:
            raise ModelError(f"'{archive_name}' holds {str(path)[:120]!r} twice. Do not trust this file.")
        taken.add(str(path).casefold())
        if path.name in _MAX_BYTES and len(path.parts) <= 2 and not entry.is_dir():
            found[path] = entry
    places = {path.parent for path in found if path.name == INFO_FILE}
    if len(places) > 1:
        raise ModelError(f"'{archive_name}' holds {len(places)} model packages. Import one at a time.")
    wanted = [(entry, path.name) for path, entry in found.items() if path.parent in places]
    missing = sorted(set(_MAX_BYTES) - {name for _, name in wanted})
    if missing:
        raise ModelError(
            f"'{archive_name}' lacks {', '.join(missing)}; only model packages of this program are imported, zips with "
            f"{', '.join(_MAX_BYTES)}. Get one from the Models page of another computer, or with: "
            "python -m fer_core models export MODEL"
        )
    return wanted


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, archive_name: str) -> None:
    """Write one file; the bytes that really come out are counted, as sizes in headers lie."""
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise ModelError(f"'{archive_name}' is encrypted. Unpack it with its password and zip the package again.")
    limit = min(_MAX_BYTES[target.name], max(_FREE_OF_RATIO, _MAX_RATIO * entry.compress_size))
    num_bytes = 0
    with opened.open(entry) as packed, target.open("xb") as file:
        while chunk := packed.read(_CHUNK):
            num_bytes += len(chunk)
            if num_bytes > limit:
                raise ModelError(
                    f"{target.name} in '{archive_name}' is larger than {limit / 2**20:,.0f} MB, more than its "
                    f"{entry.compress_size / 2**20:,.1f} MB in the zip can hold. It looks like a decompression bomb; "
                    "do not trust this file."
                )
            file.write(chunk)
