"""Browse: a dataset's faces a page at a time, filtered, ordered, and corrected where a person sees what is wrong.

The whole view stands in the URL. Everything is one fragment, so that a change in the grid runs this view again and
nothing else of the page.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from fer_app.dataset.browse_edits import (
    agree_to_change_test,
    answers,
    author,
    do_edits,
    guarded_splits,
    take_author,
)
from fer_app.dataset.browse_filters import (
    LAST_OPENED,
    SEARCH_BOX,
    choices,
    chosen_model,
    go_to,
    open_image,
    show_filters,
    show_page_box,
    sync_with_url,
    write_url,
)
from fer_app.dataset.browse_results import findings_of, models_with_predictions, predictions_of
from fer_app.dataset.face_detail_view import FaceContext, show_face
from fer_app.dataset.face_grid import GridContent, draw_mosaic, face_grid
from fer_app.dataset.others_edits import note_shown
from fer_app.loaders import file_stamp, view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.browse import BrowseQuery, num_pages, page_of, select_images
from fer_core.dataset.corrections.file import CORRECTIONS_NAME
from fer_core.dataset.index import TABLE_NAME
from fer_core.errors import FerError
from fer_core.labels import class_colors

_SELECTION = "browse-selection"
ImageIds = npt.NDArray[np.int64]


@st.fragment
def show_browse(dataset: Dataset) -> None:
    """Show a dataset's faces with filters, grid and, where one is open, a picture in detail."""
    note_shown(dataset)
    try:
        view = view_of(dataset)
        findings = findings_of(dataset, view)
        sync_with_url()
        models = models_with_predictions(dataset)
        predictions = predictions_of(dataset, view, chosen_model())
    except FerError as error:
        st.error(literal(str(error)))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        query = show_filters(choices(view, findings, models, predictions is not None))
        image_ids, is_stale = _selection(dataset, view, query, findings, predictions)
        query = replace(query, page=show_page_box(num_pages(len(image_ids), query.page_size)))
        _show_count(image_ids, is_stale)
    write_url(query)
    if not len(image_ids):
        _show_nothing_found(query)
        return
    content = _content(dataset, view, query, image_ids, predictions)
    face_grid(content, key="browse-grid", on_event=_handler(dataset, view))
    if content.opened is not None:
        show_face(FaceContext(dataset, image_ids, query.page_size, content.class_names, predictions))


def _selection(
    dataset: Dataset,
    view: DatasetIndex,
    query: BrowseQuery,
    findings: pd.DataFrame | None,
    predictions: pd.DataFrame | None,
) -> tuple[ImageIds, bool]:
    """Return the pictures that the query selects, and whether there were corrections since.

    They are selected once for each query: a picture that is relabelled or excluded keeps its place until the person
    asks for something else.
    """
    pictures = file_stamp([dataset.folder / TABLE_NAME])
    asked = (dataset.name, pictures, query.selection, chosen_model(), findings is None)
    corrected = file_stamp([dataset.folder / CORRECTIONS_NAME])
    kept = st.session_state.get(_SELECTION)
    if kept is None or kept[0] != asked:
        kept = (asked, corrected, select_images(view, query, findings=findings, predictions=predictions))
        st.session_state[_SELECTION] = kept
    return kept[2], kept[1] != corrected


def _show_count(image_ids: ImageIds, is_stale: bool) -> None:
    number = len(image_ids)
    st.markdown(f"**{number:,}** {'picture' if number == 1 else 'pictures'}", width="content")
    st.button(  # always there: if it came with the first change, the grid would move under the person's hands
        ":material/refresh:",
        key="browse-apply",
        disabled=not is_stale,
        help="Apply the filters again; pictures that were changed keep their place until then",
        on_click=lambda: st.session_state.pop(_SELECTION, None),
    )


def _show_nothing_found(query: BrowseQuery) -> None:
    if not query.filters:
        st.info("No picture can be shown: every file is excluded or cannot be read. See the checks in the Health view.")
        return
    asked = ", ".join(f"{name} **{literal(value)}**" for name, value in query.filters.items())
    st.info(f"No picture has {asked}.", icon=":material/search_off:")
    with st.container(horizontal=True):
        for name in query.filters:
            st.button(f"Clear {name}", key=f"browse-clear-{name}", on_click=_clear, args=([name],))
        if len(query.filters) > 1:
            st.button("Clear all filters", key="browse-clear-all", on_click=_clear, args=([*query.filters],))


def _clear(names: list[str]) -> None:
    go_to(**dict.fromkeys(names, ""), page=1)


def _content(
    dataset: Dataset, view: DatasetIndex, query: BrowseQuery, image_ids: ImageIds, predictions: pd.DataFrame | None
) -> GridContent:
    on_page = page_of(image_ids, query)
    class_names = sorted({*view.table["indexed_label"].unique(), *view.table["label"].unique()})
    pages = num_pages(len(image_ids), query.page_size)
    mosaic_key = _page_key(view, on_page)
    return GridContent(
        page_key=mosaic_key,
        title=f"Faces of {dataset.name}, page {query.page} of {pages}",
        cells=_cells(view, on_page, query, predictions),
        mosaic=_mosaic(mosaic_key, on_page, view.images),
        class_names=class_names,
        class_colors=class_colors(class_names),
        first=(query.page - 1) * query.page_size + 1,
        total=len(image_ids),
        page=query.page,
        num_pages=pages,
        guarded_splits=guarded_splits(view),
        opened=open_image(view),
        came_from=st.session_state.get(LAST_OPENED),
        search_box=SEARCH_BOX,
        owns_keys=True,
        author=author(),
        answers=answers(),
    )


def _page_key(view: DatasetIndex, image_ids: ImageIds) -> str:
    """Return a name of a page that is the same for the same pictures in the same places."""
    contents = "".join(view.table["digest"].iloc[image_ids].astype(str))
    return hashlib.blake2b(image_ids.tobytes() + contents.encode(), digest_size=12).hexdigest()


@st.cache_data(max_entries=100, show_spinner=False)
def _mosaic(mosaic_key: str, image_ids: ImageIds, _images: npt.NDArray[np.uint8]) -> str:
    return draw_mosaic(_images[image_ids])


def _cells(
    view: DatasetIndex, image_ids: ImageIds, query: BrowseQuery, predictions: pd.DataFrame | None
) -> list[dict[str, Any]]:
    columns = ["image_id", "path", "split", "label", "indexed_label", "excluded", "readable"]
    rows = view.table.iloc[image_ids]
    notes = _notes(rows, query, predictions)
    names = ("id", "path", "split", "label", "was", "excluded", "readable", "note")
    values = (*(rows[column].tolist() for column in columns), notes)
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _notes(rows: pd.DataFrame, query: BrowseQuery, predictions: pd.DataFrame | None) -> list[str]:
    """Say under each picture what the order is by, or what the model sees in it."""
    measure = query.sort.removeprefix("-")
    if predictions is not None:
        of_rows = predictions.set_index("image_id").reindex(rows["image_id"])
        shown = of_rows["loss"] if measure == "loss" else of_rows["confidence"]
        pairs = zip(of_rows["predicted"], shown, strict=True)
        return ["" if pd.isna(value) else f"{name} {value:.2f}" for name, value in pairs]
    if measure in rows and measure not in ("path", "modified_ns"):
        return [f"{value:,.0f}" for value in rows[measure]]
    return [""] * len(rows)


def _handler(dataset: Dataset, view: DatasetIndex) -> Callable[[str, Any], None]:
    """Return what does the events of the grid, before the view runs again."""

    def handle(event: str, value: Mapping[str, Any] | Any) -> None:
        if event == "edits":
            do_edits(dataset, value)
        elif event == "open":
            go_to(image=str(int(value)))
        elif event == "page":
            go_to(page=int(value))
        elif event == "author":
            take_author(str(value))
        else:
            agree_to_change_test()

    return handle
