"""The door for pictures: whatever comes in leaves as upright RGB.

Files, bytes, Pillow images and arrays come in; `(height, width, 3)` uint8 RGB goes out, with the EXIF
orientation applied and transparency laid on white. Inside the library no other convention exists.
"""

import contextlib
import importlib
import io
import re
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_core.errors import ImageError

# A decoded picture of this size takes 300 MB, and 0.9 GB for a moment while it is read (as an animated WebP 1.6);
# phones and scanners stay well below.
MAX_PIXELS = 100_000_000
_TOO_LARGE = f"at most {MAX_PIXELS / 1e6:.0f} million can be read. Make it smaller and try again."

MAX_SIDE = 65_535  # pixels, as in JPEG; making a longer line smaller takes tables of some gigabytes
_TILE = 2048  # pixels; the side of what is brought to RGB at a time, as Pillow makes several copies for it
_AT_ONCE = 4 * _TILE**2  # pixels; a picture up to here, most phones' among them, is not taken apart: that is faster

# A progressive JPEG has some ten scans, and each takes 0.1 s of 100 million pixels; 140 bytes are enough for one.
_MAX_SCANS = 200
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # of those with a length, and of the end; ITU-T T.81, B.1.1.3
_SCAN, _END = b"\xff\xda", b"\xff\xd9"

# What Pillow may try. It knows some forty formats more; one of them, EPS, is a program that Ghostscript would run.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "DIB", "TIFF", "GIF", "PPM", "JPEG2000", "AVIF")
_FORMATS_SAID = "JPEG, PNG, WebP, BMP, TIFF, GIF or HEIC"

# Decoders of HEIC, the format of iPhones, from the same maker; the first reads only and comes without GPL code.
_HEIC_DECODERS = ("pi_heif", "pillow_heif")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")  # ISO/IEC 23008-12, annex B

# Pillow's decoders raise any of these on damaged data; each was seen on files with some bytes changed.
_DAMAGED = (
    OSError, ValueError, SyntaxError, EOFError, RuntimeError, struct.error, LookupError, TypeError, ArithmeticError
)  # fmt: skip

PictureSource = str | Path | bytes | Image.Image

# Pillow warns from half of its own limit on; ours lies in between. Once for the whole process: putting a filter up
# for every picture and taking it down again is slow, and threads would take down each other's.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def open_picture(source: PictureSource, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Read a picture completely and turn it upright.

    Args:
        source: A path, the bytes of a file, or a Pillow image.
        max_pixels: A larger picture is refused before it is decoded; above `MAX_PIXELS` it always is.

    Returns:
        The decoded first frame, in the mode and with the `format` that the file has.

    Raises:
        ImageError: If there is no such file, it is no picture, it is damaged, or it is too large.
    """
    name = _name(source)
    with _told(name):
        if isinstance(source, Image.Image):
            _load(source, name, max_pixels)
            return ImageOps.exif_transpose(source)
        with _opened(source, name) as picture:
            _load(picture, name, max_pixels)
            _upright(picture)
            return picture


def _name(source: PictureSource) -> str:
    return "the picture" if isinstance(source, bytes | Image.Image) else f"'{Path(source).name}'"


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Say in a sentence what is wrong with a picture that cannot be read.

    Raises:
        ImageError: Instead of what Pillow raises.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise ImageError(f"{name} does not exist. Check the path.") from error
    except IsADirectoryError as error:
        raise ImageError(f"{name} is a folder, expected a picture. Choose a file in it.") from error
    except PermissionError as error:
        raise ImageError(f"{name} may not be read by this user. Change its permissions or copy it.") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{name} is not a picture that can be read. Use {_FORMATS_SAID}.") from error
    except Image.DecompressionBombError as error:  # Pillow's own limit lies above ours
        raise ImageError(f"{name} has too many pixels; {_TOO_LARGE}") from error
    except MemoryError as error:
        raise ImageError(f"{name} needs more memory than there is. Make it smaller and try again.") from error
    except _DAMAGED as error:
        raise ImageError(f"{name} is damaged and cannot be read ({error}). Get a fresh copy of it.") from error


def _opened(source: str | Path | bytes, name: str) -> Image.Image:
    """Open a file by its content, whatever its name says."""
    try:
        return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS)
    except UnidentifiedImageError:
        head = source[:16] if isinstance(source, bytes) else _head(source)
        if not head:
            raise ImageError(f"{name} is empty: it has 0 bytes. Get a fresh copy of it.") from None
        if head[4:8] != b"ftyp" or head[8:12] not in _HEIC_BRANDS:
            raise
    _learn_heic(name)
    return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=("HEIF",))


def _head(path: str | Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(16)


def _learn_heic(name: str) -> None:
    """Teach Pillow to read HEIC, if a decoder is installed."""
    if "HEIF" in Image.OPEN:
        return
    for decoder in _HEIC_DECODERS:
        try:
            importlib.import_module(decoder).register_heif_opener()
            return
        except ImportError:
            continue
    raise ImageError(
        f"{name} is a HEIC picture, and this program was installed without a decoder for it. Install it with "
        "`pip install pi-heif` and start again, or save the picture as JPEG."
    )


def _load(picture: Image.Image, name: str, max_pixels: int) -> None:
    """Decode a picture, which needs its file no more afterwards."""
    most = min(max_pixels, MAX_PIXELS)
    if picture.width * picture.height > most:
        limit = f"at most {most / 1e6:.0f} million can be read here. Make it smaller and try again."
        raise ImageError(f"{name} has {picture.width} x {picture.height} pixels; {limit}")
    if max(picture.size) > MAX_SIDE:
        limit = f"a side of at most {MAX_SIDE:,} can be read. Cut it into parts and try again."
        raise ImageError(f"{name} has {picture.width} x {picture.height} pixels; {limit}")
    if picture.format in ("JPEG", "MPO") and _num_scans(picture) > _MAX_SCANS:
        raise ImageError(
            f"{name} stores its pixels in more than {_MAX_SCANS} steps and would take very long to read. Save it anew "
            "with another program."
        )
    picture.load()


def _num_scans(picture: Image.Image) -> int:
    """Count the scans of an opened JPEG up to one more than is allowed; 0 if it is decoded already."""
    file = getattr(picture, "fp", None)
    if file is None:
        return 0
    before = file.tell()
    file.seek(0)
    content: bytes = file.read()
    file.seek(before)
    num_scans, place = 0, 0
    while num_scans <= _MAX_SCANS and (marker := _MARKER.search(content, place)) and marker[0] != _END:
        num_scans += marker[0] == _SCAN
        place = marker.end() + int.from_bytes(content[marker.end() : marker.end() + 2])
    return num_scans


def _upright(picture: Image.Image) -> None:
    """Apply the EXIF orientation; pixels that can be read are not given up for notes that cannot."""
    with contextlib.suppress(*_DAMAGED):
        ImageOps.exif_transpose(picture, in_place=True)


def read_image(source: PictureSource | npt.NDArray[np.uint8], *, max_pixels: int = MAX_PIXELS) -> npt.NDArray[np.uint8]:
    """Return any picture as upright RGB.

    Args:
        source: What `open_picture` takes, or a uint8 array (height, width), (height, width, 1), (…, 3) RGB
            or (…, 4) RGBA with values 0-255.
        max_pixels: As for `open_picture`; an array may have any size.

    Returns:
        (height, width, 3) uint8 RGB, 0-255.

    Raises:
        ImageError: If the picture cannot be read.
        ValueError: If an array has another type or shape.
    """
    if isinstance(source, np.ndarray):
        return _rgb_array(source)
    picture = open_picture(source, max_pixels=max_pixels)
    with _told(_name(source)):
        return rgb_pixels(picture)


def rgb_pixels(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """Return what `open_picture` gave as (height, width, 3) uint8 RGB, 0-255."""
    white = _white(picture)
    if picture.width * picture.height <= _AT_ONCE:
        return np.asarray(_rgb(picture, white))
    pixels = np.empty((picture.height, picture.width, 3), np.uint8)
    for left, top, right, bottom in _tiles(picture):
        pixels[top:bottom, left:right] = np.asarray(_rgb(picture.crop((left, top, right, bottom)), white))
    return pixels


def _tiles(picture: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Yield left, top, right and bottom of parts that together are the picture."""
    width, height = picture.size
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            yield left, top, min(width, left + _TILE), min(height, top + _TILE)


def _rgb(picture: Image.Image, white: float | None) -> Image.Image:
    if white is not None:
        picture = _eight_bit(picture, white)
    if "A" in picture.getbands() or "transparency" in picture.info:
        return _on_white(picture.convert("RGBA"))
    return picture.convert("RGB")


def _rgb_array(array: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if array.dtype != np.uint8 or array.ndim not in (2, 3):
        raise ValueError(f"expected a uint8 array (height, width[, channels]), received {array.dtype} {array.shape}")
    array = array[..., None] if array.ndim == 2 else array
    if array.shape[2] not in (1, 3, 4) or 0 in array.shape:
        raise ValueError(f"expected 1, 3 or 4 channels and at least one pixel, received shape {array.shape}")
    if array.shape[2] == 4:
        return np.asarray(_on_white(Image.fromarray(array, "RGBA")))
    return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:2], 3)))


def _on_white(picture: Image.Image) -> Image.Image:
    page = Image.new("RGB", picture.size, "white")
    page.paste(picture, mask=picture.getchannel("A"))
    return page


def _white(picture: Image.Image) -> float | None:
    """Return the value that is white in a grey picture of 16 or 32 bits; None for all others.

    No such file says it. Integers count to 255 or 65535, floats to 1 as well; beyond, the brightest pixel is white.
    """
    is_float = picture.mode == "F"
    if not (is_float or picture.mode == "I" or picture.mode.startswith("I;16")):
        return None
    parts = (np.asarray(picture.crop(box)) for box in _tiles(picture))
    brightest = max(float(part.max(initial=0, where=np.isfinite(part))) for part in parts)
    usual = (1.0, 255.0, 65535.0) if is_float else (255.0, 65535.0)
    return next((white for white in usual if brightest <= white), brightest)


def _eight_bit(picture: Image.Image, white: float) -> Image.Image:
    """Bring 16- and 32-bit grey to 0-255; Pillow's own conversion clips instead of scaling."""
    values = np.nan_to_num(np.asarray(picture).astype(np.float64), nan=0.0, posinf=white, neginf=0.0)
    return Image.fromarray((values.clip(0, white) * (255.0 / white)).astype(np.uint8))
