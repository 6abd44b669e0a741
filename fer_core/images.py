"""The door for pictures: whatever comes in leaves as upright RGB.

Files, bytes, Pillow images and arrays come in; `(height, width, 3)` uint8 RGB goes out, with the EXIF
orientation applied and transparency laid on white. Inside the library no other convention exists.
"""

import contextlib
import importlib
import io
import struct
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_core.errors import ImageError

# A decoded picture of this size takes 300 MB; phones and scanners stay well below.
MAX_PIXELS = 100_000_000
_TOO_LARGE = f"at most {MAX_PIXELS / 1e6:.0f} million can be read. Make it smaller and try again."

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
    name = "the picture" if isinstance(source, bytes | Image.Image) else f"'{Path(source).name}'"
    try:
        if isinstance(source, Image.Image):
            _load(source, name, max_pixels)
            return ImageOps.exif_transpose(source)
        with _opened(source, name) as picture:
            _load(picture, name, max_pixels)
            _upright(picture)
            return picture
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
    picture.load()


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
    return rgb_pixels(open_picture(source, max_pixels=max_pixels))


def rgb_pixels(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """Return what `open_picture` gave as (height, width, 3) uint8 RGB, 0-255."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = _eight_bit(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = _on_white(picture.convert("RGBA"))
    return np.asarray(picture.convert("RGB"))


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


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Bring 16- and 32-bit grey to 0-255; Pillow's own conversion clips instead of scaling."""
    values = np.nan_to_num(np.asarray(picture).astype(np.float64))  # float TIFFs may hold NaN
    top = 65535.0 if values.max(initial=0) > 255 else 255.0
    return Image.fromarray((values.clip(0, top) * (255.0 / top)).astype(np.uint8))
