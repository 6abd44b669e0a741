import os
from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset import Dataset, add_dataset, open_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.file_changes import changed_files, reindex_dataset
from fer_core.dataset.index import IndexSettings
from fer_core.dataset.merge import merge_datasets
from fer_core.errors import Cancelled, DatasetError
from tests.dataset.pictures import write_class_folders, write_picture


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy", "test/sad"])


@pytest.fixture
def dataset(fer_home: Path, faces: Path, tmp_path: Path) -> Dataset:
    subjects = tmp_path / "subjects.csv"
    subjects.write_text("path,subject\ntrain/happy/0.png,anna\ntrain/happy/1.png,ben\n")
    return add_dataset(faces, name="mine", metadata=subjects)


def changes(dataset: Dataset) -> dict[str, str]:
    found = changed_files(dataset)
    return dict(zip(found["path"], found["change"], strict=True))


def test_untouched_files_have_not_changed(dataset: Dataset) -> None:
    assert changes(dataset) == {}


@pytest.mark.parametrize(
    ("grain", "shift", "is_same"),
    [(1_000_000, 0, True), (1_000_000_000, 0, True), (2_000_000_000, 0, True), (1_000_000_000, -1_000_000_000, False)],
    ids=["milliseconds", "seconds", "two-seconds", "another-second"],
)
def test_a_time_that_a_copy_made_coarser_is_no_change(dataset: Dataset, grain: int, shift: int, is_same: bool) -> None:
    path = dataset.files_folder / "train/sad/1.png"
    exact = path.stat().st_mtime_ns
    os.utime(path, ns=(0, exact - exact % grain + 3 * shift))
    assert (changes(dataset) == {}) is is_same


def test_missing_changed_and_new_files_are_told_apart(dataset: Dataset, faces: Path) -> None:
    (faces / "train/happy/0.png").unlink()
    write_picture(faces / "train/sad/0.png", seed=77)
    os.utime(faces / "train/sad/1.png", ns=(0, 10**18))
    write_picture(faces / "test/happy/new.png", seed=78)
    write_picture(faces / ".hidden/sad/0.png", seed=79)
    (faces / "test/happy/notes.txt").write_text("no picture")
    assert changes(dataset) == {
        "test/happy/new.png": "new",
        "train/happy/0.png": "missing",
        "train/sad/0.png": "changed",
        "train/sad/1.png": "changed",
    }


def test_pictures_that_adding_leaves_out_are_not_new(dataset: Dataset, faces: Path) -> None:
    write_picture(faces / "cover.png", seed=1)
    assert changes(dataset) == {}


def test_a_folder_that_is_gone_says_so(dataset: Dataset, faces: Path) -> None:
    faces.rename(faces.with_name("elsewhere"))
    for action in (lambda: changed_files(dataset), lambda: reindex_dataset("mine")):
        with pytest.raises(DatasetError, match=r"is gone\. Connect its disk"):
            action()


def test_indexing_again_keeps_corrections_and_groups_by_path(dataset: Dataset, faces: Path) -> None:
    exclude(dataset, [int(dataset.index.table.set_index("path").loc["train/happy/1.png", "image_id"])])
    (faces / "test/happy/0.png").unlink()
    write_picture(faces / "test/sad/new.png", seed=78)
    dataset.audit_folder.joinpath("findings").write_text("of earlier pictures")
    again = reindex_dataset("mine")
    assert changes(again) == {}
    table = again.view().table.set_index("path")
    assert table.index[table["excluded"]].tolist() == ["train/happy/1.png"]
    assert table.loc["train/happy/1.png", "subject"] == "ben"
    assert table.loc["test/sad/new.png", "subject"] == ""
    assert list(again.audit_folder.iterdir()) == []


def test_the_label_map_is_remembered(fer_home: Path, tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "coded", ["train/0", "train/1", "train/bored"])
    add_dataset(folder, name="coded", label_map={"0": "angry", "1": "sad", "bored": ""})
    write_picture(folder / "train/0/new.png", seed=5)
    assert changes(open_dataset("coded")) == {"train/0/new.png": "new"}
    assert reindex_dataset("coded").index.counts()["train"].to_dict() == {"angry": 4, "sad": 3}


def test_a_new_folder_with_an_unknown_label_counts_as_new(dataset: Dataset, faces: Path) -> None:
    write_picture(faces / "train/qwerty/0.png", seed=5)
    assert changes(dataset) == {"train/qwerty/0.png": "new"}
    with pytest.raises(DatasetError, match="qwerty"):
        reindex_dataset("mine")
    assert open_dataset("mine").index.table.equals(dataset.index.table)


def test_settings_stay_unless_others_are_asked_for(fer_home: Path, faces: Path) -> None:
    add_dataset(faces, name="large", settings=IndexSettings(image_size=64, channels=3))
    assert reindex_dataset("large").index.images.shape == (12, 64, 64, 3)
    assert reindex_dataset("large", settings=IndexSettings(image_size=32)).index.images.shape == (12, 32, 32, 1)


@pytest.mark.parametrize("damage", ["index.json", "index.parquet", "images.npy"])
def test_a_damaged_index_is_mended_by_indexing_again(dataset: Dataset, damage: str) -> None:
    (dataset.folder / damage).write_bytes(b"damaged")
    with pytest.raises(DatasetError, match="Index the dataset again"):
        _ = open_dataset("mine").index
    assert len(reindex_dataset("mine").index.table) == 12


def test_stopping_half_way_keeps_the_earlier_index(dataset: Dataset) -> None:
    before = sorted(path.name for path in dataset.folder.iterdir())

    def stop(done: int, total: int) -> None:
        raise Cancelled("Stopped on request.")

    with pytest.raises(Cancelled):
        reindex_dataset("mine", settings=IndexSettings(image_size=64), on_progress=stop)
    assert sorted(path.name for path in dataset.folder.iterdir()) == before
    pd.testing.assert_frame_equal(open_dataset("mine").index.table, dataset.index.table)


def test_a_merged_dataset_keeps_its_labels(dataset: Dataset, fer_home: Path, tmp_path: Path) -> None:
    add_dataset(write_class_folders(tmp_path / "other", ["train/happy", "train/angry"]), name="other")
    merged = merge_datasets(["mine", "other"], name="both", label_maps={"other": {"angry": "sad"}})
    (merged.files_folder / merged.index.table["path"].iloc[0]).unlink()
    assert changes(merged) == {merged.index.table["path"].iloc[0]: "missing"}
    again = reindex_dataset("both").index
    assert again.class_names == ("happy", "sad")
    assert len(again.table) == len(merged.index.table) - 1
    assert set(again.table["source"]) == {"mine", "other"}


def test_the_command_line_indexes_again_and_lists_what_is_damaged(run, dataset: Dataset, faces: Path) -> None:
    add_dataset(faces, name="whole")
    (dataset.folder / "index.json").unlink()
    code, out, err = run("dataset", "list")
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [["mine", "?"], ["whole", "12"]]
    assert "dataset reindex mine" in " ".join(err.split())
    code, out, _ = run("dataset", "reindex", "mine", "--image-size", "32", "--channels", "3")
    assert (code, out.splitlines()[-1]) == (0, "mine")
    code, out, _ = run("dataset", "show", "mine")
    assert "indexed at 32 x 32 pixels in colour" in out
