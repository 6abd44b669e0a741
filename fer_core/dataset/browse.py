"""Which pictures of a dataset to look at, and in which order: the question as plain values, and its answer.

A query comes in from a page's URL, `select_images` answers with the image ids of one dataset. A query is plain text
and numbers, so that a link to exactly this view can be shared and survives a reload.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.index import TEST_PARTS, DatasetIndex

PAGE_SIZES: tuple[int, ...] = (60, 120, 240)
_IMAGE_ID = re.compile(r"[0-9]{1,9}")
OWN_CHECKS: tuple[str, ...] = ("excluded", "relabelled", "unreadable")  # answered by the table, without an audit
WRONG, RIGHT = "wrong", "right"  # what `prediction` takes besides a class name
MEASURES: tuple[str, ...] = (
    "brightness",
    "contrast",
    "sharpness",
    "width",
    "height",
    "file_size",
    "modified_ns",
)
PREDICTED: tuple[str, ...] = ("loss", "confidence")
_INDEX_COLUMNS = frozenset(
    (*MEASURES, "image_id", "path", "split", "label", "indexed_label", "source", "readable", "excluded", "mode")
) | {"format", "digest", "perceptual_hash"}


@dataclass(frozen=True)
class BrowseQuery:
    """A view of a dataset; the empty text asks for everything.

    Args:
        split: Name of a split; `test` also means public_test and private_test together.
        label: Label after corrections.
        check: Key of a check of the audit, or one of `OWN_CHECKS`.
        prediction: What the model says: a class name, `wrong` or `right`.
        source: Value of the column `source`.
        group: `column:value` of a group column.
        name: Part of the path, in any case of letters.
        sort: `path`, `finding` (as the check lists them), `shuffle`, or one of `MEASURES` and `PREDICTED`; a `-`
            in front turns the order round.
        seed: Decides the order of `shuffle`.
        page: 1 or more.
        page_size: One of `PAGE_SIZES`.
        image: Id of the picture that is open, or the empty text.
    """

    split: str = ""
    label: str = ""
    check: str = ""
    prediction: str = ""
    source: str = ""
    group: str = ""
    name: str = ""
    sort: str = "path"
    seed: int = 0
    page: int = 1
    page_size: int = PAGE_SIZES[0]
    image: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> "BrowseQuery":
        """Read a query from URL parameters; what is missing or cannot be used gives way to the default."""
        values = {field.name: _value(field.default, params.get(field.name)) for field in fields(cls)}
        query = cls(**values)
        return replace(
            query,
            page=max(1, query.page),
            seed=max(0, query.seed),
            page_size=query.page_size if query.page_size in PAGE_SIZES else PAGE_SIZES[0],
            image=query.image if _IMAGE_ID.fullmatch(query.image) else "",
        )

    def to_params(self) -> dict[str, str]:
        """Return the URL parameters that are not at their default."""
        pairs = ((field.name, field.default, getattr(self, field.name)) for field in fields(self))
        return {name: str(value) for name, default, value in pairs if value != default}

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the view: the filters that are set, by name."""
        names = ("split", "label", "check", "prediction", "source", "group", "name")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def selection(self) -> "BrowseQuery":
        """The part that decides which pictures come in which order, whatever page or picture is open."""
        return replace(self, page=1, page_size=PAGE_SIZES[0], image="")


def _value(default: Any, given: str | None) -> Any:
    if given is None:
        return default
    if isinstance(default, str):
        return given
    try:
        return int(given)
    except ValueError:
        return default


def group_columns(index: DatasetIndex) -> list[str]:
    """Return the columns that a metadata file brought along."""
    return [column for column in index.table.columns if column not in _INDEX_COLUMNS]


def num_pages(num_images: int, page_size: int) -> int:
    """Return how many pages some pictures fill; an empty view has one."""
    return max(1, math.ceil(num_images / page_size))


def page_of(image_ids: npt.NDArray[np.int64], query: BrowseQuery) -> npt.NDArray[np.int64]:
    """Return the image ids on the query's page; a page beyond the last gives the last."""
    page = min(query.page, num_pages(len(image_ids), query.page_size))
    return image_ids[(page - 1) * query.page_size : page * query.page_size]


def select_images(
    index: DatasetIndex,
    query: BrowseQuery,
    *,
    findings: pd.DataFrame | None = None,
    predictions: pd.DataFrame | None = None,
) -> npt.NDArray[np.int64]:
    """Answer a query.

    Pictures that are excluded or unreadable appear only where the query asks for them by `check`.

    Args:
        index: The dataset, with corrections applied.
        query: What to show; page and open picture play no part.
        findings: check, image_id of every finding of the audit, where there was one.
        predictions: image_id, predicted, confidence, loss of a model, where there is one.

    Returns:
        (n,) int64 image ids in order.
    """
    table = index.table
    rows = _with_predictions(table, predictions)
    found = _found_by(query.check, table, findings)
    wanted = (
        found
        & _in_split(table, query.split)
        & _equals(table, "label", query.label)
        & _equals(table, "source", query.source)
        & _predicted(rows, query.prediction)
        & _in_group(table, query.group)
        & table["path"].str.contains(query.name, case=False, regex=False).to_numpy(bool)
    )
    order = _order(rows, query, findings)
    return order[wanted[order]]


def usable_rows(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which rows are readable and not excluded; (n,) bool."""
    return table["readable"].to_numpy(bool) & ~excluded_rows(table)


def excluded_rows(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which rows were excluded; (n,) bool."""
    return table["excluded"].to_numpy(bool) if "excluded" in table else np.zeros(len(table), bool)


def relabelled_rows(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which rows bear another label than when they were indexed; (n,) bool."""
    if "indexed_label" not in table:
        return np.zeros(len(table), bool)
    return (table["indexed_label"].astype(str) != table["label"].astype(str)).to_numpy(bool)


def _with_predictions(table: pd.DataFrame, predictions: pd.DataFrame | None) -> pd.DataFrame:
    """Return one row a picture with label, measures and, NaN where there is none, the prediction; row i is image i."""
    columns = ["image_id", "path", "label", *(name for name in MEASURES if name in table)]
    rows = table[columns].reset_index(drop=True)
    if predictions is None:
        return rows.assign(predicted=None, confidence=np.nan, loss=np.nan)
    return rows.merge(predictions[["image_id", "predicted", *PREDICTED]], on="image_id", how="left", validate="1:1")


def _found_by(check: str, table: pd.DataFrame, findings: pd.DataFrame | None) -> npt.NDArray[np.bool_]:
    if check == "excluded":
        return excluded_rows(table)
    if check == "unreadable":
        return ~table["readable"].to_numpy(bool)
    if check == "relabelled":
        return relabelled_rows(table) & usable_rows(table)
    if not check:
        return usable_rows(table)
    if findings is None:
        return np.zeros(len(table), bool)
    found = findings.loc[findings["check"] == check, "image_id"]
    return table["image_id"].isin(found).to_numpy(bool) & usable_rows(table)


def _in_split(table: pd.DataFrame, split: str) -> npt.NDArray[np.bool_]:
    splits = table["split"].astype(str)
    if split == "test" and not (splits == split).any():
        return splits.isin(TEST_PARTS).to_numpy(bool)
    return _equals(table, "split", split)


def _equals(table: pd.DataFrame, column: str, value: str) -> npt.NDArray[np.bool_]:
    return (table[column].astype(str) == value).to_numpy(bool) if value else np.ones(len(table), bool)


def _predicted(rows: pd.DataFrame, prediction: str) -> npt.NDArray[np.bool_]:
    if not prediction:
        return np.ones(len(rows), bool)
    predicted = rows["predicted"]
    if prediction in (WRONG, RIGHT) and not (predicted == prediction).any():
        agrees = (predicted == rows["label"]).to_numpy(bool)
        return (agrees if prediction == RIGHT else ~agrees) & predicted.notna().to_numpy(bool)
    return (predicted == prediction).to_numpy(bool)


def _in_group(table: pd.DataFrame, group: str) -> npt.NDArray[np.bool_]:
    column, _, value = group.partition(":")
    if not group:
        return np.ones(len(table), bool)
    return _equals(table, column, value) if column in table else np.zeros(len(table), bool)


def _order(rows: pd.DataFrame, query: BrowseQuery, findings: pd.DataFrame | None) -> npt.NDArray[np.int64]:
    """Return all image ids in the query's order; what has no value comes last either way."""
    name, descending = query.sort.removeprefix("-"), query.sort.startswith("-")
    if name == "shuffle":
        return np.random.default_rng(query.seed).permutation(len(rows)).astype(np.int64)
    if name == "finding" and findings is not None:
        listed = findings.loc[findings["check"] == query.check, "image_id"].drop_duplicates()
        keys = pd.Series(np.arange(len(listed)), index=listed).reindex(rows["image_id"])
    elif name in rows.columns and name in (*MEASURES, *PREDICTED):
        keys = rows[name]
    else:
        keys = rows["path"]
    in_order = keys.reset_index(drop=True).sort_values(ascending=not descending, kind="stable", na_position="last")
    return in_order.index.to_numpy(np.int64)
