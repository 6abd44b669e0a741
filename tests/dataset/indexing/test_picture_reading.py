import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_core.dataset.indexing.picture_reading import fit, read_picture
from fer_core.errors import DatasetError
from fer_core.images import read_image
from tests.dataset.pictures import write_picture

EXIF_ORIENTATION = 0x0112


def saved(path: Path, picture: Image.Image, **options) -> str:
    picture.save(path, **options)
    return str(path)


def gradient(mode: str = "L", size: tuple[int, int] = (60, 40)) -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def test_size_and_time_of_the_file_are_known_even_where_it_is_no_picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    os.utime(path, ns=(5, 1_234_567_890_123_456_789))
    picture = read_picture(str(path), channels=1)
    assert picture == (None, "", "", "", 10, 1_234_567_890_123_456_789)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xd9", b"GIF89a", b"P5 99999 99999 255 ", b"\0" * 999, b"RIFF    WEBP"],
    ids=["empty", "png-start", "jpeg-start", "gif-start", "pgm-without-pixels", "zeros", "webp-start"],
)
def test_what_is_no_picture_is_unreadable(tmp_path, content):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert read_picture(str(path), channels=1).pixels is None


def test_a_picture_cut_in_the_middle_is_unreadable(tmp_path):
    for name in ("a.png", "a.jpg"):
        path = write_picture(tmp_path / name, seed=1)
        path.write_bytes(path.read_bytes()[:-200])
        assert read_picture(str(path), channels=1).pixels is None


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_unreadable(tmp_path):
    path = saved(tmp_path / "bomb.png", Image.new("1", (11_000, 11_000)))
    assert read_picture(path, channels=1).pixels is None


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are files on Unix only")
def test_a_named_pipe_does_not_stop_the_reading(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    assert read_picture(str(tmp_path / "a.png"), channels=1).pixels is None


@pytest.mark.parametrize("place", ["missing.png", "folder.png"])
def test_what_is_no_file_is_unreadable(tmp_path, place):
    (tmp_path / "folder.png").mkdir()
    assert read_picture(str(tmp_path / place), channels=1) == (None, "", "", "", 0, 0)


@pytest.mark.parametrize(
    ("name", "picture", "mode", "kind"),
    [
        pytest.param("a.png", gradient("P"), "P", "PNG", id="palette"),
        pytest.param("a.png", gradient("LA"), "LA", "PNG", id="alpha"),
        pytest.param("a.png", Image.fromarray(np.full((40, 60), 40_000, np.uint16)), "I;16", "PNG", id="16-bit"),
        pytest.param("a.jpg", gradient("CMYK"), "CMYK", "JPEG", id="cmyk"),
        pytest.param("a.png", gradient("1"), "1", "PNG", id="1-bit"),
        pytest.param("a.bmp", gradient("RGB"), "RGB", "BMP", id="bmp"),
        pytest.param("a.webp", gradient("RGB"), "RGB", "WEBP", id="webp"),
        pytest.param("a.tif", gradient("L"), "L", "TIFF", id="tiff"),
        pytest.param("a.jpg", gradient("L"), "L", "JPEG", id="jpeg"),
        pytest.param("a.png", gradient("RGB"), "RGB", "PNG", id="png"),
    ],
)
def test_every_kind_of_picture_is_read_with_its_mode_and_format(tmp_path, name, picture, mode, kind):
    path = saved(tmp_path / name, picture)
    grey, colour = (read_picture(path, channels=channels) for channels in (1, 3))
    assert (grey.mode, grey.format) == (colour.mode, colour.format) == (mode, kind)
    assert grey.pixels.shape == (40, 60)
    np.testing.assert_array_equal(colour.pixels, read_image(path))


def test_the_first_frame_of_an_animation_is_read(tmp_path):
    path = saved(tmp_path / "a.gif", gradient(), save_all=True, append_images=[Image.new("L", (60, 40))])
    np.testing.assert_array_equal(read_picture(path, channels=3).pixels, read_image(path))


def test_a_turned_photo_is_upright(tmp_path):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    path = saved(tmp_path / "a.jpg", gradient("RGB"), exif=exif)
    picture = read_picture(path, channels=1)
    assert (picture.pixels.shape, picture.format) == ((60, 40), "JPEG")


def test_the_digest_knows_pixels_not_files(tmp_path):
    picture = gradient("RGB")
    paths = [saved(tmp_path / name, picture) for name in ("a.png", "b.bmp")]
    paths.append(saved(tmp_path / "c.png", picture, optimize=True))
    for channels in (1, 3):
        assert len({read_picture(path, channels=channels).digest for path in paths}) == 1
    other = saved(tmp_path / "d.png", picture.resize((40, 60)))
    assert read_picture(other, channels=1).digest != read_picture(paths[0], channels=1).digest


@pytest.mark.parametrize("size", [(1, 1), (20_000, 10), (3, 500), (48, 48)], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_any_shape_are_brought_to_the_index_size(tmp_path, size, channels):
    path = saved(tmp_path / "a.png", Image.new("RGB", size, (200, 200, 200)))
    fitted = fit(read_picture(path, channels=channels).pixels, 48)
    assert fitted.shape[:2] == (48, 48)
    assert (fitted == 200).all()


def test_running_out_of_file_handles_makes_no_picture_unreadable(tmp_path, monkeypatch):
    def open_none(*_: object) -> int:
        raise OSError(24, "Too many open files")

    path = str(write_picture(tmp_path / "a.png", seed=1))
    monkeypatch.setattr(os, "open", open_none)
    with pytest.raises(DatasetError, match="Too many open files"):
        read_picture(path, channels=1)


@pytest.mark.parametrize("size", [(1100, 1300), (65_535, 30)], ids=["photo", "strip"])
def test_a_large_photo_is_read_as_a_small_one_is(tmp_path, size):
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    path = saved(tmp_path / "a.bmp", Image.fromarray(noise))
    expected = cv2.cvtColor(noise, cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(read_picture(path, channels=1).pixels, expected)
    np.testing.assert_array_equal(read_picture(path, channels=3).pixels, noise)


@pytest.mark.parametrize("shape", [(1200, 1600), (2400, 3200, 3), (600, 620), (97, 96)], ids=str)
def test_large_pictures_are_averaged(shape):
    pixels = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8), (9, 9), 3)
    at_once = cv2.resize(pixels, (48, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(fit(pixels, 48).astype(int) - at_once).max() <= 2
