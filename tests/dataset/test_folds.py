import numpy as np
import pandas as pd
import pytest

from fer_core.dataset.folds import assign_folds
from fer_core.errors import DatasetError


def _rows(labels: list[str], digests: list[str] | None = None) -> pd.DataFrame:
    return pd.DataFrame({"label": labels, "digest": digests or [f"{number:03}" for number in range(len(labels))]})


def test_every_label_is_spread_evenly_over_the_folds() -> None:
    rows = _rows(["happy"] * 40 + ["sad"] * 13 + ["disgust"] * 7)
    folds = assign_folds(rows, 4, seed=0)
    counts = pd.crosstab(rows["label"], folds)
    assert list(counts.columns) == [0, 1, 2, 3]
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1


def test_identical_pictures_share_a_fold() -> None:
    rows = _rows(["happy", "sad"] * 30, [f"{number // 5:03}" for number in range(60)])
    assert rows.assign(fold=assign_folds(rows, 3, seed=1)).groupby("digest")["fold"].nunique().max() == 1


def test_groups_of_duplicates_share_a_fold_where_they_are_known() -> None:
    rows, groups = _rows(["happy", "sad"] * 30), np.arange(60) // 6
    folds = assign_folds(rows, 3, seed=1, groups=groups)
    assert pd.Series(folds).groupby(groups).nunique().max() == 1


def test_folds_are_repeatable_by_seed() -> None:
    rows = _rows(["happy", "sad"] * 30)
    assert (assign_folds(rows, 3, seed=5) == assign_folds(rows, 3, seed=5)).all()
    assert (assign_folds(rows, 3, seed=5) != assign_folds(rows, 3, seed=6)).any()


def test_a_class_with_fewer_pictures_than_folds_is_told() -> None:
    with pytest.raises(DatasetError, match="'sad' has 2 different pictures, too few for 3 parts"):
        assign_folds(_rows(["happy"] * 9 + ["sad"] * 2), 3, seed=0)
