import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core.dataset.folders import read_class_folders
from fer_core.dataset.index import DatasetIndex, open_index
from fer_core.dataset.index_building import build_index
from fer_core.errors import DatasetError
from tests.dataset.pictures import write_class_folders, write_picture


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    folder = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy", "test/sad"])
    write_picture(folder / "train/happy/wide.png", seed=7, size=(120, 60), mode="RGB")
    (folder / "train/sad/broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not really")
    return folder


def index_of(faces: Path, into: Path) -> DatasetIndex:
    into.mkdir()
    return build_index(read_class_folders(faces), faces, into)


def test_every_picture_has_a_row_and_row_i_is_image_i(faces: Path, tmp_path: Path) -> None:
    index = index_of(faces, tmp_path / "index")
    assert len(index.table) == len(index.images) == 14
    assert index.images.shape[1:] == (48, 48, 1)
    assert index.images.dtype == np.uint8
    assert [*index.table["image_id"]] == [*range(14)]
    for row in index.select().itertuples():
        if (row.width, row.height) == (48, 48):
            assert np.array_equal(index.images[row.image_id, ..., 0], np.asarray(Image.open(faces / row.path)))


def test_an_unreadable_picture_keeps_its_row_with_zeros(faces: Path, tmp_path: Path) -> None:
    index = index_of(faces, tmp_path / "index")
    (row,) = index.select(readable=False).itertuples()
    assert row.path == "train/sad/broken.jpg"
    assert not index.images[row.image_id].any()
    assert index.counts().loc["sad", "train"] == 3


def test_original_size_and_mode_are_kept_in_the_table(faces: Path, tmp_path: Path) -> None:
    table = index_of(faces, tmp_path / "index").table.set_index("path")
    assert tuple(table.loc["train/happy/wide.png", ["width", "height", "mode"]]) == (120, 60, "RGB")


def test_the_fingerprint_knows_content_but_not_place(faces: Path, tmp_path: Path) -> None:
    first = index_of(faces, tmp_path / "index")
    moved = shutil.copytree(faces, tmp_path / "elsewhere" / "copy")
    second = index_of(moved, tmp_path / "index2")
    assert first.fingerprint == second.fingerprint == open_index(tmp_path / "index").fingerprint
    write_picture(moved / "train/sad/0.png", seed=99)
    assert index_of(moved, tmp_path / "index3").fingerprint != first.fingerprint


def test_an_unknown_split_lists_the_known_ones(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="test, train"):
        index_of(faces, tmp_path / "index").select(split="validation")


def test_pictures_of_which_none_can_be_read_are_no_dataset(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    for label in ("happy", "sad"):
        (folder / label).mkdir(parents=True)
        (folder / label / "0.png").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match="only 0 can be read"):
        index_of(folder, tmp_path / "index")


@pytest.mark.parametrize("damage", ["index.parquet", "images.npy"])
def test_a_damaged_index_says_what_to_do(faces: Path, tmp_path: Path, damage: str) -> None:
    index_of(faces, tmp_path / "index")
    path = tmp_path / "index" / damage
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DatasetError, match="add it again"):
        open_index(tmp_path / "index")
