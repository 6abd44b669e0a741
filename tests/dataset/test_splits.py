import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import DatasetIndex, training_split
from fer_core.errors import DatasetError


def index_with(splits: list[str], labels: list[str], digests: list[str]) -> DatasetIndex:
    table = pd.DataFrame({"split": splits, "label": labels, "digest": digests, "readable": True})
    return DatasetIndex(table=table, images=np.zeros((len(table), 48, 48, 1), np.uint8))


@pytest.fixture
def index() -> DatasetIndex:
    """400 training pictures of two classes, 100 of them twins of another, and 20 test pictures."""
    digests = [str(number % 300) for number in range(400)] + [f"t{number}" for number in range(20)]
    labels = ["happy" if int(digest.strip("t")) % 3 else "sad" for digest in digests]
    return index_with(["train"] * 400 + ["test"] * 20, labels, digests)


def test_the_parts_are_disjoint_and_cover_train_only(index: DatasetIndex) -> None:
    split = training_split(index, validation_share=0.2, seed=0)
    assert sorted([*split.train, *split.validation]) == list(range(400))


@pytest.mark.parametrize("seed", range(5))
def test_duplicates_never_straddle_the_parts(index: DatasetIndex, seed: int) -> None:
    split = training_split(index, validation_share=0.2, seed=seed)
    digests = index.table["digest"]
    assert not set(digests[split.train]) & set(digests[split.validation])


@pytest.mark.parametrize("seed", range(5))
def test_given_groups_stay_together_instead(index: DatasetIndex, seed: int) -> None:
    groups = np.arange(420) // 7
    split = training_split(index, validation_share=0.2, seed=seed, groups=groups)
    assert not set(groups[split.train]) & set(groups[split.validation])
    assert sorted([*split.train, *split.validation]) == list(range(400))


def test_excluded_pictures_are_in_no_part(index: DatasetIndex) -> None:
    split = training_split(index.without([0, 5, 399]), validation_share=0.2, seed=0)
    assert sorted([*split.train, *split.validation]) == [*range(1, 5), *range(6, 399)]


def test_one_class_left_is_told(index: DatasetIndex) -> None:
    with pytest.raises(DatasetError, match="Fewer than two classes"):
        training_split(index.without(np.flatnonzero(index.table["label"] == "sad")), validation_share=0.2, seed=0)


def test_each_class_gives_its_share(index: DatasetIndex) -> None:
    split = training_split(index, validation_share=0.2, seed=0)
    shares = index.table.loc[split.validation, "label"].value_counts() / index.table[:400]["label"].value_counts()
    assert shares.between(0.17, 0.23).all()


def test_the_seed_decides(index: DatasetIndex) -> None:
    first, again, other = (training_split(index, validation_share=0.2, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.validation, again.validation)
    assert not np.array_equal(first.validation, other.validation)


def test_a_validation_split_of_its_own_is_taken() -> None:
    index = index_with(["train"] * 4 + ["validation"] * 2, ["happy", "sad"] * 3, list("abcdef"))
    split = training_split(index, validation_share=0.5, seed=0)
    assert (list(split.train), list(split.validation)) == ([0, 1, 2, 3], [4, 5])


@pytest.mark.parametrize(
    ("splits", "share", "said"),
    [(["test"] * 4, 0.5, "no train split"), (["train"] * 4, 0.01, "too few")],
    ids=["no-train", "too-few"],
)
def test_what_cannot_be_divided_says_why(splits: list[str], share: float, said: str) -> None:
    index = index_with(splits, ["happy", "sad"] * 2, list("abcd"))
    with pytest.raises(DatasetError, match=said):
        training_split(index, validation_share=share, seed=0)
