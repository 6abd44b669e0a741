"""One picture in detail: full size, measures, twins, what the model says, its corrections, and changing it.

It opens over the page and runs alone from then on; which picture is open stands in the URL.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st
from PIL import Image

from fer_app.dataset.browse_edits import agree_to_change_test, author, do_edit, guarded_splits
from fer_app.dataset.browse_filters import LAST_OPENED, go_to, open_image
from fer_app.dataset.browse_results import history_of, twins_of
from fer_app.dataset.others_edits import note_shown
from fer_app.dataset.thumbnail import thumbnail
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.errors import FerError
from fer_core.images import open_picture

_SAID = "browse-face-said"
_MAX_SIDE = 1200  # pixels; larger pictures are scaled down for the page
_SMALL_SIDE = 384  # pixels; smaller ones are enlarged to it
_MAX_TWINS = 12
_TWIN_SIDE, _TWIN_WIDTH = 96, 140  # pixels of a twin's picture and of what is said about it
_FACTS = {
    "width": "Width (px)",
    "height": "Height (px)",
    "mode": "Mode",
    "format": "File format",
    "file_size": "File size (bytes)",
    "brightness": "Brightness (mean, 0-255)",
    "contrast": "Contrast (standard deviation)",
    "sharpness": "Sharpness (variance of the Laplacian)",
    "source": "Source",
}


@dataclass(frozen=True)
class FaceContext:
    """Where a picture was opened.

    Args:
        dataset: The dataset.
        image_ids: (n,) int64, the pictures of the grid in their order, through which the person can walk.
        page_size: Pictures on a page of the grid.
        class_names: The labels that can be given.
        predictions: What a model says about the dataset, if one was chosen.
    """

    dataset: Dataset
    image_ids: npt.NDArray[np.int64]
    page_size: int
    class_names: Sequence[str]
    predictions: pd.DataFrame | None


def show_face(context: FaceContext) -> None:
    """Open the picture of the URL over the page."""

    @st.dialog("Picture", width="large", on_dismiss=lambda: go_to(image=""))
    def dialog() -> None:
        note_shown(context.dataset)
        view = view_of(context.dataset)
        image_id = open_image(view)
        if image_id is None:
            return
        st.session_state[LAST_OPENED] = image_id
        row = view.table.iloc[image_id]
        _show_ways_on(context, image_id)
        left, right = st.columns(2, gap="medium")
        with left:
            _show_picture(context.dataset, row)
        with right:
            _show_label(row)
            _show_changes(context, view, row)
            _show_probabilities(context.predictions, image_id)
        _show_twins(context.dataset, view, image_id)
        _show_facts(row)
        _show_history(context.dataset, row)

    dialog()


def _show_ways_on(context: FaceContext, image_id: int) -> None:
    (places,) = np.nonzero(context.image_ids == image_id)
    if not len(places):
        return
    place, last = int(places[0]), len(context.image_ids) - 1
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, key, target in (("Previous", "left", place - 1), ("Next", "right", place + 1)):
            beyond = not 0 <= target <= last
            st.button(name, key=f"face-{key}", shortcut=key, disabled=beyond, on_click=_walk, args=(context, target))
        st.caption(f"{place + 1:,} of {last + 1:,}", width="content")


def _walk(context: FaceContext, place: int) -> None:
    st.session_state.pop(_SAID, None)
    go_to(image=str(context.image_ids[place]), page=place // context.page_size + 1)


def _show_picture(dataset: Dataset, row: pd.Series) -> None:
    try:
        picture = open_picture(dataset.file_of(int(row["image_id"])))
    except FerError as error:
        st.error(literal(str(error)))
        return
    alt = f"{row['label']}: {row['path']}"
    longer, note = max(picture.size), ""
    if longer > _MAX_SIDE:
        picture.thumbnail((_MAX_SIDE, _MAX_SIDE))
        note = f"Scaled down from {row['width']} × {row['height']} px"
    elif longer < _SMALL_SIDE:
        times = _SMALL_SIDE // longer
        picture = picture.resize((times * picture.width, times * picture.height), Image.Resampling.BICUBIC)
        note = f"Enlarged {times} times" if times > 1 else ""
    st.image(picture.convert("RGB"), caption=note or None, alt=alt)


def _show_label(row: pd.Series) -> None:
    st.metric("Label", str(row["label"]))
    st.markdown(f"`{str(row['path']).replace('`', '')}` · split **{literal(str(row['split']))}**")
    if row["indexed_label"] != row["label"]:
        st.markdown(f"Relabelled, it came as **{literal(str(row['indexed_label']))}**.")
    if row["excluded"]:
        st.markdown(":red-badge[excluded] It counts in no training and no evaluation.")


def _show_changes(context: FaceContext, view: DatasetIndex, row: pd.Series) -> None:
    if row["split"] in guarded_splits(view):
        st.warning(
            f"The picture is in “{literal(str(row['split']))}”. Figures measured before and after a change cannot be "
            "compared, and labels mended where a model failed flatter that model. You are asked once in a session."
        )
        st.button("Change the test split", key="face-agree", on_click=agree_to_change_test)
        return
    with st.container(horizontal=True, gap="small"):
        for number, name in enumerate(context.class_names):
            shortcut = str(number + 1) if number < 9 else None
            _change_button(context, row, "relabel", name, label=name, shortcut=shortcut)
    with st.container(horizontal=True, gap="small"):
        action, text = ("include", "Take back in") if row["excluded"] else ("exclude", "Exclude")
        _change_button(context, row, action, text, shortcut="x")
        _change_button(context, row, "restore", "As indexed", shortcut="o")
        _change_button(context, row, "undo", "Undo", shortcut="u")
        _change_button(context, row, "redo", "Redo", shortcut="shift+u")
    said = st.session_state.get(_SAID, {})
    if said.get("error"):
        st.error(f"Not saved. {literal(said['error'])}")
    elif said.get("text"):
        st.caption(f"{said['text']}.")


def _change_button(
    context: FaceContext,
    row: pd.Series,
    action: str,
    text: str,
    *,
    label: str = "",
    shortcut: str | None = None,
) -> None:
    edit = {"action": action, "image_ids": [int(row["image_id"])], "label": label}

    def change() -> None:
        st.session_state[_SAID] = do_edit(context.dataset, edit, author())

    is_as_indexed = action == "restore" and not row["excluded"] and row["label"] == row["indexed_label"]
    is_current = action == "relabel" and label == row["label"] and not row["excluded"]
    st.button(
        text,
        key=f"face-{action}-{label}",
        type="primary" if is_current else "secondary",
        shortcut=shortcut,
        disabled=is_as_indexed,
        on_click=change,
    )


def _show_probabilities(predictions: pd.DataFrame | None, image_id: int) -> None:
    rows = None if predictions is None else predictions[predictions["image_id"] == image_id]
    if rows is None or rows.empty:
        return
    row = rows.iloc[0]
    named = {column.removeprefix("p_"): row[column] for column in rows.columns if column.startswith("p_")}
    table = pd.DataFrame({"Class": list(named), "Probability": [100 * float(value) for value in named.values()]})
    st.markdown(f"The model sees **{literal(str(row['predicted']))}**.")
    st.dataframe(
        table.sort_values("Probability", ascending=False),
        hide_index=True,
        alt="Probability of each class",
        column_config={"Probability": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)},
    )


def _show_twins(dataset: Dataset, view: DatasetIndex, image_id: int) -> None:
    twins = twins_of(dataset, image_id)
    if twins is None:
        st.caption("Nobody has looked for twins of the pictures yet; the Duplicates view does.")
        return
    if twins.empty:
        st.caption("No other picture of the dataset is a twin of this one.")
        return
    st.markdown(f"**Twins** · {len(twins):,}{f', the first {_MAX_TWINS} shown' if len(twins) > _MAX_TWINS else ''}")
    with st.container(horizontal=True, gap="small"):
        for twin in twins.head(_MAX_TWINS).itertuples():
            row = view.table.iloc[int(twin.twin_id)]
            with st.container(width=_TWIN_WIDTH, gap="xsmall"):
                picture = thumbnail(view.images[twin.twin_id], _TWIN_SIDE)
                st.image(picture, width=_TWIN_SIDE, alt=f"{row['label']}: {row['path']}")
                alike = f"{literal(twin.relation)}, {100 * twin.similarity:.0f} %"
                st.caption(f"**{literal(row['label'])}** · {literal(row['split'])}  \n{alike}")
                key, twin_id = f"face-twin-{twin.twin_id}", str(twin.twin_id)
                st.button("Open", key=key, type="tertiary", on_click=go_to, kwargs={"image": twin_id})


def _show_facts(row: pd.Series) -> None:
    known = {text: row[column] for column, text in _FACTS.items() if column in row}
    values = [_number(value) if isinstance(value, (int, float, np.number)) else str(value) for value in known.values()]
    with st.expander("Measures", icon=":material/straighten:"):
        st.dataframe(pd.DataFrame({"Measure": list(known), "Value": values}), hide_index=True, alt="Measures")


def _number(value: float) -> str:
    return f"{value:,.1f}" if isinstance(value, (float, np.floating)) else f"{value:,}"


def _show_history(dataset: Dataset, row: pd.Series) -> None:
    history = history_of(dataset, str(row["path"]))
    if history.empty:
        return
    with st.expander(f"Corrections of this picture ({len(history)})", icon=":material/history:"):
        st.dataframe(
            history[["time", "action", "old_label", "new_label", "reason"]], hide_index=True, alt="Corrections"
        )
