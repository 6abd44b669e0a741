"""Two hundred damaged or hostile pictures, always the same: good files mutated with a seed, and the classics."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tests.scenes import portrait

NUM_MUTATED = 176
_KINDS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM", "AVIF")


def write_hostile_pictures(folder: Path, seed: int = 7) -> list[Path]:
    """Write them and return their paths, exactly 200."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in (*_classics(), *_mutated(np.random.default_rng(seed))):
        (folder / name).write_bytes(content)
        paths.append(folder / name)
    return paths


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _mutated(rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    photo = Image.fromarray(portrait()).resize((160, 160))
    whole = {kind: encoded(photo, kind) for kind in _KINDS}
    whole["TIFF"] = encoded(photo, "TIFF", compression="tiff_lzw")
    for number in range(NUM_MUTATED):
        kind = _KINDS[number % len(_KINDS)]
        content = bytearray(whole[kind])
        (_flip, _cut, _swap, _insert, _head)[number // len(_KINDS) % 5](content, rng)
        yield f"mutated-{number:03}.{kind.lower()}", bytes(content)


def _flip(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(0, len(content), 8):
        content[place] = int(rng.integers(256))


def _cut(content: bytearray, rng: np.random.Generator) -> None:
    del content[int(rng.integers(1, len(content))) :]


def _swap(content: bytearray, rng: np.random.Generator) -> None:
    a, b = sorted(int(place) for place in rng.integers(0, len(content) - 64, 2))
    content[a : a + 64], content[b : b + 64] = content[b : b + 64], content[a : a + 64]


def _insert(content: bytearray, rng: np.random.Generator) -> None:
    place = int(rng.integers(0, len(content)))
    content[place:place] = rng.integers(0, 256, 50, dtype=np.uint8).tobytes()


def _head(content: bytearray, rng: np.random.Generator) -> None:
    """Change bytes of the header alone: sizes, counts, offsets."""
    for place in rng.integers(4, 64, 3):
        content[place] = int(rng.choice([0, 1, 127, 128, 255]))


def _classics() -> Iterator[tuple[str, bytes]]:
    """Decompression bombs, odd modes and sizes, wrong endings, other things that bear a picture's name."""
    photo = Image.fromarray(portrait()).resize((160, 160))
    jpeg, png = encoded(photo, "JPEG"), encoded(photo, "PNG")
    yield "bomb-100000x100000.png", _png(100_000, 100_000)
    yield "bomb-30000x30000.png", _png(30_000, 30_000)
    yield "bomb-2147483647x1.png", _png(2**31 - 1, 1)
    yield "zero-wide.png", _png(0, 10)
    yield "bomb.gif", b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(3) + b";"
    yield "bomb.bmp", _bmp(2**30, 2**30)
    yield "negative.bmp", _bmp(-(2**31), -1)
    yield "cmyk.jpg", encoded(photo.convert("CMYK"), "JPEG")
    yield "sixteen-bit.png", encoded(Image.fromarray(np.arange(65536, dtype=np.uint16).reshape(256, 256)), "PNG")
    yield "float.tiff", encoded(Image.fromarray(np.full((40, 40), np.nan, np.float32)), "TIFF")
    yield "one-pixel.png", encoded(Image.new("RGB", (1, 1)), "PNG")
    yield "30000-wide.png", encoded(Image.new("L", (30_000, 2)), "PNG")
    yield "one-wide-30000-high.jpg", encoded(Image.new("L", (1, 30_000)), "JPEG")
    yield "jpeg-named.png", jpeg
    yield "png-named.webp", png
    yield "zero-bytes.jpg", b""
    yield "one-byte.jpg", b"\xff"
    yield "text.png", "Grüße".encode()
    yield "page.jpg", b"<!doctype html><html><body>404</body></html>"
    yield "postscript.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch /tmp/x) (w) file\n"
    yield "drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    yield "program.jpg", b"\x7fELF" + bytes(2000)
    yield "text-bomb.png", _png_with_text_bomb(png)
    yield "exif-loop.jpg", jpeg[:2] + _endless_exif() + jpeg[2:]


def _png(width: int, height: int) -> bytes:
    """A PNG whose header promises more than it holds."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(100_000)))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _bmp(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header + bytes(100)


def _png_with_text_bomb(png: bytes) -> bytes:
    bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9))
    return png[:33] + bomb + png[33:]


def _endless_exif() -> bytes:
    """A directory of EXIF tags whose next one is itself."""
    tiff = b"MM\0*" + struct.pack(">I", 8) + struct.pack(">H", 1) + struct.pack(">HHII", 0x8769, 4, 1, 8)
    body = b"Exif\0\0" + tiff + struct.pack(">I", 8)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
