"""Reads one picture file for the index: its pixels and what there is to know about the file.

A path comes in and is read once; decoded pixels, size, mode, format, digest, file size and time go out. Nothing
that lies in a folder stops the reading: what is no regular file or no whole picture comes out without pixels.
"""

import contextlib
import errno
import hashlib
import io
import os
import stat
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from fer_core.dataset.indexing.pixel_room import PixelRoom
from fer_core.dataset.indexing.plain_pictures import decode_plain
from fer_core.errors import DatasetError, ImageError
from fer_core.images import open_picture, rgb_pixels

_MAX_FILE_BYTES = 2**30  # no picture that can be read is larger
# Files from this size on may hold large pictures. Two photos of a phone are decoded at a time, larger ones alone: that
# takes some 150 MB.
_SUSPECT_BYTES = 20_000
_LARGE_PIXELS = 1_000_000
_PIXELS_AT_A_TIME = 25_000_000
_room = PixelRoom(_PIXELS_AT_A_TIME)
_WHOLE_FACTORS = (8, 4, 2)
_BLOCKS = 6  # that many blocks, at least, make one pixel of the index
_STRIP_PIXELS = 1_000_000  # converted at a time
# Not the picture's fault: going on would call readable pictures unreadable.
_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
# A named pipe that nobody writes to would be waited for without O_NONBLOCK; Windows needs O_BINARY.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class ReadPicture(NamedTuple):
    """A file of a dataset.

    Args:
        pixels: (height, width) grey or (height, width, 3) RGB, uint8, 0-255, upright; None where it is unreadable.
        mode: As Pillow names it, such as `L`; "" where unreadable.
        format: As Pillow names it, such as `PNG`; "" where unreadable.
        digest: BLAKE2b of shape and pixels in hexadecimal digits; "" where unreadable.
        file_size: Bytes; 0 where there is no file.
        modified_ns: Time of its last change in nanoseconds since 1970; 0 where there is no file.
    """

    pixels: npt.NDArray[np.uint8] | None
    mode: str
    format: str
    digest: str
    file_size: int
    modified_ns: int


def read_picture(path: str, *, channels: int) -> ReadPicture:
    """Read a file's picture with 1 (grey) or 3 (RGB) channels; it never raises on account of the file.

    Raises:
        DatasetError: If the computer ran out of file handles or memory.
    """
    data, file_size, modified_ns = _read_file(path)
    with _room_for(data):
        pixels, mode, name = _decode(data, channels)
    if pixels is None:
        return ReadPicture(None, "", "", "", file_size, modified_ns)
    return ReadPicture(pixels, mode, name, _digest(pixels), file_size, modified_ns)


def fit(pixels: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Bring (height, width[, 3]) to (size, size[, 3]); a picture that is not square is squeezed."""
    if pixels.shape[:2] == (size, size):
        return pixels
    shrinks = min(pixels.shape[:2]) >= size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    pixels = _shrunk(pixels, size) if shrinks else pixels
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=method), dtype=np.uint8)


def _shrunk(pixels: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Average whole blocks of a large picture first: ten times as fast, and within two levels of averaging once."""
    height, width = pixels.shape[:2]
    for factor in _WHOLE_FACTORS:
        if height % factor == 0 == width % factor and min(height, width) >= factor * _BLOCKS * size:
            shape = (width // factor, height // factor)
            return np.asarray(cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


def _read_file(path: str) -> tuple[bytes, int, int]:
    """A file's bytes, size and time; no bytes where it is no regular file of a sensible size."""
    try:
        handle = os.open(path, _FLAGS)
        try:
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode):
                return b"", 0, 0
            if facts.st_size > _MAX_FILE_BYTES:
                return b"", facts.st_size, facts.st_mtime_ns
            data = os.read(handle, facts.st_size)
            while len(data) < facts.st_size and (more := os.read(handle, facts.st_size - len(data))):
                data += more
            return data, facts.st_size, facts.st_mtime_ns
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno in _SHORTAGES:
            raise DatasetError(f"The pictures cannot be read: {error}. Close other programs and try again.") from error
        return b"", 0, 0


def _decode(data: bytes, channels: int) -> tuple[npt.NDArray[np.uint8] | None, str, str]:
    """Pixels, mode and format."""
    plain = decode_plain(data)
    if plain is not None:
        return _with_channels(plain.pixels, channels, is_bgr=True), plain.mode, plain.format
    try:
        picture = open_picture(data)
        is_plain_colour = picture.mode == "RGB" and "transparency" not in picture.info
        if is_plain_colour and channels == 1:
            return _grey_by_strips(picture), picture.mode, picture.format or ""
        pixels = np.asarray(picture) if picture.mode == "L" else rgb_pixels(picture)
    except (ImageError, MemoryError):
        return None, "", ""
    return _with_channels(pixels, channels, is_bgr=False), picture.mode, picture.format or ""


def _grey_by_strips(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """(height, width) of an RGB picture; its pixels are never in memory a second time as a whole."""
    grey = np.empty((picture.height, picture.width), np.uint8)
    num_rows = max(1, _STRIP_PIXELS // picture.width)
    for top in range(0, picture.height, num_rows):
        bottom = min(top + num_rows, picture.height)
        strip = picture if num_rows >= picture.height else picture.crop((0, top, picture.width, bottom))
        grey[top:bottom] = cv2.cvtColor(np.asarray(strip), cv2.COLOR_RGB2GRAY)
    return grey


def _with_channels(pixels: npt.NDArray[np.uint8], channels: int, *, is_bgr: bool) -> npt.NDArray[np.uint8]:
    if pixels.ndim == 2:
        return pixels if channels == 1 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    if channels == 1:
        code = cv2.COLOR_BGR2GRAY if is_bgr else cv2.COLOR_RGB2GRAY
        return np.asarray(cv2.cvtColor(pixels, code), np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8) if is_bgr else pixels


def _digest(pixels: npt.NDArray[np.uint8]) -> str:
    height, width = pixels.shape[:2]
    colour = "" if pixels.ndim == 2 else "x3"
    digest = hashlib.blake2b(f"{width}x{height}{colour}:".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def _room_for(data: bytes) -> contextlib.AbstractContextManager[None]:
    num_pixels = _num_pixels(data) if len(data) >= _SUSPECT_BYTES else 0
    return _room.take(num_pixels) if num_pixels >= _LARGE_PIXELS else contextlib.nullcontext()


def _num_pixels(data: bytes) -> int:
    """Width times height of a file's picture; the most where its header cannot be read."""
    try:
        with Image.open(io.BytesIO(data)) as header:
            return header.width * header.height
    except Exception:  # Pillow's parsers raise anything on damaged data; `open_picture` says what
        return _PIXELS_AT_A_TIME
