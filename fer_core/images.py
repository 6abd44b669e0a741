"""The door for pictures: whatever comes in leaves as upright RGB.

Files, bytes, Pillow images and arrays come in; `(height, width, 3)` uint8 RGB goes out, with the EXIF
orientation applied and transparency laid on white. Inside the library no other convention exists.
"""

import io
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_core.errors import ImageError

# A decoded picture of this size takes 300 MB; phones and scanners stay well below.
MAX_PIXELS = 100_000_000
_TOO_LARGE = f"at most {MAX_PIXELS / 1e6:.0f} million can be read. Make it smaller and try again."

PictureSource = str | Path | bytes | Image.Image

# Pillow warns from half of its own limit on; ours lies in between. Once for the whole process: putting a filter up
# for every picture and taking it down again is slow, and threads would take down each other's.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def open_picture(source: PictureSource) -> Image.Image:
    """Read a picture completely and turn it upright.

    Args:
        source: A path, the bytes of a file, or a Pillow image.

    Returns:
        The decoded first frame, in the mode and with the `format` that the file has.

    Raises:
        ImageError: If there is no such file, it is no picture, it is damaged, or it is too large.
    """
    name = "the picture" if isinstance(source, bytes | Image.Image) else f"'{Path(source).name}'"
    try:
        if isinstance(source, Image.Image):
            _load(source, name)
            return ImageOps.exif_transpose(source)
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
            _load(picture, name)
            ImageOps.exif_transpose(picture, in_place=True)
            return picture
    except FileNotFoundError as error:
        raise ImageError(f"{name} does not exist. Check the path.") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{name} is not a picture that can be read. Use JPEG, PNG, WebP, BMP or TIFF.") from error
    except Image.DecompressionBombError as error:  # Pillow's own limit lies above ours
        raise ImageError(f"{name} has too many pixels; {_TOO_LARGE}") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        # Pillow's decoders raise any of these on damaged data.
        raise ImageError(f"{name} is damaged and cannot be read ({error}). Get a fresh copy of it.") from error


def _load(picture: Image.Image, name: str) -> None:
    """Decode a picture, which needs its file no more afterwards."""
    if picture.width * picture.height > MAX_PIXELS:
        raise ImageError(f"{name} has {picture.width} x {picture.height} pixels; {_TOO_LARGE}")
    picture.load()


def read_image(source: PictureSource | npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return any picture as upright RGB.

    Args:
        source: What `open_picture` takes, or a uint8 array (height, width), (height, width, 1), (…, 3) RGB
            or (…, 4) RGBA with values 0-255.

    Returns:
        (height, width, 3) uint8 RGB, 0-255.

    Raises:
        ImageError: If the picture cannot be read.
        ValueError: If an array has another type or shape.
    """
    if isinstance(source, np.ndarray):
        return _rgb_array(source)
    return rgb_pixels(open_picture(source))


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
    page = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(page, picture).convert("RGB")


def _eight_bit(picture: Image.Image) -> Image.Image:
    """Bring 16- and 32-bit grey to 0-255; Pillow's own conversion clips instead of scaling."""
    values = np.asarray(picture).astype(np.float64)
    top = 65535.0 if values.max(initial=0) > 255 else 255.0
    return Image.fromarray((values.clip(0, top) * (255.0 / top)).astype(np.uint8))
