import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from fer_core.dataset.indexing.plain_pictures import decode_plain

EXIF_ORIENTATION = 0x0112


def scene(height: int, width: int, mode: str, seed: int = 0) -> Image.Image:
    """Coloured clouds with hard edges, which JPEG finds difficult."""
    noise = np.random.default_rng(seed).integers(0, 256, (height // 5 + 2, width // 5 + 2, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    picture.paste((255, 0, 0), (0, 0, width // 3, height // 3))
    return picture.convert(mode)


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def note(**texts: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword, text)
    return info


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(48, 48), (1, 1), (17, 90), (130, 61)], ids=str)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("PNG", {}, id="png"),
        pytest.param("PNG", {"optimize": True, "dpi": (72, 72)}, id="png-with-resolution"),
        pytest.param("JPEG", {"quality": 95, "subsampling": 0}, id="jpeg-full-colour"),
        pytest.param("JPEG", {"quality": 60, "subsampling": 1}, id="jpeg-half-colour"),
        pytest.param("JPEG", {"quality": 12, "subsampling": 2, "progressive": True}, id="jpeg-progressive"),
        pytest.param("JPEG", {"quality": 75, "restart_marker_rows": 1, "comment": b"hello"}, id="jpeg-with-restarts"),
    ],
)
def test_pixels_are_those_that_pillow_decodes(kind, options, size, mode):
    data = encoded(scene(*size, mode), kind, **options)
    plain = decode_plain(data)
    expected = Image.open(io.BytesIO(data))
    assert (plain.mode, plain.format) == (expected.mode, expected.format)
    rgb = plain.pixels if mode == "L" else plain.pixels[..., ::-1]
    np.testing.assert_array_equal(rgb, np.asarray(expected))


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param((b"gAMA", struct.pack(">I", 10_000)), id="gamma"),
        pytest.param((b"sRGB", b"\0"), id="srgb"),
        pytest.param((b"cHRM", struct.pack(">8I", *[31_000] * 8)), id="primaries"),
        pytest.param((b"bKGD", struct.pack(">3H", 9, 9, 9)), id="background"),
        pytest.param((b"sBIT", b"\5\5\5"), id="significant-bits"),
        pytest.param((b"iCCP", b"icc\0\0" + zlib.compress(bytes(200))), id="icc-profile"),
    ],
)
def test_notes_on_colour_change_no_pixel(chunk):
    data = encoded(scene(9, 9, "RGB"), "PNG")
    kind, content = chunk
    noted = data[:33] + struct.pack(">I", len(content)) + kind + content
    noted += struct.pack(">I", zlib.crc32(kind + content)) + data[33:]
    expected = np.asarray(Image.open(io.BytesIO(noted)))
    np.testing.assert_array_equal(decode_plain(noted).pixels[..., ::-1], expected)


def turned(kind: str) -> bytes:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    return encoded(scene(20, 30, "RGB"), kind, exif=exif)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(turned("JPEG"), id="turned-jpeg"),
        pytest.param(turned("PNG"), id="turned-png"),
        pytest.param(
            encoded(scene(9, 9, "L"), "PNG", pnginfo=note(**{"Raw profile type exif": "x"})), id="hidden-exif"
        ),
        pytest.param(encoded(scene(9, 9, "RGB"), "JPEG", xmp=b"<x tiff:Orientation='6'/>"), id="turned-by-xmp"),
        pytest.param(encoded(scene(9, 9, "CMYK"), "JPEG"), id="cmyk"),
        pytest.param(encoded(scene(9, 9, "P"), "PNG"), id="palette"),
        pytest.param(encoded(scene(9, 9, "RGBA"), "PNG"), id="alpha"),
        pytest.param(encoded(scene(9, 9, "RGB"), "PNG", transparency=(255, 0, 0)), id="transparent-colour"),
        pytest.param(encoded(Image.fromarray(np.zeros((9, 9), np.uint16)), "PNG"), id="16-bit"),
        pytest.param(encoded(scene(9, 9, "1"), "PNG"), id="1-bit"),
        pytest.param(encoded(scene(9, 9, "L"), "PNG", save_all=True, append_images=[scene(9, 9, "L", 1)]), id="apng"),
        pytest.param(encoded(scene(9, 9, "RGB"), "BMP"), id="bmp"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_needs_a_closer_look_is_left_to_pillow(data):
    assert decode_plain(data) is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_file_cut_anywhere_is_left_to_pillow(kind, capfd):
    data = encoded(scene(40, 40, "RGB"), kind)
    assert [length for length in range(len(data)) if decode_plain(data[:length]) is not None] == []


def test_a_png_with_one_wrong_byte_is_left_to_pillow():
    data = encoded(scene(40, 40, "L"), "PNG")
    for at in range(16, len(data) - 12, 7):
        assert decode_plain(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]) is None


def test_a_text_chunk_changes_nothing():
    data = encoded(scene(9, 9, "L"), "PNG", pnginfo=note(Software="a camera"))
    np.testing.assert_array_equal(decode_plain(data).pixels, np.asarray(Image.open(io.BytesIO(data))))


def test_a_picture_of_too_many_pixels_is_not_decoded(monkeypatch):
    monkeypatch.setattr(cv2, "imdecode", None)
    assert decode_plain(encoded(Image.new("L", (11_000, 11_000)), "PNG")) is None
