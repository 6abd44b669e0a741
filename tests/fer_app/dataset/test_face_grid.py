import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fer_app.dataset.face_grid
from fer_app.dataset.face_grid import Tiles, draw_mosaic
from fer_app.dataset.face_grid.mosaic import MAX_SIDE

FOLDER = Path(fer_app.dataset.face_grid.__file__).parent


def _picture(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/jpeg;base64,")))))


@pytest.mark.parametrize(("side", "channels"), [(48, 1), (48, 3), (50, 1), (128, 3)])
@pytest.mark.parametrize("num_images", [1, 7, 20, 47, 240])
def test_every_tile_shows_its_picture_and_nothing_of_its_neighbours(num_images, side, channels):
    greys = np.random.default_rng(0).integers(0, 256, num_images)
    images = np.broadcast_to(greys[:, None, None, None], (num_images, side, side, channels)).astype(np.uint8)
    page, tiles = _picture(draw_mosaic(images)), Tiles.for_images(num_images)
    height, width = page.shape[0] // tiles.rows, page.shape[1] // tiles.columns
    assert height == width <= MAX_SIDE
    for position, grey in enumerate(greys):
        top, left = position // tiles.columns * height, position % tiles.columns * width
        tile = page[top : top + height, left : left + width].astype(int)
        assert abs(tile - grey).max() <= 4


def test_a_page_of_240_faces_stays_below_a_megabyte():
    noise = np.random.default_rng(0).integers(0, 256, (240, 48, 48, 1), dtype=np.uint8)
    assert len(draw_mosaic(noise)) < 1_000_000


def test_the_grid_fetches_nothing_and_builds_no_markup_from_names():
    text = "".join(path.read_text("utf-8") for path in sorted(FOLDER.iterdir()) if path.suffix in (".js", ".css"))
    assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|eval\(", text)
