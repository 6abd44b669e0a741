"""Duplicates are found whatever happened to the photo, similar faces are left alone, and leaks are pairs of splits."""

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import add_dataset
from fer_core.dataset.duplicates.pairs import (
    MIN_SIMILARITY,
    duplicate_groups,
    duplicates_of,
    find_duplicates,
    find_leaks,
    leaked_ids,
    load_duplicates,
)
from fer_core.dataset.index import DatasetIndex
from fer_core.errors import Cancelled
from tests.dataset.pictures import write_class_folders, write_picture
from tests.dataset.planted import cropped, drawn_faces, encoded_again, index_of_pictures, lit, moved

NUM_FACES = 84
CHANGES = {
    "re-encoded": (encoded_again, "re-encoded"),
    "re-encoded badly": (lambda face: encoded_again(face, quality=30), "re-encoded"),
    "brighter": (lambda face: encoded_again(lit(face, gain=0.8, offset=30)), "re-encoded"),
    "shifted": (lambda face: encoded_again(moved(face, right=4, down=-3)), "moved"),
    "smaller": (lambda face: encoded_again(moved(face, scale=0.86)), "moved"),
    "larger": (lambda face: encoded_again(moved(face, scale=1.15, right=1)), "moved"),
    "re-cropped": (lambda face: encoded_again(cropped(face, left=5, top=2, width=40, height=42)), "moved"),
    "mirrored": (lambda face: encoded_again(np.ascontiguousarray(face[:, ::-1])), "mirrored"),
}


@pytest.fixture(scope="module")
def faces():
    return drawn_faces(NUM_FACES)


@pytest.fixture(scope="module")
def planted(faces) -> DatasetIndex:
    """Drawn faces in train; in test, faces 3, 10, 17, … again, each changed in its way."""
    again = [change(faces[3 + 7 * number]) for number, (change, _) in enumerate(CHANGES.values())]
    splits = ["train"] * NUM_FACES + ["test"] * len(again)
    return index_of_pictures([*faces, *again], splits=splits)


@pytest.fixture(scope="module")
def found(planted) -> pd.DataFrame:
    return find_duplicates(planted)


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=list(CHANGES))
def test_the_same_photo_is_found_whatever_happened_to_it(found, number):
    pair = found[(found["image_id"] == 3 + 7 * number) & (found["twin_id"] == NUM_FACES + number)]
    assert list(pair["relation"]) == [list(CHANGES.values())[number][1]]
    assert pair["similarity"].item() >= MIN_SIMILARITY
    assert not pair["identical"].item()


def test_different_drawn_faces_are_no_twins(found):
    assert (found["similarity"] >= MIN_SIMILARITY).sum() == len(CHANGES)


def test_leaks_name_the_train_picture_as_the_twin(planted, found):
    leaks = find_leaks(planted, found)
    assert set(leaks["split"]) == {"test"}
    assert set(leaks["twin_split"]) == {"train"}
    assert sorted(leaks["image_id"]) == list(range(NUM_FACES, NUM_FACES + len(CHANGES)))
    assert sorted(leaked_ids(planted, found)) == sorted([*leaks["image_id"], *leaks["twin_id"]])


def test_what_is_excluded_leaks_no_more(planted, found):
    assert len(find_leaks(planted.without([NUM_FACES]), found)) == len(CHANGES) - 1


def test_every_identical_picture_is_paired_with_every_other(faces):
    pairs = find_duplicates(index_of_pictures([faces[0], faces[1], faces[0], faces[0]]))
    assert set(zip(pairs["image_id"], pairs["twin_id"], strict=True)) == {(0, 2), (0, 3), (2, 3)}
    assert pairs["identical"].all()
    assert (pairs["similarity"] == 1).all()


def test_a_twin_of_one_copy_is_a_twin_of_all(faces):
    pairs = find_duplicates(index_of_pictures([faces[0], faces[0], encoded_again(faces[0]), faces[1]]))
    assert set(zip(pairs["image_id"], pairs["twin_id"], strict=True)) == {(0, 1), (0, 2), (1, 2)}


def test_many_copies_are_linked_without_pairing_all(faces):
    splits = ["train"] * 60 + ["test"] * 60
    index = index_of_pictures([faces[0]] * 120, splits=splits)
    pairs = find_duplicates(index)
    assert len(pairs) < 300
    assert len(set(duplicate_groups(pairs, 120))) == 1
    assert len(leaked_ids(index, pairs)) == 120


def test_blank_pictures_are_twins_only_of_the_same_blank(faces):
    blanks = [np.full((48, 48), grey, np.uint8) for grey in (0, 128, 128, 130)]
    almost = np.full((48, 48), 128, np.uint8)
    almost[20:24, 20:24] = 131
    pairs = find_duplicates(index_of_pictures([*blanks, almost, *faces[:5]]))
    assert list(zip(pairs["image_id"], pairs["twin_id"], strict=True)) == [(1, 2)]


def test_colour_and_other_sizes_are_compared_as_well(faces):
    large = [np.repeat(np.repeat(face, 2, axis=0), 2, axis=1) for face in [*faces[:6], encoded_again(faces[2])]]
    grey = index_of_pictures(large)
    colour = DatasetIndex(grey.table, np.repeat(grey.images, 3, axis=3))
    for index in (grey, colour):
        pairs = find_duplicates(index)
        assert list(zip(pairs["image_id"], pairs["twin_id"], strict=True))[:1] == [(2, 6)]


@pytest.mark.parametrize("number", [0, 1, 2], ids=["no picture", "one", "two"])
def test_tiny_datasets_have_no_twins(faces, number):
    index = index_of_pictures(faces[:3])
    index = DatasetIndex(index.table.iloc[:number], index.images[:number])
    assert find_duplicates(index).empty


def test_unreadable_pictures_take_no_part(faces):
    index = index_of_pictures([faces[0], faces[0], faces[0]])
    index = DatasetIndex(index.table.assign(readable=[True, False, True]), index.images)
    pairs = find_duplicates(index)
    assert list(zip(pairs["image_id"], pairs["twin_id"], strict=True)) == [(0, 2)]


def test_groups_join_twins_of_twins():
    rows = [(0, 3, 0.99), (3, 5, 0.96), (1, 2, 0.8)]
    pairs = pd.DataFrame(rows, columns=["image_id", "twin_id", "similarity"])
    assert duplicate_groups(pairs, 7).tolist() == [0, 1, 2, 0, 4, 0, 6]
    assert duplicate_groups(pairs, 7, min_similarity=0.7).tolist() == [0, 1, 1, 0, 4, 0, 6]


def test_a_long_chain_is_one_group():
    order = np.random.default_rng(0).permutation(500)
    pairs = pd.DataFrame({"image_id": order[:-1], "twin_id": order[1:], "similarity": 1.0})
    assert set(duplicate_groups(pairs, 500)) == {0}


def test_progress_grows_to_the_end_and_can_stop_the_search(planted):
    seen: list[tuple[int, int]] = []
    find_duplicates(planted, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]

    def stop(done: int, total: int) -> None:
        raise Cancelled("Stopped on request.")

    with pytest.raises(Cancelled):
        find_duplicates(planted, on_progress=stop)


@pytest.fixture
def stored(fer_home, tmp_path):
    """A dataset of noise, with one picture of train in test as well."""
    folder = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy"])
    write_picture(folder / "test" / "happy" / "again.png", seed=1001)
    return add_dataset(folder, name="faces")


def test_pairs_are_kept_and_used_again(stored):
    assert load_duplicates(stored) is None
    pairs = duplicates_of(stored)
    pd.testing.assert_frame_equal(load_duplicates(stored), pairs)
    called: list[int] = []
    duplicates_of(stored, on_progress=lambda done, total: called.append(done))
    assert not called


def test_pairs_of_other_pixels_are_not_used(stored, tmp_path):
    duplicates_of(stored)
    index = stored.index
    index.table["digest"] = index.table["digest"].str[::-1]
    assert load_duplicates(stored) is None


def test_the_command_lists_leaks_by_path(run, stored, tmp_path):
    code, out, _ = run("dataset", "leaks", "faces", "--csv", tmp_path / "leaks.csv")
    assert code == 0
    assert out == "1 of 4 pictures outside train have a twin in train (pairs: 1, of them identical: 1)\n"
    leaks = pd.read_csv(tmp_path / "leaks.csv")
    assert leaks.to_dict("records") == [
        {"test_path": "test/happy/again.png", "train_path": "train/sad/1.png", "similarity": 1.0, "identical": True}
    ]


def test_without_two_splits_there_is_nothing_to_leak(run, fer_home, tmp_path):
    folder = write_class_folders(tmp_path / "plain", ["happy", "sad"])
    add_dataset(folder, name="plain")
    code, _, err = run("dataset", "leaks", "plain", "--csv", tmp_path / "leaks.csv")
    assert code == 1
    assert "Name the folders train and test" in err
