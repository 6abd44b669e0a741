from pathlib import Path

import pytest

from fer_core.dataset import Dataset, add_dataset, open_dataset, remove_dataset
from fer_core.dataset.corrections.edits import (
    apply_corrections,
    exclude,
    include,
    list_changes,
    read_corrections,
    redo,
    relabel,
    restore,
    undo,
)
from fer_core.dataset.corrections.history import list_edits
from fer_core.errors import DatasetError
from tests.dataset.pictures import write_class_folders


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    """Pictures 0-2 test/happy, 3-5 test/sad, 6-8 train/happy, 9-11 train/sad."""
    places = ["test/happy", "test/sad", "train/happy", "train/sad"]
    return add_dataset(write_class_folders(tmp_path / "faces", places), name="faces")


def states(dataset: Dataset) -> dict[int, str]:
    """What differs from the index: picture -> its label, or `x` where it is excluded."""
    table = open_dataset(dataset.name).view().table
    now = {row.image_id: "x" if row.excluded else row.label for row in table.itertuples()}
    return {number: now[number] for number, label in enumerate(table["indexed_label"]) if now[number] != label}


def act(dataset: Dataset, step: str) -> None:
    """Do one step, such as `ann relabel 1,2 fear` or `bob undo`."""
    author, verb, *more = step.split()
    if verb in ("undo", "redo"):
        {"undo": undo, "redo": redo}[verb](dataset, author)
        return
    image_ids = [int(number) for number in more[0].split(",")]
    if verb == "relabel":
        relabel(dataset, image_ids, more[1], author=author)
    else:
        {"exclude": exclude, "include": include, "restore": restore}[verb](dataset, image_ids, author=author)


CHAINS = {
    "nothing": ([], {}),
    "relabel": (["ann relabel 0,1 fear"], {0: "fear", 1: "fear"}),
    "the-last-word-counts": (["ann relabel 0 fear", "bob relabel 0 sad"], {0: "sad"}),
    "exclude-and-restore": (["ann exclude 0,1", "ann restore 1"], {0: "x"}),
    "restore-is-as-indexed": (["ann relabel 0 fear", "ann exclude 0", "ann restore 0"], {}),
    "include-keeps-the-label": (["ann relabel 0 fear", "ann exclude 0,1", "ann include 0,1"], {0: "fear"}),
    "undo-an-include": (["ann relabel 0 fear", "ann exclude 0", "ann include 0", "ann undo"], {0: "x"}),
    "a-label-brings-back": (["ann exclude 0", "ann relabel 0 fear"], {0: "fear"}),
    "undo": (["ann relabel 0,1 fear", "ann undo"], {}),
    "undo-the-latest-only": (["ann relabel 0 fear", "ann exclude 1", "ann undo"], {0: "fear"}),
    "undo-twice": (["ann relabel 0 fear", "ann exclude 1", "ann undo", "ann undo"], {}),
    "undo-more-than-there-is": (["ann relabel 0 fear", "ann undo", "ann undo", "ann undo"], {}),
    "undo-shows-what-was-beneath": (["ann relabel 0 fear", "ann relabel 0 sad", "ann undo"], {0: "fear"}),
    "undo-an-exclusion-of-a-relabelled": (["ann relabel 0 fear", "ann exclude 0", "ann undo"], {0: "fear"}),
    "undo-a-label-of-an-excluded": (["ann exclude 0", "ann relabel 0 fear", "ann undo"], {0: "x"}),
    "undo-a-restore": (["ann exclude 0", "ann restore 0", "ann undo"], {0: "x"}),
    "redo": (["ann relabel 0 fear", "ann undo", "ann redo"], {0: "fear"}),
    "redo-twice": (["ann relabel 0 fear", "ann exclude 1", *["ann undo"] * 2, *["ann redo"] * 2], {0: "fear", 1: "x"}),
    "redo-one-of-two": (["ann relabel 0 fear", "ann exclude 1", *["ann undo"] * 2, "ann redo"], {0: "fear"}),
    "to-and-fro": (["ann exclude 0", *["ann undo", "ann redo"] * 3, "ann undo"], {}),
    "a-new-edit-ends-redo": (["ann relabel 0 fear", "ann undo", "ann exclude 1", "ann redo"], {1: "x"}),
    "redo-without-undo": (["ann relabel 0 fear", "ann redo"], {0: "fear"}),
    "mine-not-yours": (["ann relabel 0 fear", "bob relabel 1 fear", "ann undo"], {1: "fear"}),
    "yours-on-top-stays": (["ann relabel 0,1 fear", "bob relabel 1 sad", "ann undo"], {1: "sad"}),
    "yours-undone-lays-mine-open": (
        ["ann relabel 0 fear", "bob relabel 0 sad", "bob undo", "ann undo"],
        {},
    ),
    "same-label-twice-is-no-edit": (["ann relabel 0 fear", "bob relabel 0 fear", "bob undo"], {0: "fear"}),
    "you-came-back-to-the-old-label": (
        ["ann relabel 0 fear", "ann undo", "bob relabel 0 sad", "bob relabel 0 happy", "ann redo"],
        {},
    ),
    "redo-spares-yours": (["ann relabel 0,1 fear", "ann undo", "bob exclude 1", "ann redo"], {0: "fear", 1: "x"}),
    "covered-edits-are-passed-over": (
        ["ann relabel 0 fear", "ann relabel 1 fear", "bob exclude 1", "ann undo"],
        {1: "x"},
    ),
    "a-stranger-undoes-nothing": (["ann relabel 0 fear", "bob undo"], {0: "fear"}),
}


@pytest.mark.parametrize(("steps", "expected"), CHAINS.values(), ids=CHAINS)
def test_a_chain_of_edits_adds_up(dataset: Dataset, steps: list[str], expected: dict[int, str]) -> None:
    for step in steps:
        act(dataset, step)
    assert states(dataset) == expected


def test_the_last_row_of_a_picture_says_its_state(dataset: Dataset) -> None:
    for step in ("ann relabel 0,1 fear", "bob exclude 1", "ann undo", "bob undo", "ann redo"):
        act(dataset, step)
        last = read_corrections(dataset).drop_duplicates("path", keep="last").set_index("path")
        table = dataset.view().table.set_index("path").loc[last.index]
        assert list(table["excluded"]) == list(last["action"] == "exclude")
        assert list(table["label"]) == list(last["new_label"])


def test_an_edit_says_what_it_changed_and_what_was_so_already(dataset: Dataset) -> None:
    edit = relabel(dataset, [0, 3, 0], "sad", reason="looks\nsad", author="ann")
    assert (edit.image_ids, edit.num_skipped) == ((0,), 1)
    exclude(dataset, [0], author="bob")
    assert undo(dataset, "ann") is None
    (first, _) = read_corrections(dataset).to_dict("records")
    assert first | {"time": ""} == {
        "time": "",
        "path": "test/happy/0.png",
        "action": "relabel",
        "old_label": "happy",
        "new_label": "sad",
        "reason": "looks sad",
        "edit_id": edit.edit_id,
        "author": "ann",
    }


def test_undo_tells_how_many_it_left_alone(dataset: Dataset) -> None:
    relabel(dataset, [0, 1, 2], "sad", author="ann")
    exclude(dataset, [2], author="bob")
    undone = undo(dataset, "ann")
    assert undone is not None
    assert (undone.image_ids, undone.num_skipped) == ((0, 1), 1)


@pytest.mark.parametrize("label", ["fear", "contempt", "sad"])
def test_a_known_expression_may_become_a_class(dataset: Dataset, label: str) -> None:
    relabel(dataset, [0], label)
    assert label in dataset.view().class_names


@pytest.mark.parametrize(
    ("image_ids", "label", "said"),
    [([0], "tired", "'tired' is no class"), ([0], "", "'' is no class"), ([12], "sad", "no picture number 12"),
     ([0, -1], "sad", "no picture number -1")],
)  # fmt: skip
def test_an_edit_that_makes_no_sense_changes_nothing(
    dataset: Dataset, image_ids: list[int], label: str, said: str
) -> None:
    with pytest.raises(DatasetError, match=f"{said}.*[Nn]othing was changed"):
        relabel(dataset, image_ids, label)
    assert read_corrections(dataset).empty


def test_excluded_pictures_count_nowhere_and_the_index_stays_as_it_was(dataset: Dataset) -> None:
    before = dataset.index.fingerprint
    exclude(dataset, [0, 1, 2, 6])
    view = dataset.view()
    assert view.counts().to_dict() == {"train": {"happy": 2, "sad": 3}, "test": {"happy": 0, "sad": 3}}
    assert open_dataset("faces").index.fingerprint == before != view.fingerprint
    restore(dataset, range(12))
    assert dataset.view().fingerprint == before


def test_corrections_of_pictures_that_are_not_there_do_nothing(dataset: Dataset) -> None:
    relabel(dataset, [0], "sad")
    rows = read_corrections(dataset)
    view = apply_corrections(dataset.index, rows.assign(path="elsewhere.png"))
    assert view.fingerprint == dataset.index.fingerprint


def test_a_removed_dataset_is_not_brought_back_by_an_edit(dataset: Dataset) -> None:
    _ = dataset.index
    remove_dataset("faces")
    with pytest.raises(DatasetError, match="has been removed"):
        exclude(dataset, [0])
    assert not dataset.folder.exists()


def test_changes_are_listed_latest_first_and_without_what_was_taken_back(dataset: Dataset) -> None:
    for step in ("ann relabel 0,1 fear", "bob exclude 3,4", "ann restore 1"):
        act(dataset, step)
    relabel(dataset, [6], "sad", reason="a frown", author="ann")
    changes = list_changes(dataset.view(), read_corrections(dataset))
    columns = ["image_id", "indexed_label", "label", "excluded", "reason", "author"]
    assert changes[columns].to_numpy().tolist() == [
        [6, "happy", "sad", False, "a frown", "ann"],
        [4, "sad", "sad", True, "", "bob"],
        [3, "sad", "sad", True, "", "bob"],
        [0, "happy", "fear", False, "", "ann"],
    ]
    assert changes["split"].tolist() == ["train", "test", "test", "test"]


def test_edits_are_listed_latest_first_with_what_they_did(dataset: Dataset) -> None:
    for step in ("ann relabel 0,1 fear", "bob exclude 3", "ann undo"):
        act(dataset, step)
    columns = ["author", "kind", "action", "num_images", "reason"]
    assert list_edits(read_corrections(dataset))[columns].to_numpy().tolist() == [
        ["ann", "undo", "restore", 2, "undo"],
        ["bob", "edit", "exclude", 1, ""],
        ["ann", "edit", "relabel to fear", 2, ""],
    ]
    assert list_edits(read_corrections(dataset).iloc[:0]).empty


def test_nothing_corrected_is_an_empty_list(dataset: Dataset) -> None:
    assert list_changes(dataset.view(), read_corrections(dataset)).empty
