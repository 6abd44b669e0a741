"""Duplicates on a page: the job that looks for them, then the pairs by kind, group by group, with a threshold to move.

Kind, threshold, order and page stand in the URL. Nothing is deleted: an exclusion is a correction that can be undone.
"""

from pathlib import Path

import pandas as pd
import streamlit as st

from fer_app.controls import choose, choose_view, start_button
from fer_app.dataset.duplicate_groups_view import show_exclusions, show_groups
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.loaders import Stamp, file_stamp, view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.duplicates.kinds import group_pictures, pairs_of_kind
from fer_core.dataset.duplicates.pairs import MIN_SIMILARITY, load_duplicates
from fer_core.dataset.duplicates.similarity import LOWEST_SIMILARITY
from fer_core.errors import JobError
from fer_core.health import audit_job_folder
from fer_core.jobs import read_status
from fer_core.settings import load_settings

_TARGET = "fer_core.dataset.duplicates.pairs:find_duplicates_job"
_TITLES = {
    "leak": "Leaks between splits",
    "contradicting": "Contradicting labels",
    "identical": "Identical",
    "near_duplicate": "Near duplicates",
}
_MEANINGS = {
    "leak": "The same photo in two splits: a network that has seen it in training is tested on what it knows.",
    "contradicting": "The same photo under two labels: at least one of them is wrong.",
    "identical": "The same pixels more than once.",
    "near_duplicate": "The same photo encoded again, shifted, scaled, re-cropped or mirrored.",
}
_GOOD_NEWS = {
    "leak": "No leaks: no picture has a twin in another split.",
    "contradicting": "No contradictions: pictures of the same photo have the same label.",
    "identical": "No two pictures are identical.",
    "near_duplicate": "No near duplicates.",
}
_ORDERS = {"closest": "Most alike first", "farthest": "Least alike first"}


def show_duplicates(dataset: Dataset) -> None:
    """Show a dataset's duplicates, or the way to them."""
    view, folder = view_of(dataset), duplicates_job_folder(dataset)
    clear_ended_job(folder, only_completed=True)
    pairs = _pairs_of(dataset)
    if pairs is None:
        _look_for_them(dataset, view, folder)
        return
    kind = choose_view("Kind of duplicates", _TITLES, key="twins")
    slider, box, _ = st.columns([2, 1, 1], vertical_alignment="bottom", gap="medium")
    min_similarity = slider.slider(
        "Least similarity",
        LOWEST_SIMILARITY,
        1.0,
        MIN_SIMILARITY,
        0.01,
        key="similarity",
        bind="query-params",
        help="How well the detail of two pictures agrees once they are laid over each other. Identical pictures have "
        f"1.00; above {MIN_SIMILARITY} hardly a pair is false, frames of one video aside; below 0.85 come similar "
        "faces.",
    )
    with box:
        order = choose("Order", list(_ORDERS), key="order", format_func=_ORDERS.__getitem__)
    _show_kind(dataset, view, pairs, kind, min_similarity, closest_first=order == "closest")


def duplicates_job_folder(dataset: Dataset) -> Path:
    """Return the folder of the job that looks for a dataset's duplicates; there is one at a time."""
    return load_settings().jobs_folder / f"duplicates-{dataset.name}"


def _pairs_of(dataset: Dataset) -> pd.DataFrame | None:
    stamp = file_stamp(sorted(dataset.audit_folder.glob("duplicates-*.parquet")))
    return _pairs(str(dataset.folder), stamp, dataset) if stamp else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _pairs(folder: str, stamp: Stamp, _dataset: Dataset) -> pd.DataFrame | None:
    return load_duplicates(_dataset)


def _show_kind(
    dataset: Dataset, view: DatasetIndex, pairs: pd.DataFrame, kind: str, min_similarity: float, *, closest_first: bool
) -> None:
    chosen = pairs_of_kind(view, pairs, kind, min_similarity=min_similarity)
    if chosen.empty:
        st.success(f"{_GOOD_NEWS[kind]} Looked at {len(view.usable):,} pictures.", icon=":material/check_circle:")
        return
    pictures = group_pictures(view, chosen, closest_first=closest_first)
    st.markdown(f"**{_counts(view, pictures, kind)}** {_MEANINGS[kind]}")
    with st.container(horizontal=True, vertical_alignment="center"):
        show_exclusions(dataset, view, pictures, kind)
        st.download_button(
            "Pairs as CSV",
            data=lambda: _csv(view, chosen),
            file_name=f"{dataset.name}-{kind}.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
        st.page_link(
            "../pages/dataset.py",
            label="See these in Browse",
            icon=":material/grid_view:",
            query_params={"dataset": dataset.name, "view": "browse", "check": kind},
            help="As the health report found them",
        )
    show_groups(dataset, view, pictures, kind)


def _counts(view: DatasetIndex, pictures: pd.DataFrame, kind: str) -> str:
    num_groups = int(pictures["group"].nunique())
    groups = "1 group" if num_groups == 1 else f"{num_groups:,} groups"
    if kind != "leak":
        return f"{len(pictures):,} of {len(view.usable):,} pictures in {groups}."
    sizes = view.usable["split"].value_counts()
    leaked = pictures["split"].value_counts()
    parts = [f"{leaked[split]:,} of {sizes[split]:,} in {literal(split)}" for split in view.splits if split in leaked]
    return f"{', '.join(parts)}, in {groups}."


def _csv(view: DatasetIndex, pairs: pd.DataFrame) -> str:
    """The pairs with paths, splits and labels in place of numbers."""
    columns: dict[str, object] = {}
    for name, ids in (("image", pairs["image_id"]), ("twin", pairs["twin_id"])):
        rows = view.table.iloc[ids.to_numpy()]
        columns |= {f"{name}_{column}": rows[column].to_numpy() for column in ("path", "split", "label")}
    found = {column: pairs[column].to_numpy() for column in ("similarity", "identical", "relation")}
    return pd.DataFrame(columns | found).to_csv(index=False, float_format="%.4f")


def _look_for_them(dataset: Dataset, view: DatasetIndex, folder: Path) -> None:
    """Watch the search, or the health report that makes it, or offer to start it."""
    report = audit_job_folder(dataset)
    if _is_live(report):
        st.caption("The health report is being made; it looks for duplicates first.")
        watch_job(report)
        return
    status = watch_job(folder)
    if status is not None and status.is_live:
        return
    st.info(
        f"Nobody has looked for duplicates among the {len(view.table):,} pictures of **{literal(dataset.name)}** yet. "
        "It takes about a minute for 30,000 pictures and can be cancelled.",
        icon=":material/content_copy:",
    )
    if start_button("Look for duplicates", key="duplicates", icon=":material/content_copy:"):
        title = f"Duplicates in {dataset.name}"
        if begin_job(folder, _TARGET, {"dataset": dataset.name}, title=title, keys=["duplicates"]):
            st.rerun()


def _is_live(folder: Path) -> bool:
    try:
        return read_status(folder).is_live
    except JobError:
        return False
