from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import Dataset, add_dataset
from fer_core.dataset.corrections.edits import exclude, relabel, undo
from fer_core.dataset.suspicious import Search, examined_images, keep_search, read_suspicious, searches
from tests.dataset.pictures import write_class_folders


@pytest.fixture
def dataset(fer_home: Path, tmp_path: Path) -> Dataset:
    return add_dataset(write_class_folders(tmp_path / "faces", ["train/happy", "train/sad"]), name="faces")


def _keep(dataset: Dataset, source: str, examined: list[int], found: dict[int, float]) -> None:
    labels = dataset.index.table["label"]
    rows = pd.DataFrame(
        {
            "image_id": list(found),
            "given_label": [labels[image_id] for image_id in found],
            "suggested_label": "fear",
            "score": list(found.values()),
        }
    )
    search = Search(source=source, basis="", num_examined=len(examined), num_suspicious=len(found), noise_share=0.1)
    keep_search(dataset, search, examined=np.array(examined), found=rows)


def _ids(dataset: Dataset) -> list[int]:
    found = read_suspicious(dataset)
    assert found is not None
    return found["image_id"].tolist()


def test_nothing_is_known_before_a_search(dataset: Dataset) -> None:
    assert read_suspicious(dataset) is None
    assert searches(dataset) == []
    assert len(examined_images(dataset)) == 0


def test_the_most_suspicious_comes_first(dataset: Dataset) -> None:
    _keep(dataset, "model a", [0, 1, 2], {0: 0.6, 2: 0.9})
    assert _ids(dataset) == [2, 0]
    assert [(search.source, search.num_suspicious) for search in searches(dataset)] == [("model a", 2)]


def test_a_search_replaces_what_was_found_about_the_pictures_it_examined(dataset: Dataset) -> None:
    _keep(dataset, "model a", [0, 1, 2], {0: 0.6, 2: 0.9})
    _keep(dataset, "model b", [2, 3], {3: 0.7})
    assert _ids(dataset) == [3, 0]
    assert [search.source for search in searches(dataset)] == ["model b", "model a"]
    assert examined_images(dataset).tolist() == [0, 1, 2, 3]


def test_what_was_corrected_since_is_not_suspicious_any_more(dataset: Dataset) -> None:
    _keep(dataset, "model a", [0, 1, 2], {0: 0.6, 1: 0.7, 2: 0.9})
    relabel(dataset, [2], "fear")
    exclude(dataset, [0])
    assert _ids(dataset) == [1]
    undo(dataset)
    assert _ids(dataset) == [1, 0]


def test_a_search_without_a_finding_is_kept_too(dataset: Dataset) -> None:
    _keep(dataset, "model a", [0, 1], {})
    assert _ids(dataset) == []
    assert searches(dataset)[0].num_examined == 2
