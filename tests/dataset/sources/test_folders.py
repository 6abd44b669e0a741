import os
import sys
import unicodedata
from pathlib import Path, PurePosixPath

import pytest

from fer_core.dataset.sources.folders import is_picture_name, read_class_folders
from fer_core.errors import DatasetError
from tests.dataset.pictures import write_class_folders, write_picture


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param(
            ["train/happy", "train/sad", "test/happy"],
            {("train", "happy"), ("train", "sad"), ("test", "happy")},
            id="split-and-label",
        ),
        pytest.param(["happy", "sad"], {("train", "happy"), ("train", "sad")}, id="label-only"),
        pytest.param(["test/happy", "test/sad"], {("test", "happy"), ("test", "sad")}, id="one-split"),
        pytest.param(
            ["a/b/Training/Happy", "a/b/Training/SAD", "a/b/Validation/happy"],
            {("train", "Happy"), ("train", "SAD"), ("validation", "happy")},
            id="nested-and-capital",
        ),
        pytest.param(
            ["PublicTest/yes", "PrivateTest/no", "train/yes"],
            {("public_test", "yes"), ("private_test", "no"), ("train", "yes")},
            id="published-splits",
        ),
        pytest.param(
            ["happy/train", "happy/Test", "sad/train"],
            {("train", "happy"), ("test", "happy"), ("train", "sad")},
            id="label-before-split",
        ),
        pytest.param(
            ["Fold 1/happy", "Fold 2/sad", "Fold 2/happy"],
            {("fold_1", "happy"), ("fold_2", "sad"), ("fold_2", "happy")},
            id="splits-of-ones-own",
        ),
        pytest.param(["train/Ärger", "train/喜び"], {("train", "Ärger"), ("train", "喜び")}, id="other-alphabets"),
    ],
)
def test_split_and_label_come_from_the_folders(
    tmp_path: Path, places: list[str], expected: set[tuple[str, str]]
) -> None:
    table = read_class_folders(write_class_folders(tmp_path / "faces", places))
    assert set(zip(table["split"], table["label"], strict=True)) == expected
    assert len(table) == 3 * len(places)
    assert all((tmp_path / "faces" / path).is_file() for path in table["path"])


@pytest.mark.parametrize(
    ("prefixes", "expected"),
    [
        pytest.param(("PublicTest_", "PrivateTest_"), {"public_test": 2, "private_test": 2}, id="both"),
        pytest.param(("PublicTest_",), {"test": 2}, id="public-only"),
        pytest.param(("PrivateTest_", "Training_"), {"test": 4}, id="private-only"),
        pytest.param(
            ("PublicTest_", "PrivateTest_", "Training_", "other_"),
            {"public_test": 2, "private_test": 2, "train": 2, "test": 2},
            id="all-in-one",
        ),
    ],
)
def test_fer2013s_prefixes_divide_a_folder_only_where_both_tests_occur(
    tmp_path: Path, prefixes: tuple[str, ...], expected: dict[str, int]
) -> None:
    for label in ("happy", "sad"):
        write_picture(tmp_path / "train" / label / "PublicTest_0.png", seed=0)
        for prefix in prefixes:
            write_picture(tmp_path / "test" / label / f"{prefix}1.png", seed=1)
    counts = read_class_folders(tmp_path)["split"].value_counts().to_dict()
    counts["train"] -= 2  # the train folder has one prefix only and stays whole
    assert {split: count for split, count in counts.items() if count} == expected


def test_a_label_is_composed_however_its_folder_is_stored(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "Ärger")
    table = read_class_folders(write_class_folders(tmp_path, [apart, "喜び"]))
    assert set(table["label"]) == {"Ärger", "喜び"}
    assert all((tmp_path / path).is_file() for path in table["path"])


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="the file system refuses such names")
def test_names_that_are_no_text_are_left_out_and_told(tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path, ["happy", "sad"])
    source = folder / "happy" / "0.png"
    source.rename(os.fsdecode(os.fsencode(folder / "happy") + b"/\xff.png"))
    notes: list[str] = []
    assert len(read_class_folders(folder, on_note=notes.append)) == 5
    assert "not valid text" in notes[0]


def test_a_few_deeper_pictures_do_not_hide_the_classes(tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "faces", ["set/happy", "set/sad", "set/sad/backup", "docs"])
    notes: list[str] = []
    table = read_class_folders(folder, on_note=notes.append)
    assert (set(table["label"]), len(table)) == ({"happy", "sad"}, 6)
    assert notes == ["6 pictures of 'faces' are left out: they are in no class folder."]


def test_stray_and_hidden_pictures_are_left_out(tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/sad"])
    write_picture(folder / "cover.png", seed=1)
    write_picture(folder / "train" / "stray.png", seed=2)
    write_picture(folder / "__MACOSX" / "train" / "happy" / "0.png", seed=3)
    write_picture(folder / "train" / "happy" / "._0.png", seed=4)
    assert len(read_class_folders(folder)) == 9


@pytest.mark.parametrize(
    ("places", "said"),
    [
        pytest.param([], "no pictures", id="empty"),
        pytest.param(["."], "but no folders", id="flat"),
        pytest.param(["train/happy"], "only the class 'happy'", id="one-class"),
        pytest.param(["train", "test"], "right in the folders of its splits", id="splits-without-classes"),
        pytest.param(["cats/anna/left", "dogs/ben/right"], "too deeply", id="too-deep"),
    ],
)
def test_a_folder_without_classes_says_what_was_expected(tmp_path: Path, places: list[str], said: str) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    write_class_folders(folder, places)
    with pytest.raises(DatasetError, match=said) as caught:
        read_class_folders(folder)
    assert "train/<label>" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b.PNG", True), ("b.jpeg", True), ("notes.txt", False), (".hidden.png", False), ("__MACOSX/b.png", False)],
)
def test_pictures_are_known_by_their_names(name: str, expected: bool) -> None:
    assert is_picture_name(PurePosixPath(name)) is expected


def test_folders_of_persons_inside_a_class_are_looked_into(tmp_path: Path) -> None:
    places = ["train/happy/2.png", "train/happy/anna/1.png", "train/sad/anna/day 2/1.png", "test/sad/ben/1.png"]
    for seed, place in enumerate([*places, "test/happy/ben/3.png"]):
        write_picture(tmp_path / place, seed=seed)
    table = read_class_folders(tmp_path)
    assert set(table["path"]) == {*places, "test/happy/ben/3.png"}
    assert table.groupby(["split", "label"]).size().to_dict() == {
        ("test", "happy"): 1, ("test", "sad"): 1, ("train", "happy"): 2, ("train", "sad"): 1,
    }  # fmt: skip
