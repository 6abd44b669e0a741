import numpy as np
import pandas as pd
import pytest

from fer_core.dataset.browse import BrowseQuery, group_columns, num_pages, page_of, select_images
from fer_core.dataset.index import DatasetIndex

# id, path, split, label, indexed_label, source, subject, readable, excluded, sharpness
ROWS = [
    (0, "train/happy/a.png", "train", "happy", "happy", "one", "s1", True, False, 30.0),
    (1, "train/happy/B.png", "train", "sad", "happy", "one", "s1", True, False, 10.0),
    (2, "train/sad/c.png", "train", "sad", "sad", "two", "s2", True, True, 20.0),
    (3, "train/sad/d.png", "train", "sad", "sad", "two", "s2", False, False, 0.0),
    (4, "public/happy/e.png", "public_test", "happy", "happy", "two", "s3", True, False, 20.0),
    (5, "private/sad/f.png", "private_test", "sad", "sad", "two", "s3", True, False, 20.0),
]
COLUMNS = ["image_id", "path", "split", "label", "indexed_label", "source", "subject", "readable", "excluded"]
COLUMNS.append("sharpness")
FINDINGS = pd.DataFrame({"check": ["leak", "leak", "leak", "odd_size"], "image_id": [5, 0, 2, 4]})
PREDICTIONS = pd.DataFrame(
    {
        "image_id": [0, 1, 2, 4],
        "predicted": ["happy", "happy", "sad", "sad"],
        "confidence": [0.9, 0.6, 0.5, 0.8],
        "loss": [0.1, 0.9, 0.7, 1.6],
    }
)


@pytest.fixture
def index() -> DatasetIndex:
    table = pd.DataFrame(ROWS, columns=COLUMNS)
    return DatasetIndex(table, np.zeros((len(table), 48, 48, 1), np.uint8))


def selected(index: DatasetIndex, **asked: str | int) -> list[int]:
    return select_images(index, BrowseQuery(**asked), findings=FINDINGS, predictions=PREDICTIONS).tolist()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, {0, 1, 4, 5}, id="usable pictures"),
        pytest.param({"split": "train"}, {0, 1}, id="split"),
        pytest.param({"split": "test"}, {4, 5}, id="both parts of the FER2013 test"),
        pytest.param({"label": "sad"}, {1, 5}, id="label after corrections"),
        pytest.param({"check": "excluded"}, {2}, id="excluded"),
        pytest.param({"check": "unreadable"}, {3}, id="unreadable"),
        pytest.param({"check": "relabelled"}, {1}, id="relabelled"),
        pytest.param({"check": "leak"}, {0, 5}, id="a check, without what is excluded"),
        pytest.param({"check": "nothing"}, set(), id="a check that found nothing"),
        pytest.param({"prediction": "sad"}, {4}, id="prediction"),
        pytest.param({"prediction": "wrong"}, {1, 4}, id="wrong predictions"),
        pytest.param({"prediction": "right"}, {0}, id="right predictions"),
        pytest.param({"source": "two"}, {4, 5}, id="source"),
        pytest.param({"group": "subject:s1"}, {0, 1}, id="group"),
        pytest.param({"group": "nobody:s1"}, set(), id="a group that is no column"),
        pytest.param({"name": "b.PNG"}, {1}, id="name in any case"),
        pytest.param({"name": ".*"}, set(), id="a name is no pattern"),
        pytest.param({"split": "test", "label": "happy", "prediction": "sad"}, {4}, id="all at once"),
    ],
)
def test_filters(index, asked, expected):
    assert set(selected(index, **asked)) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("path", [5, 4, 1, 0]),
        ("-path", [0, 1, 4, 5]),
        ("sharpness", [1, 4, 5, 0]),
        ("-sharpness", [0, 4, 5, 1]),
        ("loss", [0, 1, 4, 5]),
        ("-loss", [4, 1, 0, 5]),
        ("unknown", [5, 4, 1, 0]),
    ],
)
def test_orders_put_what_has_no_value_last(index, sort, expected):
    assert selected(index, sort=sort) == expected


def test_a_check_can_order_its_pictures(index):
    assert selected(index, check="leak", sort="finding") == [5, 0]


def test_a_shuffle_is_the_same_for_a_seed_and_for_every_filter(index):
    orders = {tuple(selected(index, sort="shuffle", seed=seed)) for seed in range(8)}
    assert len(orders) > 1
    assert selected(index, sort="shuffle", seed=3) == selected(index, sort="shuffle", seed=3)
    everything, train = (selected(index, sort="shuffle", seed=3, split=split) for split in ("", "train"))
    assert [image_id for image_id in everything if image_id in train] == train


def test_without_an_audit_or_a_model_their_filters_find_nothing(index):
    for asked in (BrowseQuery(check="leak"), BrowseQuery(prediction="wrong"), BrowseQuery(prediction="right")):
        assert not len(select_images(index, asked))
    assert len(select_images(index, BrowseQuery(sort="-loss"))) == 4


def test_an_index_as_built_has_nothing_excluded_or_relabelled(index):
    raw = DatasetIndex(index.table.drop(columns=["excluded", "indexed_label"]), index.images)
    assert len(select_images(raw, BrowseQuery())) == 5
    assert not len(select_images(raw, BrowseQuery(check="relabelled")))


def test_the_url_says_only_what_is_not_the_default():
    query = BrowseQuery(split="test", sort="-loss", page=7, page_size=240, image="12")
    params = query.to_params()
    assert params == {"split": "test", "sort": "-loss", "page": "7", "page_size": "240", "image": "12"}
    assert BrowseQuery.from_params({**params, "dataset": "other"}) == query
    assert BrowseQuery().to_params() == {}


@pytest.mark.parametrize(
    "params",
    [{"page": "0"}, {"page": "x"}, {"page_size": "7"}, {"seed": "-1"}, {"seed": "1.5"}, {"image": "../x"}],
    ids=str,
)
def test_what_a_url_cannot_mean_gives_way_to_the_default(params):
    assert BrowseQuery.from_params(params) == BrowseQuery()


def test_pages_hold_every_picture_once_and_the_last_stands_for_those_beyond():
    image_ids = np.arange(150)
    pages = [page_of(image_ids, BrowseQuery(page=page)).tolist() for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [60, 60, 30]
    assert [image_id for page in pages for image_id in page] == image_ids.tolist()
    assert page_of(image_ids, BrowseQuery(page=99)).tolist() == pages[2]
    assert num_pages(0, 60) == 1


def test_page_and_open_picture_do_not_change_the_selection():
    one, other = BrowseQuery(label="sad"), BrowseQuery(label="sad", page=4, page_size=240, image="3")
    assert one.selection == other.selection != BrowseQuery(label="happy").selection


def test_group_columns_are_what_metadata_brought(index):
    assert group_columns(index) == ["subject"]
