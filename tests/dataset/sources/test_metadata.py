from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset.sources.metadata import join_metadata
from fer_core.errors import DatasetError

PATHS = ["train/happy/1.png", "train/sad/1.png", "test/happy/ä 2.png", "test/sad/3.png"]


@pytest.fixture
def pictures() -> pd.DataFrame:
    return pd.DataFrame({"path": PATHS, "label": ["happy", "sad", "happy", "sad"]})


def write(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    file = folder / "people.csv"
    file.write_text("\n".join(lines), encoding=encoding)
    return file


def test_groups_land_beside_their_pictures_as_text(pictures: pd.DataFrame, tmp_path: Path) -> None:
    file = write(
        tmp_path, "path,subject,self-declared group", "train/happy/1.png,007,", "3.png,NA,a\u0308", "x.png,1,b"
    )
    notes: list[str] = []
    joined = join_metadata(pictures, file, on_note=notes.append)
    assert list(joined["subject"]) == ["007", "", "", "NA"]
    assert list(joined["self-declared group"]) == ["", "", "", "ä"]
    assert list(joined["path"]) == PATHS
    assert notes == [
        "1 of 3 rows of 'people.csv' fit no picture, or more than one.",
        "'people.csv' says nothing about 2 pictures; their groups are empty.",
    ]


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("train/sad/1.png", 1),
        ("sad/1.png", 1),
        ("./train/sad/1.png", 1),
        ("train\\sad\\1.png", 1),
        ("a\u0308 2.png", 2),
        ("1.png", None),
        ("happy/1", None),
        ("other/train/sad/1.png", None),
        ("", None),
    ],
)
def test_a_path_means_one_picture_or_none(pictures: pd.DataFrame, tmp_path: Path, path: str, row: int | None) -> None:
    joined = join_metadata(pictures, write(tmp_path, "path,who", f"{path},me", "3.png,you"))
    assert list(joined["who"]) == ["me" if number == row else "" for number in range(3)] + ["you"]


def test_what_a_spreadsheet_writes_is_read(pictures: pd.DataFrame, tmp_path: Path) -> None:
    file = write(tmp_path, '"path", "who"', '"3.png", "a, b"', encoding="utf-8-sig")
    assert join_metadata(pictures, file)["who"].iloc[3] == "a, b"


def test_a_column_may_be_called_group(pictures: pd.DataFrame, tmp_path: Path) -> None:
    assert join_metadata(pictures, write(tmp_path, "path,group", "3.png,a"))["group"].iloc[3] == "a"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(["file,who", "3.png,me"], "Expected a column path", id="no-path"),
        pytest.param(["path", "3.png"], "at least one of groups", id="no-groups"),
        pytest.param(["path,label", "3.png,sad"], "'label', a name that", id="reserved"),
        pytest.param(["path,Digest", "3.png,x"], "'Digest', a name that", id="reserved-in-capitals"),
        pytest.param(["path,p_happy", "3.png,x"], "'p_happy', a name that", id="probabilities"),
        pytest.param(["path,who,Who", "3.png,a,b"], "under one name", id="twice-a-name"),
        pytest.param(["path,who"], "no rows", id="empty-table"),
        pytest.param([""], "no CSV table", id="empty-file"),
        pytest.param(["path,who", "a,b,c,d", "e,f,g"], "no CSV table|None of the", id="ragged"),
        pytest.param(["path,who", "x.png,me", "1.png,me"], "None of the 2 rows", id="no-partner"),
        pytest.param(["path,who", "3.png,a", "test/sad/3.png,b"], "different things", id="contradiction"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    pictures: pd.DataFrame, tmp_path: Path, lines: list[str], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        join_metadata(pictures, write(tmp_path, *lines))


def test_a_missing_or_binary_file_is_refused(pictures: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        join_metadata(pictures, tmp_path / "nothing.csv")
    (tmp_path / "people.csv").write_bytes(b"\xff\xfe\x00path")
    with pytest.raises(DatasetError, match="no CSV table"):
        join_metadata(pictures, tmp_path / "people.csv")


def test_saying_the_same_twice_is_no_contradiction(pictures: pd.DataFrame, tmp_path: Path) -> None:
    joined = join_metadata(pictures, write(tmp_path, "path,who", "3.png,a", "test/sad/3.png,a"))
    assert list(joined["who"]) == ["", "", "", "a"]
