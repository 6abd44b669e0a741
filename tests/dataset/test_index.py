import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer_core.dataset.index import DatasetIndex, IndexSettings, open_index
from fer_core.dataset.indexing.building import build_index
from fer_core.dataset.sources.folders import read_class_folders
from fer_core.errors import DatasetError
from tests.dataset.pictures import write_class_folders, write_picture


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    folder = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy", "test/sad"])
    write_picture(folder / "train/happy/wide.png", seed=7, size=(120, 60), mode="RGB")
    (folder / "train/sad/broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not really")
    return folder


def index_of(faces: Path, into: Path, settings: IndexSettings | None = None) -> DatasetIndex:
    into.mkdir()
    return build_index(read_class_folders(faces), faces, into, settings=settings)


@pytest.fixture
def index(faces: Path, tmp_path: Path) -> DatasetIndex:
    return index_of(faces, tmp_path / "index")


def table_with(splits: list[str], labels: list[str]) -> DatasetIndex:
    table = pd.DataFrame({"split": splits, "label": labels, "readable": True})
    return DatasetIndex(table, np.zeros((len(table), 48, 48, 1), np.uint8))


def test_every_picture_has_a_row_and_row_i_is_image_i(faces: Path, index: DatasetIndex) -> None:
    assert len(index.table) == len(index.images) == 14
    assert index.images.shape[1:] == (48, 48, 1)
    assert index.images.dtype == np.uint8
    assert [*index.table["image_id"]] == [*range(14)]
    for row in index.select().itertuples():
        if (row.width, row.height) == (48, 48):
            assert np.array_equal(index.images[row.image_id, ..., 0], np.asarray(Image.open(faces / row.path)))


def test_an_unreadable_picture_keeps_its_row_with_zeros(index: DatasetIndex) -> None:
    (row,) = index.select(readable=False).itertuples()
    assert row.path == "train/sad/broken.jpg"
    assert not index.images[row.image_id].any()
    assert (row.width, row.mode, row.format, row.digest, row.perceptual_hash, row.sharpness) == (0, "", "", "", 0, 0)
    assert row.file_size == 15
    assert index.counts().loc["sad", "train"] == 3


def test_what_is_known_of_the_file_is_in_the_table(faces: Path, index: DatasetIndex) -> None:
    row = index.table.set_index("path").loc["train/happy/wide.png"]
    assert tuple(row[["width", "height", "mode", "format"]]) == (120, 60, "RGB", "PNG")
    stat = (faces / "train/happy/wide.png").stat()
    assert (row["file_size"], row["modified_ns"]) == (stat.st_size, stat.st_mtime_ns)


def test_measures_are_of_the_pixels_in_the_index(index: DatasetIndex) -> None:
    flat = index.images.reshape(len(index.images), -1)
    np.testing.assert_allclose(index.table["brightness"], flat.mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(index.table["contrast"], flat.std(axis=1), rtol=1e-5)
    assert index.table["perceptual_hash"].dtype == np.uint64


def test_size_and_channels_are_settings(faces: Path, tmp_path: Path) -> None:
    index = index_of(faces, tmp_path / "index", IndexSettings(image_size=32, channels=3))
    assert index.images.shape == (14, 32, 32, 3)
    assert open_index(tmp_path / "index").settings == IndexSettings(image_size=32, channels=3)
    assert index.select(readable=False)["path"].tolist() == ["train/sad/broken.jpg"]


@pytest.mark.parametrize("settings", [{"image_size": 4}, {"image_size": 1000}, {"channels": 2}], ids=str)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(DatasetError, match="not"):
        IndexSettings(**settings)


def test_the_fingerprint_knows_content_but_not_place(faces: Path, tmp_path: Path, index: DatasetIndex) -> None:
    moved = shutil.copytree(faces, tmp_path / "elsewhere" / "copy")
    second = index_of(moved, tmp_path / "index2")
    assert index.fingerprint == second.fingerprint == open_index(tmp_path / "index").fingerprint
    write_picture(moved / "train/sad/0.png", seed=99)
    assert index_of(moved, tmp_path / "index3").fingerprint != index.fingerprint


def test_the_fingerprint_of_a_dataset_stays_what_it_was(index: DatasetIndex) -> None:
    """Model packages and evaluations name their data by it."""
    table = pd.DataFrame({"path": ["b", "a"], "split": "train", "label": ["x", "y"], "digest": ["2", "1"]})
    index = DatasetIndex(table.assign(readable=True), index.images)
    assert index.fingerprint == "4d07053ae4ccdf17010370fcbf37e98677cc326a6998006697bd09b80e26699f"


def test_an_unknown_split_lists_the_known_ones(index: DatasetIndex) -> None:
    with pytest.raises(DatasetError, match="test, train"):
        index.select(split="validation")


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        (["train", "public_test", "private_test"], ["public_test", "private_test"]),
        (["train", "public_test", "train"], ["public_test"]),
        (["test", "public_test", "private_test"], ["test"]),
    ],
    ids=["both-parts", "one-part", "an-exact-name-wins"],
)
def test_test_means_both_halves_of_fer2013s_test(splits: list[str], expected: list[str]) -> None:
    index = table_with(splits, ["a", "b", "a"])
    assert index.select(split="test")["split"].tolist() == expected


def test_excluded_pictures_count_nowhere_but_keep_their_rows(index: DatasetIndex) -> None:
    without = index.without(index.select(label="sad", split="test")["image_id"])
    assert without.counts().loc["sad", "test"] == 0
    assert without.fingerprint != index.fingerprint
    assert len(without.select(readable=None)) == 14
    assert len(without.select()) == 10
    assert without.without([0]).table["excluded"].sum() == 4
    assert "excluded" not in index.table


def test_labels_read_as_others_count_as_these(index: DatasetIndex) -> None:
    view = index.with_labels({"sad": "happy", "fear": ""})
    assert {"sad", "fear"}.isdisjoint(view.class_names)
    both = index.counts().loc[["sad", "happy"]].sum()
    assert view.counts().loc["happy"].tolist() == both.tolist()
    assert len(view.table) == len(index.table)
    assert view.fingerprint != index.fingerprint == index.with_labels({}).fingerprint


def test_a_class_and_a_split_without_usable_pictures_are_gone() -> None:
    index = table_with(["train", "train", "test"], ["happy", "sad", "sad"]).without([1, 2])
    assert index.class_names == ("happy",)
    assert index.splits == ("train",)
    assert index.select(split="test").empty


def test_pictures_of_which_none_can_be_read_are_no_dataset(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    for label in ("happy", "sad"):
        (folder / label).mkdir(parents=True)
        (folder / label / "0.png").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match="only 0 can be read"):
        index_of(folder, tmp_path / "index")
    assert list((tmp_path / "index").iterdir()) == []


@pytest.mark.parametrize("damage", ["index.parquet", "images.npy", "index.json"])
def test_a_damaged_index_says_what_to_do(index: DatasetIndex, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "index" / damage
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(DatasetError, match="add it again"):
        open_index(tmp_path / "index")


def test_an_index_of_another_version_says_what_to_do(index: DatasetIndex, tmp_path: Path) -> None:
    path = tmp_path / "index/index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 1}))
    with pytest.raises(DatasetError, match="version 1 instead of 2"):
        open_index(tmp_path / "index")


def test_an_index_of_an_earlier_version_says_what_to_do(index: DatasetIndex, tmp_path: Path) -> None:
    (tmp_path / "index/index.json").unlink()
    with pytest.raises(DatasetError, match=r"made by an earlier version\. Index the dataset again"):
        open_index(tmp_path / "index")
