import contextlib
import io
import warnings

import numpy as np
import pytest
from PIL import Image

from fer_core import images
from fer_core.errors import ImageError
from fer_core.images import open_picture, read_image, rgb_pixels

EXIF_ORIENTATION = 0x0112  # tag "Orientation", EXIF 2.32
TURNED = {  # orientation -> what a camera in that position stored
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture
def scene():
    """(40, 60, 3) uint8: every quarter has another colour."""
    quarters = np.array([[(200, 30, 30), (30, 200, 30)], [(30, 30, 200), (220, 220, 40)]], np.uint8)
    return quarters.repeat(20, axis=0).repeat(30, axis=1)


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("orientation", TURNED)
def test_pictures_are_turned_upright(scene, orientation):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    stored = Image.fromarray(scene).transpose(TURNED[orientation])
    read = read_image(encoded(stored, "JPEG", quality=95, subsampling=0, exif=exif))
    assert read.shape == scene.shape
    assert np.abs(read.astype(int) - scene).mean() < 6


def test_every_kind_of_source_gives_the_same_picture(scene, tmp_path):
    path = tmp_path / "scene.png"
    path.write_bytes(encoded(Image.fromarray(scene)))
    sources = [path, str(path), path.read_bytes(), Image.open(path), Image.fromarray(scene), scene]
    for source in sources:
        read = read_image(source)
        assert read.dtype == np.uint8
        np.testing.assert_array_equal(read, scene)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM"])
def test_common_formats_are_read(scene, kind):
    assert read_image(encoded(Image.fromarray(scene), kind)).shape == scene.shape


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "HSV"])
def test_every_mode_becomes_rgb(scene, mode):
    read = read_image(Image.fromarray(scene).convert("RGB").convert(mode))
    assert (read.shape, read.dtype) == (scene.shape, np.uint8)


def test_a_grey_picture_has_three_equal_channels():
    grey = np.arange(48 * 48, dtype=np.uint32).reshape(48, 48).astype(np.uint8)
    read = read_image(encoded(Image.fromarray(grey)))
    np.testing.assert_array_equal(read, np.stack([grey] * 3, axis=-1))


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), id="rgba"),
        pytest.param(Image.new("LA", (4, 4), (0, 0)), id="grey-with-alpha"),
        pytest.param(Image.new("PA", (4, 4), (0, 0)), id="palette-with-alpha"),
    ],
)
def test_transparency_is_laid_on_white(picture):
    assert (read_image(picture) == 255).all()


def test_half_transparency_is_mixed_with_white():
    read = read_image(encoded(Image.new("RGBA", (2, 2), (0, 0, 0, 128))))
    assert (abs(read.astype(int) - 127) <= 1).all()


def test_a_transparent_palette_colour_is_laid_on_white():
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 90, 80, 70])
    picture.putdata([0, 1])
    read = read_image(encoded(picture, transparency=0))
    assert read.tolist() == [[[255, 255, 255], [90, 80, 70]]]


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        pytest.param(np.uint16, [0, 32896, 65535], id="16-bit"),
        pytest.param(np.int32, [0, 32896, 65535], id="32-bit-integer"),
        pytest.param(np.int32, [0, 2**30, 2**31 - 1], id="more-than-16-bits"),
        pytest.param(np.float32, [0, 128, 255], id="float"),
        pytest.param(np.float32, [0, 0.503, 1], id="float-to-1"),
        pytest.param(np.float32, [0, 5.03e29, 1e30], id="float-beyond-measure"),
        pytest.param(np.float32, [np.nan, 0.503, np.inf, 1, -np.inf], id="not-finite"),
    ],
)
def test_deep_grey_is_scaled_not_clipped(dtype, values, tmp_path):
    path = tmp_path / "deep.tiff"
    Image.fromarray(np.array([values], dtype)).save(path)
    assert np.abs(read_image(path)[0, :3, 0].astype(int) - [0, 128, 255]).max() <= 1


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.full((3, 5), 7, np.uint8), id="grey"),
        pytest.param(np.full((3, 5, 1), 7, np.uint8), id="one-channel"),
        pytest.param(np.full((3, 5, 3), 7, np.uint8), id="rgb"),
        pytest.param(np.concatenate([np.full((3, 5, 3), 7), np.full((3, 5, 1), 255)], 2).astype(np.uint8), id="rgba"),
    ],
)
def test_arrays_become_rgb(array):
    read = read_image(array)
    assert read.shape == (3, 5, 3)
    assert (read == 7).all()


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.zeros((3, 5, 3)), id="float"),
        pytest.param(np.zeros((3, 5, 2), np.uint8), id="two-channels"),
        pytest.param(np.zeros((1, 3, 5, 3), np.uint8), id="batch"),
        pytest.param(np.zeros((0, 5, 3), np.uint8), id="empty"),
    ],
)
def test_arrays_of_another_kind_are_the_programmers_error(array):
    with pytest.raises(ValueError, match="received"):
        read_image(array)


def test_a_truncated_jpeg_is_refused_and_named(scene, tmp_path):
    whole = encoded(Image.fromarray(scene).resize((300, 200)), "JPEG")
    path = tmp_path / "holiday.jpg"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageError, match=r"'holiday.jpg' is damaged and cannot be read .*Get a fresh copy"):
        open_picture(path)


@pytest.mark.parametrize("length", range(0, 2000, 97))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF", "BMP"])
@pytest.mark.filterwarnings("ignore:Truncated File Read")
def test_a_picture_cut_anywhere_is_read_or_refused_as_a_picture(scene, kind, length):
    whole = encoded(Image.fromarray(scene), kind)
    with contextlib.suppress(ImageError):
        assert read_image(whole[: min(length, len(whole) - 1)]).shape == scene.shape


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"just text", "is not a picture that can be read", id="text-named-png"),
        pytest.param(b"", "is empty: it has 0 bytes", id="empty"),
        pytest.param(b"\x00" * 500, "is not a picture that can be read", id="zeros"),
        pytest.param(b"%PDF-1.7 a document", "is not a picture that can be read", id="document"),
        pytest.param(None, "does not exist. Check the path", id="missing"),
    ],
)
def test_what_is_no_picture_is_refused_and_named(tmp_path, content, sentence):
    path = tmp_path / "face.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError, match=f"'face.png' {sentence}"):
        read_image(path)


def test_a_folder_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ImageError, match=f"'{tmp_path.name}' is a folder, expected a picture"):
        open_picture(tmp_path)


@pytest.mark.parametrize("side", [pytest.param(11_000, id="over-our-limit"), pytest.param(20_000, id="over-pillows")])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path, side):
    path = tmp_path / "bomb.png"
    path.write_bytes(encoded(Image.new("1", (side, side))))
    assert path.stat().st_size < 100_000
    with pytest.raises(ImageError, match=r"'bomb.png' has .* pixels; at most 100 million can be read"):
        open_picture(path)


@pytest.mark.parametrize("size", [(1, 65_536), (9_000_000, 1)], ids=str)
def test_a_line_of_pixels_is_refused(size):
    with pytest.raises(ImageError, match="a side of at most 65,535 can be read"):
        read_image(encoded(Image.new("1", size)))


def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(scene):
    content = encoded(Image.fromarray(scene), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    many = content[:-2] + 200 * content[last:-2] + content[-2:]
    with pytest.raises(ImageError, match="stores its pixels in more than 200 steps"):
        read_image(many)
    np.testing.assert_array_equal(read_image(content + 300 * content[last:]), read_image(content))  # a phone's film


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "CMYK", "1", "F"])
def test_a_large_picture_taken_in_parts_is_the_same(monkeypatch, scene, mode):
    picture = Image.fromarray(scene).convert(mode)
    whole = rgb_pixels(picture)
    monkeypatch.setattr(images, "_TILE", 16)
    monkeypatch.setattr(images, "_AT_ONCE", 0)
    np.testing.assert_array_equal(rgb_pixels(picture), whole)


def test_the_largest_allowed_picture_raises_no_warning(monkeypatch, scene):
    monkeypatch.setattr(images, "MAX_PIXELS", scene.shape[0] * scene.shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_picture(encoded(Image.fromarray(scene))).size == (60, 40)
    with pytest.raises(ImageError, match="61 x 40 pixels"):
        open_picture(Image.fromarray(scene).resize((61, 40)))


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("GIF", {}), ("WEBP", {"lossless": True}), ("TIFF", {})])
def test_only_the_first_frame_of_an_animation_is_read(scene, kind, options):
    frames = [Image.fromarray(scene), Image.fromarray(255 - scene)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert np.abs(read_image(data).astype(int) - scene).max() <= 2  # a GIF chooses its own colours


def test_a_gif_with_a_transparent_colour_is_laid_on_white():
    picture = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    picture.paste((200, 0, 0, 255), (0, 0, 10, 10))
    read = read_image(encoded(picture, "GIF"))
    assert read[5, 15].tolist() == [255, 255, 255]
    assert read[5, 5].tolist() == [200, 0, 0]


@pytest.mark.parametrize("depth", ["RGB", "grey"])
def test_sixteen_bits_a_channel_keep_their_brightness(depth):
    import cv2

    grey = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    stored = np.dstack([grey] * 3) if depth == "RGB" else grey
    for kind in (".png", ".tiff"):
        read = read_image(cv2.imencode(kind, stored)[1].tobytes())
        assert np.abs(read[..., 1].astype(int) - grey / 257).max() <= 1


def test_the_colours_of_a_cmyk_jpeg_are_right_side_out(scene):
    read = read_image(encoded(Image.fromarray(scene).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(read.astype(int) - scene).mean() < 12


@pytest.mark.parametrize("size", [(30_000, 200), (1, 1), (1, 30_000)], ids=str)
def test_wide_and_tiny_pictures_are_read(size):
    assert read_image(encoded(Image.new("L", size, 90), "PNG", compress_level=1)).shape == (size[1], size[0], 3)


def test_a_wrong_ending_does_not_matter(scene, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(Image.fromarray(scene), "PNG"))
    np.testing.assert_array_equal(read_image(path), scene)


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_does_not_exist_leaves_the_picture_as_it_is(scene, orientation):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    assert read_image(encoded(Image.fromarray(scene), exif=exif)).shape == scene.shape


@pytest.mark.parametrize("place", range(8, 80, 6))
def test_damaged_exif_costs_no_picture(scene, place):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    exif[0x010E] = "a description"
    content = bytearray(encoded(Image.fromarray(scene), "JPEG", exif=exif))
    content[place : place + 2] = b"\xee\xee"
    with contextlib.suppress(ImageError):  # before the EXIF part lies what is needed
        assert sorted(read_image(bytes(content)).shape) == sorted(scene.shape)


def test_programs_that_draw_a_picture_are_not_run(tmp_path):
    path = tmp_path / "drawing.eps"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\nshowpage\n")
    with pytest.raises(ImageError, match="not a picture that can be read"):
        open_picture(path)


def test_an_array_that_comes_in_is_not_changed_by_what_is_done_to_the_result(scene):
    before = scene.copy()
    read_image(scene[:, :, :1])[:] = 0
    np.testing.assert_array_equal(scene, before)
