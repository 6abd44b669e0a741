from pathlib import Path

import pandas as pd
import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import exclude, read_corrections, redo, relabel, restore, undo
from fer_core.dataset.corrections.file import CORRECTIONS_NAME
from fer_core.dataset.corrections.patches import (
    MAX_PATCH_BYTES,
    diff_corrections,
    import_corrections,
    preview_patch,
    read_patch,
)
from fer_core.errors import DatasetError
from tests.dataset.pictures import write_class_folders

HEADER = "path,action,old_label,new_label\n"


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "faces", ["test/happy", "test/sad", "train/happy", "train/sad"])


@pytest.fixture
def dataset(fer_home: Path, faces: Path) -> Dataset:
    """Pictures 0-2 test/happy, 3-5 test/sad, 6-8 train/happy, 9-11 train/sad."""
    return add_dataset(faces, name="faces")


def labels(dataset: Dataset) -> list[str]:
    table = dataset.view().table
    return ["x" if is_out else label for label, is_out in zip(table["label"], table["excluded"], strict=True)]


def test_a_patch_makes_a_fresh_copy_of_the_dataset_the_same(dataset: Dataset, faces: Path) -> None:
    relabel(dataset, [0, 3], "fear", reason="clearly")
    exclude(dataset, [3, 4])
    restore(dataset, [4])
    other = add_dataset(faces, name="other")
    edit, preview = import_corrections(other, dataset.folder / CORRECTIONS_NAME, author="ann")
    assert edit.image_ids == (0, 3)
    # Picture 3 was relabelled, then excluded: what is left out has no other label to give.
    assert [row == "x" for row in labels(other)] == [row == "x" for row in labels(dataset)]
    assert other.view().fingerprint == dataset.view().fingerprint
    assert (len(preview.conflicts), preview.num_unchanged, preview.unknown_paths) == (0, 1, ())
    assert read_corrections(other)["reason"].tolist() == ["clearly", ""]


def test_an_import_is_one_edit_to_undo_and_redo(dataset: Dataset) -> None:
    import_corrections(dataset, (HEADER + "test/happy/0.png,relabel,happy,sad\n").encode(), author="ann")
    assert undo(dataset, "ann").image_ids == (0,)
    assert dataset.view().fingerprint == dataset.index.fingerprint
    assert redo(dataset, "ann").image_ids == (0,)
    assert labels(dataset)[0] == "sad"


def test_the_same_patch_twice_changes_nothing_more(dataset: Dataset) -> None:
    patch = (HEADER + "test/happy/0.png,relabel,happy,sad\ntest/sad/0.png,exclude,sad,sad\n").encode()
    import_corrections(dataset, patch)
    edit, preview = import_corrections(dataset, patch)
    assert (edit.edit_id, edit.image_ids, preview.num_unchanged) == ("", (), 2)
    assert len(read_corrections(dataset)) == 2


CONFLICTS = {
    "relabelled-otherwise-here": ("relabel", "test/happy/0.png,relabel,happy,fear", "sad", "fear"),
    "excluded-here": ("exclude", "test/happy/0.png,relabel,happy,fear", "x", "fear"),
    "indexed-otherwise-here": ("", "test/happy/0.png,relabel,angry,fear", "happy", "fear"),
}


@pytest.mark.parametrize(("before", "line", "mine", "theirs"), CONFLICTS.values(), ids=CONFLICTS)
@pytest.mark.parametrize("take", [False, True], ids=["keep", "take"])
def test_conflicts_are_listed_and_decided_by_the_person(
    dataset: Dataset, before: str, line: str, mine: str, theirs: str, take: bool
) -> None:
    if before == "relabel":
        relabel(dataset, [0], "sad")
    elif before == "exclude":
        exclude(dataset, [0])
    patch = (HEADER + line + "\ntest/happy/1.png,relabel,happy,sad\n").encode()
    edit, preview = import_corrections(dataset, patch, take_conflicts=take)
    (conflict,) = preview.conflicts.to_dict("records")
    assert (conflict["path"], conflict["new_label"]) == ("test/happy/0.png", "fear")
    assert conflict["expected_label"] == line.split(",")[2]
    assert edit.image_ids == ((1, 0) if take else (1,))
    assert labels(dataset)[:2] == [theirs if take else mine, "sad"]


def test_a_chain_of_edits_elsewhere_is_judged_by_its_beginning(dataset: Dataset) -> None:
    lines = "test/happy/0.png,relabel,happy,sad\ntest/happy/0.png,relabel,sad,fear\n"
    preview = preview_patch(dataset, read_patch((HEADER + lines).encode()), read_corrections(dataset))
    assert preview.conflicts.empty
    assert preview.changes[["old_label", "new_label"]].to_numpy().tolist() == [["happy", "fear"]]


def test_unknown_paths_are_counted_and_the_rest_is_merged(dataset: Dataset) -> None:
    patch = HEADER + "gone.png,relabel,happy,whatever\n../../climb.png,exclude,,\ntest/sad/0.png,exclude,sad,\n"
    edit, preview = import_corrections(dataset, patch.encode())
    assert preview.unknown_paths == ("gone.png", "../../climb.png")
    assert edit.image_ids == (3,)
    assert labels(dataset)[3] == "x"


REFUSED = {
    "another-table": (b"image,x1,y1\na.png,1,2\n", "no column path, action, old_label, new_label"),
    "an-action": (HEADER.encode() + b"test/happy/0.png,delete,happy,\n", "actions include 'delete'"),
    "no-new-label": (HEADER.encode() + b"test/happy/0.png,relabel,happy,\n", "no new label"),
    "unknown-label": (HEADER.encode() + b"test/happy/0.png,relabel,happy,tired\n", "'tired' is no class"),
    "latin-1": (HEADER.encode() + b"test/happy/\xe9.png,exclude,,\n", "not UTF-8"),
    "utf-16": (HEADER.encode("utf-16"), "NUL"),
    "nul": (HEADER.encode() + b"a\0b.png,exclude,,\n", "NUL"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 20, "no patch of corrections"),
    "empty": (b"", "No columns"),
    "too-many-cells": (HEADER.encode() + b"a.png,exclude,,,,,,\n", "more cells"),
    "open-quote": (HEADER.encode() + b'"a.png,exclude,,\n', "EOF"),
    "huge": (b"x" * (MAX_PATCH_BYTES + 1), "at most 64 MB"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_patch_is_refused_with_a_sentence(dataset: Dataset, content: bytes, said: str) -> None:
    relabel(dataset, [5], "happy")
    before = (dataset.folder / CORRECTIONS_NAME).read_bytes()
    with pytest.raises(DatasetError, match=said):
        import_corrections(dataset, content)
    assert (dataset.folder / CORRECTIONS_NAME).read_bytes() == before


def test_a_missing_file_is_told(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.csv cannot be read"):
        read_patch(tmp_path / "gone.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_patch_that_a_spreadsheet_saved_again_is_read(separator: str, encoding: str, newline: str) -> None:
    lines = ["path,action,old_label,new_label,note", "test/ü/0.png,relabel,happy,sad,by me", "'=a.png,exclude,sad,sad,"]
    text = newline.join(lines).replace(",", separator)
    patch = read_patch(text.encode(encoding))
    assert patch["path"].tolist() == ["test/ü/0.png", "=a.png"]
    assert patch["new_label"].tolist() == ["sad", "sad"]


def test_a_formula_in_an_imported_patch_is_text_in_the_file(dataset: Dataset) -> None:
    header = "path,action,old_label,new_label,reason\n"
    patch = header + 'test/happy/0.png,relabel,happy,sad,"=HYPERLINK(""http://x"",""y"")"\n'
    import_corrections(dataset, patch.encode())
    assert ",\"'=HYPERLINK" in (dataset.folder / CORRECTIONS_NAME).read_text("utf-8")
    assert read_corrections(dataset)["reason"].tolist() == ['=HYPERLINK("http://x","y")']


def patch_of(*rows: str) -> pd.DataFrame:
    return read_patch((HEADER + "".join(f"{row}\n" for row in rows)).encode())


DIFFERENCES = {
    "same": (["a,relabel,happy,sad"], ["a,relabel,happy,sad"], []),
    "labels": (["a,relabel,happy,sad"], ["a,relabel,happy,fear"], [["a", "sad", "fear"]]),
    "excluded": (["a,exclude,happy,happy"], ["a,relabel,happy,fear"], [["a", "excluded", "fear"]]),
    "only-one": (["a,relabel,happy,sad"], [], [["a", "sad", ""]]),
    "undone": (["a,relabel,happy,sad", "a,restore,sad,happy"], [], []),
    "other-way-same-end": (
        ["a,relabel,happy,sad", "a,relabel,sad,fear"],
        ["a,relabel,happy,fear"],
        [],
    ),
}


@pytest.mark.parametrize(("a", "b", "expected"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_two_patches_are_compared_by_what_they_add_up_to(a: list[str], b: list[str], expected: list[list[str]]) -> None:
    assert diff_corrections(patch_of(*a), patch_of(*b)).to_numpy().tolist() == expected
