"""Patches of corrections on a page: look at one, merge it, compare two.

A patch is the CSV that the corrections of a dataset are downloaded as. Nothing is written before it has been shown.
"""

import pandas as pd
import streamlit as st

from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.corrections.patches import (
    PatchPreview,
    diff_corrections,
    import_corrections,
    preview_patch,
    read_patch,
)
from fer_core.errors import FerError

_COLUMNS = {
    "path": "Path",
    "action": "Action",
    "old_label": "Label here",
    "expected_label": "Label where the patch was made",
    "new_label": "Label in the patch",
    "reason": "Reason",
}
_ROUND = "patch-round"  # another key empties the uploader


def show_import(dataset: Dataset, corrections: pd.DataFrame, author: str) -> None:
    """Let the person merge a patch after seeing what it would change.

    Args:
        dataset: The dataset.
        corrections: What it has already.
        author: Token under which the merge is done, and undone.
    """
    with st.expander("Import a patch", icon=":material/upload:", expanded=_has_upload()):
        st.markdown("A CSV of corrections, made here or on another computer with the same dataset.")
        upload = st.file_uploader("Patch (CSV)", type=["csv"], key=_upload_key())
        if upload is None:
            return
        content = upload.getvalue()
        try:
            preview = preview_patch(dataset, read_patch(content, upload.name), corrections)
        except FerError as error:
            st.error(literal(str(error)))
            return
        _show_preview(preview)
        _warn_of_test_pictures(dataset.index, [*preview.changes["path"], *preview.conflicts["path"]])
        take = not preview.conflicts.empty and st.checkbox(
            "Let the patch win where it contradicts what holds here", key="patch-take-conflicts"
        )
        num_changes = len(preview.changes) + (len(preview.conflicts) if take else 0)
        st.button(
            f"Apply to {num_changes:,} of {len(dataset.index.table):,} pictures",
            type="primary",
            icon=":material/merge:",
            disabled=not num_changes,
            on_click=_merge,
            args=(dataset, content, author, bool(take)),
        )


def show_comparison(corrections: pd.DataFrame) -> None:
    """Let the person compare a patch with the corrections here, or two patches with each other."""
    with st.expander("Compare patches", icon=":material/difference:"):
        st.markdown("One patch is compared with the corrections here, two with each other.")
        uploads = st.file_uploader(
            "Patches (CSV)", type=["csv"], accept_multiple_files=True, max_upload_size=64, key="patches-to-compare"
        )
        if not uploads:
            return
        if len(uploads) > 2:
            st.warning("Remove files until one or two are left.", icon=":material/difference:")
            return
        try:
            patches = {upload.name: read_patch(upload.getvalue(), upload.name) for upload in uploads}
        except FerError as error:
            st.error(literal(str(error)))
            return
        _show_differences({"here": corrections, **patches} if len(uploads) == 1 else patches)


def _show_differences(patches: dict[str, pd.DataFrame]) -> None:
    if len(patches) < 2:
        st.warning("The two files have the same name. Rename one of them.", icon=":material/difference:")
        return
    (first, a), (second, b) = list(patches.items())[-2:]
    differences = diff_corrections(a, b)
    if differences.empty:
        st.success("They add up to the same.", icon=":material/check:")
        return
    number = len(differences)
    st.markdown(f"**{number:,}** {'picture differs' if number == 1 else 'pictures differ'}; empty: as indexed.")
    table = differences.rename(columns={"path": "Path", "a": first, "b": second})
    st.dataframe(table, hide_index=True, width="stretch", alt="Pictures that the patches leave in different states")


def _show_preview(preview: PatchPreview) -> None:
    figures = {
        "Would change": len(preview.changes),
        "Conflicts": len(preview.conflicts),
        "So already": preview.num_unchanged,
        "Not in this dataset": len(preview.unknown_paths),
    }
    for column, (label, value) in zip(st.columns(4), figures.items(), strict=True):
        column.metric(label, f"{value:,}")
    if not preview.changes.empty:
        st.dataframe(_named(preview.changes), hide_index=True, width="stretch", alt="What the patch would change")
    if not preview.conflicts.empty:
        st.markdown("**Conflicts**: these pictures are otherwise here than where the patch was begun.")
        st.dataframe(_named(preview.conflicts), hide_index=True, width="stretch", alt="Conflicts")
    if preview.unknown_paths:
        st.caption(f"Not in this dataset, so left out: {literal(', '.join(preview.unknown_paths[:5]))} …")


def _warn_of_test_pictures(index: DatasetIndex, paths: list[str]) -> None:
    splits = index.table.loc[index.table["path"].isin(paths), "split"]
    in_test = int(splits.str.casefold().str.contains("test").sum())
    if in_test:
        st.warning(
            f"{in_test:,} of {len(paths):,} are in the test split: figures measured on it could not be compared with "
            "those of others any more.",
            icon=":material/warning:",
        )


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.rename(columns=_COLUMNS)


def _merge(dataset: Dataset, content: bytes, author: str, take_conflicts: bool) -> None:
    try:
        edit, _ = import_corrections(dataset, content, author=author, take_conflicts=take_conflicts)
    except FerError as error:
        st.toast(literal(str(error)), icon=":material/error:")
        return
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.toast(f"{len(edit.image_ids):,} pictures changed by the patch. Undo takes it back.", icon=":material/merge:")


def _upload_key() -> str:
    return f"patch-{st.session_state.get(_ROUND, 0)}"


def _has_upload() -> bool:
    return st.session_state.get(_upload_key()) is not None
