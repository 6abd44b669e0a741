from pathlib import Path, PurePosixPath

import pytest

from fer_core.dataset.folders import is_picture_name, read_class_folders
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
            {("train", "happy"), ("train", "sad"), ("validation", "happy")},
            id="nested-and-capital",
        ),
        pytest.param(
            ["PublicTest/yes", "PrivateTest/no", "train/yes"],
            {("public_test", "yes"), ("private_test", "no"), ("train", "yes")},
            id="published-splits",
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
        pytest.param(["happy/anna/left", "sad/ben/right"], "too deeply", id="too-deep"),
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
