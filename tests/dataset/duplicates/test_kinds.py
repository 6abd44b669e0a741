"""Leaks, contradictions, identical and near duplicates, as the corrected view has them."""

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset.duplicates.kinds import KINDS, group_pictures, pairs_of_kind
from fer_core.dataset.index import DatasetIndex


def _index() -> DatasetIndex:
    table = pd.DataFrame(
        {
            "image_id": range(6),
            "path": [f"{number}.png" for number in range(6)],
            "split": ["train", "train", "train", "train", "test", "test"],
            "label": ["happy", "sad", "sad", "happy", "happy", "sad"],
            "readable": True,
            "digest": ["a", "a", "c", "d", "e", "f"],
        }
    )
    return DatasetIndex(table, np.zeros((6, 48, 48, 1), np.uint8))


def _pairs() -> pd.DataFrame:
    rows = [(0, 1, 1.0, True), (0, 4, 0.99, False), (2, 5, 0.95, False), (2, 3, 0.8, False)]
    return pd.DataFrame(rows, columns=["image_id", "twin_id", "similarity", "identical"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("leak", [(0, 4), (2, 5)], id="two splits"),
        pytest.param("contradicting", [(0, 1)], id="two labels"),
        pytest.param("identical", [(0, 1)], id="the same pixels"),
        pytest.param("near_duplicate", [(0, 4), (2, 5)], id="alike, not identical"),
    ],
)
def test_every_kind_has_its_pairs(kind, expected):
    chosen = pairs_of_kind(_index(), _pairs(), kind)
    assert list(zip(chosen["image_id"], chosen["twin_id"], strict=True)) == expected


def test_a_lower_threshold_lets_more_pairs_in():
    assert len(pairs_of_kind(_index(), _pairs(), "contradicting", min_similarity=0.7)) == 2


def test_what_is_excluded_has_no_twins():
    assert pairs_of_kind(_index().without([0]), _pairs(), "identical").empty


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(ValueError, match=KINDS[0]):
        pairs_of_kind(_index(), _pairs(), "twins")


def test_groups_come_closest_first_with_train_before_test():
    rows = group_pictures(_index(), pairs_of_kind(_index(), _pairs(), "leak"))
    assert list(rows["group"]) == [0, 0, 1, 1]
    assert list(rows["image_id"]) == [0, 4, 2, 5]
    assert list(rows["similarity"]) == [0.99, 0.99, 0.95, 0.95]
    assert list(rows["split"]) == ["train", "test"] * 2


def test_groups_come_least_alike_first_on_request():
    rows = group_pictures(_index(), pairs_of_kind(_index(), _pairs(), "leak"), closest_first=False)
    assert list(rows["image_id"]) == [2, 5, 0, 4]


def test_no_pairs_give_no_groups():
    assert group_pictures(_index(), _pairs().iloc[:0]).empty
