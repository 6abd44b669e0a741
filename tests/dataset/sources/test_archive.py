import stat
import zipfile
from pathlib import Path

import pytest

from fer_core.dataset import add_dataset, list_datasets
from fer_core.dataset.sources.archive import unpack_archive
from fer_core.errors import ArchiveError, Cancelled, DatasetError
from tests.dataset.pictures import write_class_folders, zip_folder


@pytest.fixture
def good_zip(tmp_path: Path) -> Path:
    folder = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy"])
    return zip_folder(folder, tmp_path / "faces.zip", below="download/faces")


def with_entry(good: Path, entry: zipfile.ZipInfo | str, data: bytes = b"x") -> Path:
    with zipfile.ZipFile(good, "a") as opened:
        opened.writestr(entry, data)
    return good


def link_entry() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("train/happy/link.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_a_zip_becomes_a_dataset_and_its_source_is_untouched(fer_home: Path, good_zip: Path) -> None:
    before = good_zip.read_bytes()
    steps: list[tuple[int, int]] = []
    dataset = add_dataset(good_zip, on_progress=lambda done, total, words: steps.append((done, total)))
    assert dataset.name == "faces"
    assert dataset.index.counts().to_dict() == {"train": {"happy": 3, "sad": 3}, "test": {"happy": 3, "sad": 0}}
    assert good_zip.read_bytes() == before
    assert steps[-1] == (9, 9)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param("../outside.png", "outside", id="climbs"),
        pytest.param("train/../../outside.png", "outside", id="climbs-inside"),
        pytest.param("/outside.png", "outside", id="absolute"),
        pytest.param("C:/outside.png", "outside", id="drive"),
        pytest.param("..\\outside.png", "outside", id="backslashes"),
        pytest.param(link_entry(), "link", id="link"),
    ],
)
def test_an_unsafe_entry_refuses_the_whole_zip(
    fer_home: Path, good_zip: Path, entry: zipfile.ZipInfo | str, said: str
) -> None:
    with pytest.raises(ArchiveError, match=said):
        add_dataset(with_entry(good_zip, entry))
    assert list_datasets() == []
    assert [*(fer_home / "datasets").iterdir()] == []
    assert not [*fer_home.parent.rglob("outside.png")]


def test_a_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("train/happy/0.png", bytes(150 * 2**20))
    (tmp_path / "out").mkdir()
    with pytest.raises(ArchiveError, match="bomb"):
        unpack_archive(bomb, tmp_path / "out")
    assert [*(tmp_path / "out").iterdir()] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"I am a text file", "not a complete zip", id="text"),
        pytest.param(b"", "not a complete zip", id="empty"),
        pytest.param(None, "not a complete zip", id="truncated"),
    ],
)
def test_what_is_no_zip_says_so_and_leaves_nothing(
    fer_home: Path, good_zip: Path, content: bytes | None, said: str
) -> None:
    whole = good_zip.read_bytes()
    good_zip.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(ArchiveError, match=said):
        add_dataset(good_zip)
    assert [*(fer_home / "datasets").iterdir()] == []


def test_damaged_data_inside_a_zip_is_noticed(fer_home: Path, good_zip: Path) -> None:
    data = bytearray(good_zip.read_bytes())
    start = data.find(b"IDAT")
    data[start + 8 : start + 16] = bytes(8)
    good_zip.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"CRC|complete"):
        add_dataset(good_zip)
    assert [*(fer_home / "datasets").iterdir()] == []


def test_a_zip_without_class_folders_says_what_was_expected(fer_home: Path, tmp_path: Path) -> None:
    flat = zip_folder(write_class_folders(tmp_path / "flat", ["."]), tmp_path / "flat.zip")
    with pytest.raises(DatasetError, match=r"'flat\.zip' contains 3 pictures but no folders"):
        add_dataset(flat)
    empty = tmp_path / "empty.zip"
    with zipfile.ZipFile(empty, "w") as opened:
        opened.writestr("readme.txt", "nothing here")
    with pytest.raises(ArchiveError, match="no pictures"):
        add_dataset(empty)
    assert [*(fer_home / "datasets").iterdir()] == []


@pytest.mark.parametrize("stop_in", ["Unpacking", "Indexing"])
def test_a_cancelled_import_leaves_nothing(fer_home: Path, good_zip: Path, stop_in: str) -> None:
    def on_progress(done: int, total: int, words: str) -> None:
        if words == stop_in and done:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        add_dataset(good_zip, on_progress=on_progress)
    assert [*(fer_home / "datasets").iterdir()] == []
