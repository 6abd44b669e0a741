"""What a model said is read once: corrections and a second question find it, another network or views do not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import DatasetIndex
from fer_core.errors import Cancelled
from fer_core.models.kept_readings import read_once
from fer_core.models.package import ModelPackage
from fer_core.models.reading import read_pictures
from tests.models.networks import make_faces


@pytest.fixture
def index(fer_home) -> DatasetIndex:
    table = pd.DataFrame({"image_id": range(70), "label": "sad", "split": "test", "readable": True})
    table["path"] = [f"{number}.png" for number in range(70)]
    table["digest"] = [f"{number:032x}" for number in range(70)]
    return DatasetIndex(table, make_faces(70))


def _read(package: ModelPackage, index: DatasetIndex, ids: list[int], views: str = "one") -> tuple[np.ndarray, list]:
    seen: list[tuple[int, int]] = []
    said = read_once(
        package, index, np.array(ids), views=views, on_progress=lambda done, total: seen.append((done, total))
    )
    return said, seen


def test_only_what_was_not_read_before_is_read(tiny_package: ModelPackage, index: DatasetIndex) -> None:
    _, seen = _read(tiny_package, index, [3, 1, 2])
    assert seen == [(3, 3)]
    relabelled = DatasetIndex(index.table.assign(label="happy"), index.images)
    said, seen = _read(tiny_package, relabelled, [5, 1, 3])
    assert seen == [(1, 1)]
    expected, _ = read_pictures(tiny_package, index, np.array([5, 1, 3]), views="one")
    assert np.array_equal(said, expected)
    assert _read(tiny_package, index, [2, 5])[1] == []


def test_other_views_and_another_temperature_are_read_anew(tiny_package: ModelPackage, index: DatasetIndex) -> None:
    _read(tiny_package, index, [0, 1])
    assert _read(tiny_package, index, [0, 1], "all")[1] == [(2, 2)]
    warmer = replace(tiny_package, info=replace(tiny_package.info, temperature={"one": 2.0, "all": 2.0}))
    assert _read(warmer, index, [0, 1])[1] == [(2, 2)]


def test_a_cancelled_reading_keeps_nothing(tiny_package: ModelPackage, index: DatasetIndex, fer_home) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        read_once(tiny_package, index, np.arange(70), on_progress=stop)
    assert not list(fer_home.rglob("*.parquet"))
