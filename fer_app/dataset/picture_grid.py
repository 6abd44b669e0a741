"""A grid of chosen pictures below whatever chose them, with the keys and the corrections of Browse.

Image ids come in; what the person does in the grid is done to the dataset at once, and opening a picture is passed on.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from fer_app.dataset.browse_edits import agree_to_change_test, answers, author, do_edits, guarded_splits, take_author
from fer_app.dataset.face_grid import GridContent, draw_mosaic, face_grid
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.labels import class_colors

_PAGE_SIZE = 60
_COLUMNS = {
    "id": "image_id",
    "path": "path",
    "split": "split",
    "label": "label",
    "was": "indexed_label",
    "excluded": "excluded",
    "readable": "readable",
}


def show_picture_grid(
    dataset: Dataset,
    view: DatasetIndex,
    image_ids: npt.NDArray[np.int64],
    *,
    key: str,
    title: str,
    notes: Sequence[str] = (),
    on_open: Callable[[int], None] | None = None,
) -> None:
    """Show pictures in the order given, a page at a time.

    Args:
        dataset: The dataset.
        view: Its corrected view.
        image_ids: (n,) of the pictures, n at least 1.
        key: Session state key, another one for each grid on a page.
        title: What the grid shows, for screen readers.
        notes: A few letters to stand under each picture.
        on_open: Called with the id of a picture that the person opens; by default Browse shows it.
    """
    if (opened := st.session_state.pop(f"{key}-opened", None)) is not None:
        st.query_params.from_dict({"dataset": dataset.name, "view": "browse", "image": str(opened)})
        st.rerun()
    num_pages = -(-len(image_ids) // _PAGE_SIZE)
    page = min(st.session_state.get(f"{key}-page", 1), num_pages)
    first = (page - 1) * _PAGE_SIZE
    on_page = image_ids[first : first + _PAGE_SIZE]
    class_names = sorted({*view.table["indexed_label"].astype(str), *view.table["label"].astype(str)})
    mosaic_key = f"{dataset.name}@{dataset.added_at}:{hashlib.blake2b(on_page.tobytes(), digest_size=8).hexdigest()}"
    content = GridContent(
        page_key=mosaic_key,
        title=title,
        cells=_cells(view, on_page, notes[first : first + _PAGE_SIZE]),
        mosaic=_mosaic(mosaic_key, on_page, view.images),
        class_names=class_names,
        class_colors=class_colors(class_names),
        first=first + 1,
        total=len(image_ids),
        page=page,
        num_pages=num_pages,
        guarded_splits=guarded_splits(view),
        author=author(),
        answers=answers(),
    )
    face_grid(content, key=key, on_event=_handler(dataset, view, key, on_open))


@st.cache_data(max_entries=50, show_spinner=False)
def _mosaic(mosaic_key: str, image_ids: npt.NDArray[np.int64], _images: npt.NDArray[np.uint8]) -> str:
    return draw_mosaic(_images[image_ids])


def _cells(view: DatasetIndex, image_ids: npt.NDArray[np.int64], notes: Sequence[str]) -> list[dict[str, Any]]:
    rows = view.table.iloc[image_ids]
    values = [rows[column].tolist() for column in _COLUMNS.values()]
    cells = [dict(zip(_COLUMNS, row, strict=True)) for row in zip(*values, strict=True)]
    return [cell | {"note": note} for cell, note in zip(cells, notes or [""] * len(cells), strict=True)]


def _handler(
    dataset: Dataset, view: DatasetIndex, key: str, on_open: Callable[[int], None] | None
) -> Callable[[str, Any], None]:
    def handle(event: str, value: Any) -> None:
        if event == "edits":
            do_edits(dataset, value)
        elif event == "open":
            if on_open is not None:
                on_open(int(value))
            else:
                st.session_state[f"{key}-opened"] = int(value)
        elif event == "page":
            st.session_state[f"{key}-page"] = int(value)
        elif event == "author":
            take_author(str(value))
        else:
            agree_to_change_test()

    return handle
