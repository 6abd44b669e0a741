import json
from pathlib import Path

import pytest

from fer_core.dataset import add_dataset, list_datasets, open_dataset, remove_dataset
from fer_core.dataset.duplicates.pairs import find_duplicates_job
from fer_core.dataset.new_dataset import write_record
from fer_core.errors import DatasetError
from fer_core.jobs.execution import run_here
from tests.dataset.pictures import write_class_folders, write_picture, zip_folder


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "My faces (2)", ["train/happy", "train/sad"])


def test_a_folder_is_used_in_place_and_survives_removal(fer_home: Path, faces: Path) -> None:
    before = sorted(path for path in faces.rglob("*"))
    dataset = add_dataset(faces)
    assert dataset.files_folder == faces
    assert dataset.name == "My-faces-2"
    remove_dataset(dataset.name)
    assert list_datasets() == []
    assert sorted(faces.rglob("*")) == before


def test_what_was_unpacked_goes_with_its_dataset(fer_home: Path, faces: Path, tmp_path: Path) -> None:
    archive = zip_folder(faces, tmp_path / "faces.zip")
    dataset = add_dataset(archive, name="mine")
    assert len([*dataset.files_folder.rglob("*.png")]) == 6
    remove_dataset("mine")
    assert [*(fer_home / "datasets").iterdir()] == []
    assert archive.exists()


def test_names_are_unique_and_made_so_when_none_is_given(fer_home: Path, faces: Path) -> None:
    names = [add_dataset(faces).name, add_dataset(faces).name, add_dataset(faces, name="third").name]
    assert names == ["My-faces-2", "My-faces-2-2", "third"]
    with pytest.raises(DatasetError, match="already"):
        add_dataset(faces, name="THIRD")


@pytest.mark.parametrize("name", ["", "../climb", "a/b", ".hidden", "x" * 65, "a b"])
def test_a_name_that_is_no_folder_name_is_refused(fer_home: Path, faces: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="cannot be a name"):
        add_dataset(faces, name=name)


def test_metadata_that_cannot_be_used_is_refused_before_the_source_is_fetched(fer_home: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("path,label\n0.png,sad\n")
    with pytest.raises(DatasetError, match="'label', a name that"):
        add_dataset("https://localhost:1/faces.zip", metadata=people)


@pytest.mark.parametrize("name", ["nothing", "../datasets", ""])
def test_an_unknown_dataset_lists_the_known_ones(fer_home: Path, faces: Path, name: str) -> None:
    add_dataset(faces, name="known")
    for function in (open_dataset, remove_dataset):
        with pytest.raises(DatasetError, match="There is no dataset"):
            function(name)
    assert open_dataset("known").index.class_names == ("happy", "sad")


def test_a_view_without_leaks_asks_for_the_search_and_leaves_both_twins_out(fer_home: Path, faces: Path) -> None:
    for twin in ("train/happy/9.png", "test/happy/9.png"):
        write_picture(faces / twin, seed=99)
    dataset = add_dataset(faces, name="mine")
    with pytest.raises(DatasetError, match="dataset report mine"):
        dataset.view(without_leaks=True)
    run_here(fer_home / "job", f"{find_duplicates_job.__module__}:find_duplicates_job", {"dataset": "mine"}, title="-")
    usable = dataset.view(without_leaks=True).usable
    assert len(usable) == len(dataset.view().usable) - 2
    assert not usable["path"].str.endswith("9.png").any()


def test_a_dataset_of_one_split_has_no_leaks_to_look_for(fer_home: Path, faces: Path) -> None:
    dataset = add_dataset(faces / "train", name="mine")
    assert len(dataset.view(without_leaks=True).usable) == len(dataset.view().usable)


def test_the_files_and_the_folder_of_the_checks_lie_where_they_are_said_to_be(fer_home: Path, faces: Path) -> None:
    dataset = add_dataset(faces)
    paths = dataset.index.table["path"]
    assert [dataset.file_of(number) for number in range(len(paths))] == [faces / path for path in paths]
    assert dataset.audit_folder.is_dir()


def test_a_missing_source_names_the_choices(fer_home: Path) -> None:
    with pytest.raises(DatasetError, match="Give a zip, a folder"):
        add_dataset("nowhere.zip")
    assert not (fer_home / "datasets").exists()


def test_what_a_killed_import_left_is_swept_up(fer_home: Path, faces: Path) -> None:
    leftover = fer_home / "datasets" / ".drawn.99999999.abcdef01.partial"
    leftover.mkdir(parents=True)
    add_dataset(faces, name="mine")
    assert [path.name for path in (fer_home / "datasets").iterdir()] == ["mine"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"files_folder": 3}', "[" * 100_000])
def test_a_damaged_record_is_told_and_can_be_removed(fer_home: Path, faces: Path, content: str) -> None:
    for name in ("good", "bad"):
        add_dataset(faces, name=name)
    (open_dataset("bad").folder / "dataset.json").write_text(content)
    with pytest.raises(DatasetError, match="Remove the dataset"):
        open_dataset("bad")
    assert [dataset.name for dataset in list_datasets()] == ["good"]
    remove_dataset("bad")
    assert not (fer_home / "datasets" / "bad").exists()


@pytest.mark.parametrize(
    ("source", "remembered"),
    [
        ("https://me:hush@host/faces.zip?dl=1", "https://host/faces.zip?dl=1"),
        ("/home/me@work/faces.zip", "/home/me@work/faces.zip"),
        ("kaggle:owner/name", "kaggle:owner/name"),
    ],
)
def test_a_password_in_an_address_is_not_remembered(tmp_path: Path, source: str, remembered: str) -> None:
    write_record(tmp_path, kind="zip", source=source, files_folder=None)
    written = [path.read_text() for path in tmp_path.iterdir()]
    assert [json.loads(text)["source"] for text in written] == [remembered]
