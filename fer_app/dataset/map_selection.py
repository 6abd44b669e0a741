"""What was marked on the map: the pictures as a grid that can be corrected, and the nearest neighbours of one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from fer_app.dataset.picture_grid import show_picture_grid
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.evaluation.projection import nearest
from fer_core.models.picture_map import Points

CHOSEN = "map-chosen"  # session state key: dataset and id of the picture whose neighbours are shown
_NUM_NEIGHBOURS = 24

ImageIds = npt.NDArray[np.int64]


def marked_images(dataset: Dataset, event: Mapping[str, Any], key: str) -> ImageIds:
    """Return the ids of the pictures marked on the chart, ascending.

    Args:
        dataset: The dataset.
        event: What `st.plotly_chart` returned; its points carry the image id first.
        key: Session state key under which the last marking is remembered: an edit redraws the chart, and the pictures
            must not vanish under the person's hands.
    """
    marked = sorted({int(point["customdata"][0]) for point in event["selection"]["points"]})
    if marked and marked != st.session_state.get(key):
        st.session_state[key] = marked
        if len(marked) == 1:
            st.session_state[CHOSEN] = (dataset.name, marked[0])
    return np.array(st.session_state.get(key, []), np.int64)


def show_selected(
    dataset: Dataset, view: DatasetIndex, image_ids: ImageIds, points: Points, predictions: pd.DataFrame | None
) -> None:
    """Show the marked pictures, or what to do where none is."""
    if not len(image_ids):
        st.info("Nothing is marked. Draw around some points, or click one.", icon=":material/lasso_select:")
        return
    if len(image_ids) > 1:
        st.header(f"{len(image_ids):,} marked pictures")
        st.caption("Keys and corrections work as in Browse. Open a picture to see what lies nearest to it.")
        show_picture_grid(
            dataset,
            view,
            image_ids,
            key="map-grid",
            title="Marked pictures",
            notes=_said(predictions, image_ids),
            on_open=lambda image_id: st.session_state.update({CHOSEN: (dataset.name, image_id)}),
        )
    name, chosen = st.session_state.get(CHOSEN, ("", -1))
    if name == dataset.name and chosen in points.image_ids:
        show_neighbours(dataset, view, chosen, points)


def _said(predictions: pd.DataFrame | None, image_ids: ImageIds) -> list[str]:
    if predictions is None:
        return [""] * len(image_ids)
    rows = predictions.set_index("image_id").loc[image_ids]
    return [f"{name} {share:.2f}" for name, share in zip(rows["predicted"], rows["confidence"], strict=True)]


def show_neighbours(
    dataset: Dataset,
    view: DatasetIndex,
    chosen: int,
    points: Points,
    *,
    key: str = "map-neighbours",
    chosen_key: str = CHOSEN,
) -> None:
    """Show what lies nearest to one picture, as a grid that can be corrected; opening another one chooses that.

    Args:
        dataset: The dataset.
        view: Its corrected view.
        chosen: Id of the picture, one of those of `points`.
        points: What `map_data.points_of` returned.
        key: Session state key of the grid.
        chosen_key: Session state key of (name of the dataset, id of the picture whose neighbours are shown).
    """
    rows, similarity = nearest(points.values, int(points.rows_of(np.array([chosen]))[0]), _NUM_NEIGHBOURS)
    found = points.image_ids[rows]
    usable = np.isin(found, view.usable["image_id"])
    path = view.table["path"].iloc[chosen]
    st.header("Nearest to one picture")
    st.markdown(f"{literal(path)} comes first, then its neighbours with their cosine similarity (1 is the same).")
    show_picture_grid(
        dataset,
        view,
        np.concatenate([[chosen], found[usable]]).astype(np.int64),
        key=key,
        title=f"Pictures nearest to {path}",
        notes=["chosen", *(f"{value:.2f}" for value in similarity[usable])],
        on_open=lambda image_id: st.session_state.update({chosen_key: (dataset.name, image_id)}),
    )
    st.page_link(
        "../pages/dataset.py",
        label="Open the chosen picture in Browse",
        icon=":material/grid_view:",
        query_params={"dataset": dataset.name, "view": "browse", "image": str(chosen)},
    )
