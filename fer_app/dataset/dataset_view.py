"""A dataset on a page: its facts, sample faces of each class, and removing it."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from fer_app.controls import choose
from fer_app.dataset.thumbnail import thumbnail
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, remove_dataset
from fer_core.errors import FerError
from fer_core.training import list_runs

_SIDE = 80  # pixels of a face on the page


def show_facts(dataset: Dataset) -> None:
    """Show how much there is, where it came from, which files could not be read, and the way to training."""
    index = view_of(dataset)
    unreadable = index.select(readable=False)
    facts = st.container(horizontal=True, gap="medium")  # on a phone they stand two in a row
    facts.metric("Images", f"{len(index.usable):,}", help="Images in all splits that can be read and count", width=150)
    facts.metric("Classes", len(index.class_names), help=", ".join(index.class_names), width=150)
    size = _picture_size(index.select())
    facts.metric("Picture size", size, help="Width × height of the files in pixels", width="content")
    facts.metric("Unreadable files", f"{len(unreadable):,} of {len(index.table):,}", width="content")
    num_excluded = len(index.table) - len(index.usable) - len(unreadable)
    excluded = f" {num_excluded:,} excluded by corrections." if num_excluded else ""
    st.caption(f"{_origin(dataset)}, added {dataset.added_at[:16].replace('T', ' ')} UTC.{excluded}")
    if dataset.notes:
        with st.expander(f"Notes from adding it ({len(dataset.notes)})", icon=":material/sticky_note_2:"):
            st.markdown("\n".join(f"- {literal(note)}" for note in dataset.notes))
    if len(unreadable):
        with st.expander(
            f"{len(unreadable):,} files could not be read and are left out", icon=":material/broken_image:"
        ):
            st.dataframe(unreadable[["path", "split", "label"]], hide_index=True, width="stretch")
    st.page_link(
        "../pages/training.py",
        label="Train a network on this dataset",
        icon=":material/arrow_forward:",
        query_params={"dataset": dataset.name},
    )


def _origin(dataset: Dataset) -> str:
    if dataset.kind == "drawn":
        return "Drawn by this program"
    if dataset.kind == "folder":
        return f"Used in place from {literal(str(dataset.files_folder))}"
    if dataset.kind == "merged":
        return f"Merged from {literal(dataset.source)}"
    if dataset.kind in ("url", "kaggle"):
        return f"Downloaded from {literal(dataset.source)}"
    return f"Unpacked from {literal(Path(dataset.source).name)}"


def _picture_size(rows: pd.DataFrame) -> str:
    small = f"{rows['width'].min()} × {rows['height'].min()}"
    large = f"{rows['width'].max()} × {rows['height'].max()}"
    return f"{small} px" if small == large else f"{small} to {large} px"


def show_samples(dataset: Dataset, *, num_faces: int = 10) -> None:
    """Show a few faces of each class, drawn by seed."""
    view = view_of(dataset)
    controls = st.columns([2, 1, 3], vertical_alignment="bottom")
    with controls[0]:
        split = choose("Split", view.splits, key="sample-split")
    seed = controls[1].number_input(
        "Seed", 0, 9999, 0, key="sample-seed", bind="query-params", help="Another seed, other faces"
    )
    for number, label in enumerate(view.class_names):
        rows = view.select(split=split, label=label)
        chosen = rows.sample(min(num_faces, len(rows)), random_state=np.random.default_rng([seed, number])).sort_values(
            "image_id"
        )
        st.markdown(f"**{literal(label)}** · {len(chosen)} of {len(rows):,}")
        if len(chosen):
            pictures = [thumbnail(view.images[image_id], _SIDE) for image_id in chosen["image_id"]]
            st.image(pictures, width=_SIDE, alt=[f"{label}: {path}" for path in chosen["path"]])


def show_removal(dataset: Dataset) -> None:
    """Say what removing a dataset deletes, and do it when the person agrees."""
    with st.popover("Remove this dataset", icon=":material/delete:"):
        if dataset.kind == "folder":
            place = literal(str(dataset.files_folder))
            st.markdown(f"The app forgets **{literal(dataset.name)}**. The pictures in {place} stay untouched.")
        else:
            st.markdown(f"Deletes **{literal(dataset.name)}** with the pictures that were unpacked for this app.")
        st.caption("Models that were trained on it stay.")
        if st.button("Remove", type="primary", key=f"remove-{dataset.name}", icon=":material/delete:"):
            _remove(dataset.name)


def _remove(name: str) -> None:
    users = [run.name for run in list_runs() if run.status().is_live and run.config.dataset == name]
    if users:
        st.error(f"{literal(users[0])} is being trained on it. Wait for its end or stop it first.")
        return
    try:
        remove_dataset(name)
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.query_params.pop("dataset", None)
    st.rerun()
