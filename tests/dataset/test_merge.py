import os
from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset import add_dataset, list_datasets, merge_datasets, open_dataset, remove_dataset
from fer_core.dataset.corrections.edits import exclude, relabel
from fer_core.dataset.merge import merge_datasets_job
from fer_core.errors import Cancelled, DatasetError
from fer_core.jobs.execution import run_here
from tests.dataset.pictures import write_class_folders


@pytest.fixture
def parts(fer_home: Path, tmp_path: Path) -> list[str]:
    write_class_folders(tmp_path / "one", ["train/happy", "train/sad", "test/sad"])
    write_class_folders(tmp_path / "two", ["train/happy", "validation/contempt"], num_images=2)
    people = tmp_path / "people.csv"
    pd.DataFrame({"path": ["train/happy/0.png"], "subject": ["s1"]}).to_csv(people, index=False)
    return [add_dataset(tmp_path / "one").name, add_dataset(tmp_path / "two", metadata=people).name]


def test_parts_keep_splits_labels_and_groups_and_give_their_names(parts: list[str]) -> None:
    merged = merge_datasets(parts, name="both")
    index = merged.index
    assert (merged.kind, merged.source) == ("merged", "one + two")
    assert index.counts().to_dict() == {
        "train": {"contempt": 0, "happy": 5, "sad": 3},
        "test": {"contempt": 0, "happy": 0, "sad": 3},
        "validation": {"contempt": 2, "happy": 0, "sad": 0},
    }
    assert index.table.groupby("source").size().to_dict() == {"one": 9, "two": 4}
    assert index.table.loc[index.table["subject"] == "s1", "path"].tolist() == ["two/train/happy/0.png"]
    assert all(merged.file_of(number).is_file() for number in range(len(index.table)))


def test_a_merged_dataset_outlives_its_parts(parts: list[str]) -> None:
    merged = merge_datasets(parts, name="both")
    first = open_dataset("one").index
    assert merged.index.table["digest"].iloc[0] == first.table["digest"].iloc[0]
    assert os.path.samefile(merged.file_of(0), open_dataset("one").file_of(0))
    for part in parts:
        remove_dataset(part)
    assert merged.file_of(0).stat().st_size > 0


def test_corrections_of_the_parts_are_applied(parts: list[str]) -> None:
    one = open_dataset("one")
    relabel(one, [0], "sad")
    exclude(one, [1])
    merged = merge_datasets(parts, name="both").index.table.set_index("path")
    path = one.index.table["path"]
    assert merged.loc[f"one/{path[0]}", "label"] == "sad"
    assert f"one/{path[1]}" not in merged.index


def test_each_part_may_have_a_map_and_may_shrink_to_one_class(parts: list[str]) -> None:
    merged = merge_datasets(parts, name="both", label_maps={"two": {"contempt": "angry", "happy": ""}})
    assert merged.index.table.groupby("source")["label"].unique().map(sorted).to_dict() == {
        "one": ["happy", "sad"],
        "two": ["angry"],
    }


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        pytest.param(["one"], {}, "at least two", id="one-part"),
        pytest.param(["one", "one"], {}, "at least two", id="twice-the-same"),
        pytest.param(["one", "nothing"], {}, "There is no dataset", id="unknown"),
        pytest.param(["one", "two"], {"name": "ONE"}, "already", id="name-taken"),
        pytest.param(["one", "two"], {"label_maps": {"three": {}}}, "not among the datasets", id="map-of-another"),
        pytest.param(["one", "two"], {"label_maps": {"two": {"sad": "x"}}}, "does not occur", id="map-of-no-label"),
    ],
)
def test_what_cannot_be_merged_leaves_nothing(
    parts: list[str], fer_home: Path, names: list[str], options: dict[str, object], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        merge_datasets(names, **{"name": "both", **options})
    assert sorted(path.name for path in (fer_home / "datasets").iterdir()) == ["one", "two"]


def test_a_job_merges_too(parts: list[str], tmp_path: Path) -> None:
    target = f"{merge_datasets_job.__module__}:{merge_datasets_job.__name__}"
    arguments = {"names": parts, "name": "both", "label_maps": {"two": {"contempt": "angry"}}}
    assert run_here(tmp_path / "job", target, arguments, title="Merging") == {"name": "both"}
    assert open_dataset("both").index.class_names == ("angry", "happy", "sad")


def test_a_lost_picture_or_a_cancel_leaves_nothing(parts: list[str], fer_home: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int, words: str) -> None:
        if words == "Indexing":
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        merge_datasets(parts, name="both", on_progress=stop)
    (tmp_path / "one" / "train" / "happy" / "0.png").unlink()
    with pytest.raises(DatasetError, match="is gone"):
        merge_datasets(parts, name="both")
    assert [dataset.name for dataset in list_datasets()] == ["one", "two"]
    assert sorted(path.name for path in (fer_home / "datasets").iterdir()) == ["one", "two"]
