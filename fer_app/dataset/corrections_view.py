"""The corrections of a dataset on a page: what differs from the index, who did what, undo and redo, the file.

Everything is read from the dataset's corrections, so a reload, a second tab and another person see the same; undo and
redo work on what this browser tab did.
"""

import base64
import io

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from PIL import Image

from fer_app.dataset.browse_edits import author
from fer_app.dataset.patch_view import show_comparison, show_import
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.corrections.edits import list_changes, read_corrections, redo, restore, undo
from fer_core.dataset.corrections.file import CORRECTIONS_NAME
from fer_core.dataset.corrections.history import list_edits
from fer_core.errors import FerError

_PAGE_SIZE = 60  # rows of the table, each with a thumbnail
_NUM_EDITS = 200


def show_corrections(dataset: Dataset) -> None:
    """Show a dataset's corrections and the ways to take them back, along, and in."""
    try:
        view, corrections = view_of(dataset), read_corrections(dataset)
    except FerError as error:
        st.error(literal(str(error)))
        return
    me = author()
    if corrections.empty:
        st.info("No corrections yet. Fix labels and leave out bad pictures in Browse.", icon=":material/edit_off:")
        _link_to_browse(dataset)
    else:
        changes = list_changes(view, corrections)
        _show_summary(view, changes)
        _show_controls(dataset, corrections, me)
        if not changes.empty:
            _show_changes(dataset, view, changes, me, stamp=len(corrections))
        _show_history(corrections, me)
    show_import(dataset, corrections, me)
    show_comparison(corrections)


def count(number: int) -> str:
    """Say how many pictures."""
    return "1 picture" if number == 1 else f"{number:,} pictures"


def _link_to_browse(dataset: Dataset) -> None:
    st.page_link(
        "../pages/dataset.py",
        label="Browse the pictures",
        icon=":material/grid_view:",
        query_params={"dataset": dataset.name, "view": "browse"},
    )


def _show_summary(view: DatasetIndex, changes: pd.DataFrame) -> None:
    num_excluded, total = int(changes["excluded"].sum()), len(view.table)
    figures = st.container(horizontal=True, gap="medium")
    figures.metric("Relabelled pictures", f"{len(changes) - num_excluded:,} of {total:,}", width="content")
    figures.metric("Excluded pictures", f"{num_excluded:,} of {total:,}", width="content")
    st.caption(
        "Training, evaluation and every count see the dataset with these corrections. The pictures and the index stay "
        "as they are."
    )
    in_test = int(changes["split"].str.casefold().str.contains("test").sum())
    if in_test:
        st.warning(
            f"{count(in_test)} of the test split {'is' if in_test == 1 else 'are'} corrected. Figures measured on it "
            "cannot be compared with figures measured on the split as it was published.",
            icon=":material/warning:",
        )


def _show_controls(dataset: Dataset, corrections: pd.DataFrame, me: str) -> None:
    mine = corrections[corrections["author"] == me]
    has_undone = mine["edit_id"].str.contains("-undo-").any()
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, is_possible in (("Undo", not mine.empty), ("Redo", has_undone)):
            st.button(
                label,
                icon=f":material/{label.lower()}:",
                disabled=not is_possible,
                on_click=_reverse,
                args=(dataset, label, me),
                help=f"{label} what was done last in this browser tab; others' changes stay",
            )
        st.download_button(
            "Download as CSV",
            (dataset.folder / CORRECTIONS_NAME).read_bytes(),
            file_name=f"{dataset.name}-corrections.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        _link_to_browse(dataset)


def _reverse(dataset: Dataset, label: str, me: str) -> None:
    try:
        edit = undo(dataset, me) if label == "Undo" else redo(dataset, me)
    except FerError as error:
        st.toast(literal(str(error)), icon=":material/error:")
        return
    if edit is None:
        st.toast(f"Nothing of yours is left to {label.lower()}.")
        return
    left = f" {count(edit.num_skipped)} changed since by somebody else stay." if edit.num_skipped else ""
    st.toast(
        f"{'Undone' if label == 'Undo' else 'Redone'}: {count(len(edit.image_ids))}.{left}", icon=":material/check:"
    )


def _show_changes(dataset: Dataset, view: DatasetIndex, changes: pd.DataFrame, me: str, *, stamp: int) -> None:
    """Show the table; a selection belongs to one `stamp`, since after an edit its rows are other pictures."""
    st.markdown("**What differs from the index**, the latest change first. Select rows to take them back.")
    num_pages = -(-len(changes) // _PAGE_SIZE)
    page = st.pagination(num_pages, key="corrections-page") if num_pages > 1 else 1
    shown = changes.iloc[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
    table = pd.DataFrame(
        {
            "Picture": [_data_url(view.images[image_id]) for image_id in shown["image_id"]],
            "Label was": shown["indexed_label"],
            "Is now": shown["label"].where(~shown["excluded"], "excluded"),
            "Split": shown["split"],
            "Path": shown["path"],
            "Reason": shown["reason"],
            "By": _names(shown["author"], me),
            "Time (UTC)": _times(shown["time"]),
        }
    )
    chosen = st.dataframe(
        table,
        key=f"corrections-{page}-{stamp}",
        hide_index=True,
        width="stretch",
        row_height=52,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={"Picture": st.column_config.ImageColumn(width=60)},
        alt="Corrected pictures",
    )
    image_ids = [int(shown["image_id"].iloc[row]) for row in chosen["selection"]["rows"] if row < len(shown)]
    st.button(
        f"Restore {count(len(image_ids))} as indexed" if image_ids else "Restore as indexed",
        icon=":material/restart_alt:",
        disabled=not image_ids,
        on_click=_restore,
        args=(dataset, image_ids, me),
    )


def _restore(dataset: Dataset, image_ids: list[int], me: str) -> None:
    try:
        edit = restore(dataset, image_ids, author=me)
    except FerError as error:
        st.toast(literal(str(error)), icon=":material/error:")
        return
    st.toast(f"{count(len(edit.image_ids))} as indexed again.", icon=":material/check:")


def _show_history(corrections: pd.DataFrame, me: str) -> None:
    edits = list_edits(corrections)
    with st.expander(f"History: {len(edits):,} {'edit' if len(edits) == 1 else 'edits'}", icon=":material/history:"):
        if len(edits) > _NUM_EDITS:
            st.caption(f"The latest {_NUM_EDITS:,}; the CSV has all.")
        shown = edits.head(_NUM_EDITS)
        is_edit = shown["kind"] == "edit"
        table = pd.DataFrame(
            {
                "Time (UTC)": _times(shown["time"]),
                "By": _names(shown["author"], me),
                "What": shown["action"].where(is_edit, shown["kind"] + ": " + shown["action"]),
                "Pictures": shown["num_images"],
                "Reason": shown["reason"].where(is_edit, ""),
            }
        )
        st.dataframe(table, hide_index=True, width="stretch", alt="Edits, the latest first")


def _names(authors: pd.Series, me: str) -> list[str]:
    return ["you" if name == me else "somebody else" if name else "" for name in authors]


def _times(times: pd.Series) -> list[str]:
    return [time[:19].replace("T", " ") for time in times]


def _data_url(image: npt.NDArray[np.uint8]) -> str:
    """Return one (size, size, channels) picture as a PNG inside a URL."""
    stored = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image.squeeze())).save(stored, "PNG")
    return f"data:image/png;base64,{base64.b64encode(stored.getvalue()).decode()}"
