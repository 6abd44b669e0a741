"""Damages pictures and archives at random and sends them through every door that files come in by.

    python -m tests.mutations [--count 1000] [--seed 0]

A door may take a damaged file or refuse it with a `FerError`; anything else is a finding, which is printed with the
seed and number that make the file again. Slow and hungry answers are told too.
"""

import argparse
import io
import itertools
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from fer_core.dataset.indexing.building import build_index
from fer_core.dataset.sources.archive import unpack_archive
from fer_core.dataset.sources.folders import read_class_folders
from fer_core.errors import FerError
from fer_core.images import read_image
from fer_core.models.catalog import find_model, zip_package
from fer_core.models.package_archive import unpack_package
from fer_core.prediction.batch.pictures import list_pictures
from fer_core.prediction.batch.zips import ZipReader
from tests.scenes import portrait

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "PPM", "JPEG2000", "AVIF")
HEIC = Path(__file__).with_name("portrait.heic")
SLOW_SECONDS = 5.0  # of processor time, for one small file


@dataclass(frozen=True)
class Finding:
    """A file that was answered with something else than a value or a `FerError`, or too slowly."""

    door: str
    kind: str
    number: int
    what: str


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """One to four changes: bytes replaced, cut off, taken out, doubled, put in, or set to the largest value."""
    data = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        start = int(rng.integers(0, max(len(data), 1)))
        length = int(rng.integers(1, 33))
        kind = rng.integers(0, 8)
        if kind <= 2:
            data[start : start + length // 8 + 1] = rng.bytes(min(length // 8 + 1, len(data) - start))
        elif kind == 3:
            del data[start:]
        elif kind == 4:
            del data[start : start + length]
        elif kind == 5:
            data[start:start] = data[start : start + length]
        elif kind == 6:
            data[start:start] = rng.bytes(length)
        else:
            data[start : start + 4] = b"\xff\xff\xff\x7f"[: max(len(data) - start, 0)]
    return bytes(data)


def pictures() -> dict[str, bytes]:
    """A small photo in every format that is read, and in modes that take other ways."""
    photo = Image.fromarray(portrait()).resize((96, 96))
    made = {}
    for name in FORMATS:
        stored = io.BytesIO()
        photo.save(stored, name)
        made[name] = stored.getvalue()
    for mode in ("P", "RGBA", "I;16", "CMYK", "1"):
        stored = io.BytesIO()
        grey = Image.fromarray(np.asarray(photo.convert("L"), np.uint16) * 257)
        (grey if mode == "I;16" else photo.convert(mode)).save(stored, "TIFF" if mode == "CMYK" else "PNG")
        made[f"{mode} picture"] = stored.getvalue()
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = io.BytesIO()
    photo.save(stored, "JPEG", exif=exif, progressive=True)
    return {**made, "JPEG, turned": stored.getvalue(), "HEIC": HEIC.read_bytes()}


def archives() -> dict[str, bytes]:
    """Three faces in class folders in every archive that is read."""
    jpeg = pictures()["JPEG"]
    entries = {f"train/{label}/{label}.jpg": jpeg for label in ("happy", "sad", "angry")}
    made = {}
    for name, method in (("zip", zipfile.ZIP_DEFLATED), ("zip, lzma", zipfile.ZIP_LZMA), ("zip, stored", 0)):
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w", method) as opened:
            for path, content in entries.items():
                opened.writestr(path, content)
        made[name] = stored.getvalue()
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        stored = io.BytesIO()
        with tarfile.open(fileobj=stored, mode=mode) as opened:
            for path, content in entries.items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                opened.addfile(member, io.BytesIO(content))
        made[f"tar, {mode}"] = stored.getvalue()
    return made


def read_bytes(file: Path) -> None:
    """The door for uploads and the camera."""
    read_image(file.read_bytes())


def index_picture(file: Path) -> None:
    """The door for pictures of datasets: a damaged one is a row that says so, and never ends the indexing."""
    with tempfile.TemporaryDirectory() as place:
        for label in ("happy", "sad"):
            target = Path(place, "files/train", label, f"1{file.suffix}")
            target.parent.mkdir(parents=True)
            target.write_bytes(file.read_bytes())
        Path(place, "index").mkdir()
        folder = Path(place, "files")
        build_index(read_class_folders(folder), folder, Path(place, "index"))


def unpack(file: Path) -> None:
    """The door for archives of datasets."""
    with tempfile.TemporaryDirectory() as folder:
        unpack_archive(file, Path(folder))


def predict_zip(file: Path) -> None:
    """The door for zips of pictures to predict: what cannot be read is told of one by one."""
    reader = ZipReader()
    try:
        for picture in list_pictures([file]).pictures:
            try:
                read_image(file.read_bytes() if picture.entry is None else reader.read(picture.path, picture.entry))
            except FerError:
                continue
    finally:
        reader.close()


def take_package(file: Path) -> None:
    """The door for model packages."""
    with tempfile.TemporaryDirectory() as folder:
        unpack_package(file, Path(folder))


Door = Callable[[Path], None]


def samples() -> dict[str, tuple[bytes, str, tuple[Door, ...]]]:
    """What is damaged: the file, the end of its name, and the doors that it is sent through."""
    made: dict[str, tuple[bytes, str, tuple[Door, ...]]] = {}
    for name, content in pictures().items():
        made[name] = (content, ".png" if "picture" in name or name == "PNG" else ".jpg", (read_bytes, index_picture))
    for name, content in archives().items():
        made[name] = (
            content,
            ".zip" if "zip" in name else ".tar",
            (unpack, predict_zip) if "zip" in name else (unpack,),
        )
    made["package"] = (zip_package(find_model()), ".zip", (take_package,))
    return made


def sweep(count: int, seed: int) -> Iterator[Finding]:
    """Damage `count` files and yield what should not have happened."""
    kinds = samples()
    with tempfile.TemporaryDirectory(prefix="mutations-") as place:
        for number, (name, (content, suffix, doors)) in zip(range(count), itertools.cycle(kinds.items()), strict=False):
            file = Path(place, f"file{suffix}")
            file.write_bytes(damaged(content, np.random.default_rng((seed, number))))
            for door in doors:
                started_at = time.process_time()
                try:
                    door(file)
                except FerError:
                    pass
                except Exception as error:  # this is what is looked for
                    yield Finding(door.__name__, name, number, f"{type(error).__name__}: {error}")
                if time.process_time() - started_at > SLOW_SECONDS:
                    yield Finding(door.__name__, name, number, f"took {time.process_time() - started_at:.1f} s")


def main() -> int:
    """Sweep as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = 0
    for finding in sweep(options.count, options.seed):
        found += 1
        print(f"{finding.door} of {finding.kind}, seed {options.seed}, number {finding.number}: {finding.what}")
    print(f"{options.count:,} damaged files, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
