"""The map: every picture a point, similar ones close together; what is marked on it appears in a grid below.

Where the points lie is decided by the embedding of a model, or by the pixels where there is none. Model, colours and
seed stand in the URL.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from fer_app.controls import choose, start_button
from fer_app.dataset.map_data import AGREEMENT, COLORED_BY, LABEL, PREDICTION, coloring, pca_map, points_of
from fer_app.dataset.map_selection import marked_images, show_selected
from fer_app.dataset.others_edits import note_shown
from fer_app.dataset.reading_view import show_reading
from fer_app.job_folders import choice_digest, job_folder_of
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.loaders import index_of, view_of
from fer_app.markdown import literal
from fer_core.charts.picture_map import picture_map_figure
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.errors import FerError
from fer_core.evaluation.projection import PCA, UMAP, available_projections
from fer_core.models import ModelPackage, list_models
from fer_core.models.picture_map import MAX_PICTURES, Points, load_map, sample_images
from fer_core.models.predictions import load_predictions

_PIXELS = "pixels"  # no model can bear this name's meaning in the box: models are offered as `model NAME`
_PROJECTIONS = {PCA: "Principal components", UMAP: "UMAP (slow, clearer groups)"}
_TARGET = "fer_core.models.picture_map:draw_map_job"

ImageIds = npt.NDArray[np.int64]


@st.fragment
def show_map(dataset: Dataset) -> None:
    """Show a dataset's pictures as a map, and those marked on it as a grid."""
    note_shown(dataset)
    try:
        view = view_of(dataset)
        package, colored_by, method, seed = _show_controls(dataset)
        if package is not None and not show_reading(package, dataset):
            return
        _show(dataset, view, package, colored_by, method, seed)
    except FerError as error:
        st.error(literal(str(error)))


def _show_controls(dataset: Dataset) -> tuple[ModelPackage | None, str, str, int]:
    models = {f"model {model.name}": model for model in list_models()}
    first, second, third, fourth = st.columns([2, 2, 2, 1])
    names = [*models, _PIXELS]
    with first:
        by = choose(
            "Similar by",
            names,
            key="by",
            default=_PIXELS,
            format_func=lambda name: "Pixels (no model)" if name == _PIXELS else f"Embedding of {models[name].name}",
            help="What makes two pictures lie close together",
        )
    package = models.get(by)
    modes = [mode for mode in COLORED_BY if package is not None or mode not in (PREDICTION, AGREEMENT)]
    with second:
        colored_by = choose("Colour by", modes, key="colour", default=LABEL, format_func=COLORED_BY.__getitem__)
    projections = available_projections()
    with third:
        method = PCA
        if len(projections) > 1:
            method = choose("Projection", projections, key="projection", format_func=_PROJECTIONS.__getitem__)
    seed = 0
    if len(index_of(dataset).usable) > MAX_PICTURES or method != PCA:
        seed = int(fourth.number_input("Seed", 0, 9999, 0, key="map_seed", bind="query-params", help="Another sample"))
    if not models:
        st.caption("A trained model groups faces by expression, which pixels do not: train one, and it appears here.")
    return package, colored_by, method, seed


def _show(
    dataset: Dataset, view: DatasetIndex, package: ModelPackage | None, colored_by: str, method: str, seed: int
) -> None:
    # The sample is drawn from the dataset as it was indexed, so that the map stays put while pictures are corrected.
    image_ids = sample_images(index_of(dataset), seed=seed)
    points = points_of(dataset, package, image_ids)
    if points is None or not len(image_ids):
        st.info("There is no picture to show. Look at the health report for what is wrong with the files.")
        return
    placed = _placed(dataset, package, points, image_ids, method, seed)
    if placed is None:
        return
    drawn, explained = placed
    drawn = drawn[np.isin(drawn["image_id"], view.usable["image_id"])]
    _say_what_is_shown(view, drawn, explained)
    predictions = load_predictions(package, dataset, index=view) if package is not None else None
    chosen = coloring(dataset, view, drawn["image_id"].to_numpy(), colored_by, predictions)
    rows = view.table.iloc[drawn["image_id"]]
    shown = drawn.assign(group=chosen.groups, label=rows["label"].to_numpy(), path=rows["path"].to_numpy())
    by = f"the embedding of {package.name}" if package is not None else "their pixels"
    key = choice_digest(*_decisive(dataset, package), method, str(seed), colored_by)
    event = st.plotly_chart(
        picture_map_figure(shown, chosen.colors),
        key=f"map-{key}",
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config={"displaylogo": False, "displayModeBar": True, "scrollZoom": True},
        alt=f"Map of {len(shown):,} pictures of {dataset.name} by {by}, coloured by {COLORED_BY[colored_by].lower()}",
    )
    show_selected(dataset, view, marked_images(dataset, event, f"map-marked-{key}"), points, predictions)


def _placed(
    dataset: Dataset, package: ModelPackage | None, points: Points, image_ids: ImageIds, method: str, seed: int
) -> tuple[pd.DataFrame, float | None] | None:
    """Return the places and the share of the variance they show, or None while a map is still to be drawn."""
    if method == PCA:
        return pca_map(dataset, package, points, image_ids)
    folder = job_folder_of("map", *_decisive(dataset, package), method, str(seed))
    drawn = load_map(dataset, package, image_ids, method=method, seed=seed)
    if drawn is not None:
        clear_ended_job(folder)
        return drawn, None
    status = watch_job(folder)
    if status is not None and status.is_live:
        return None
    st.info(f"UMAP takes a minute or two for {len(image_ids):,} pictures; the map is kept.", icon=":material/schedule:")
    if start_button("Draw the map", key="draw-map", icon=":material/scatter_plot:"):
        _start(folder, dataset, package, method, seed)
    return None


def _start(folder: Path, dataset: Dataset, package: ModelPackage | None, method: str, seed: int) -> None:
    model = str(package.folder) if package is not None else ""
    arguments = {"dataset": dataset.name, "model": model, "method": method, "seed": seed}
    if begin_job(folder, _TARGET, arguments, title=f"Drawing the map of {dataset.name}", keys=["draw-map"]):
        st.rerun()


def _say_what_is_shown(view: DatasetIndex, drawn: pd.DataFrame, explained: float | None) -> None:
    total = len(view.usable)
    parts = [f"All {total:,} pictures."]
    if len(drawn) < total:
        parts = [f"{len(drawn):,} of {total:,} pictures: of each class of each split the same share, drawn by seed."]
    if explained is not None:
        parts.append(f"The two directions show {100 * explained:.0f} % of how the pictures differ.")
    parts.append("Mark points with the lasso or the box of the chart, or click one, to see the pictures below.")
    st.caption(" ".join(parts))


def _decisive(dataset: Dataset, package: ModelPackage | None) -> tuple[str, str, str]:
    return dataset.name, dataset.added_at, package.digest() if package else ""
