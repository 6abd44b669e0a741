"""Suspicious labels: start a search for them, and look at what the latest searches found.

A search judges labels by a model, on the pictures that it did not learn from, or by networks trained for it in turns
on parts of the train split. Both are jobs.
"""

from pathlib import Path

import pandas as pd
import streamlit as st

from fer_app.controls import choose, start_button
from fer_app.dataset.others_edits import note_shown
from fer_app.dataset.picture_grid import show_picture_grid
from fer_app.job_folders import job_folder_of
from fer_app.job_view import begin_job, watch_job
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.suspicious import Search, read_suspicious, searches
from fer_core.errors import FerError
from fer_core.evaluation.label_quality import BUILT_IN, available_methods
from fer_core.models import ARCHITECTURES, list_models
from fer_core.training import TrainConfig, training_queue

_BY_MODEL = "fer_core.training.suspicious_labels:find_suspicious_job"
_BY_FOLDS = "fer_core.training.cross_validation:cross_validate_job"
_BUTTONS = ("look-by-model", "look-by-folds")
_METHODS = {BUILT_IN: "Built in", "cleanlab": "cleanlab"}
_NUM_SHOWN = 12
_SHOWN = "suspicious-shown"  # session state key: the search, and the pictures shown of it


@st.fragment
def show_suspicious(dataset: Dataset) -> None:
    """Show the suspicious labels of a dataset, and let the person look for more."""
    st.header("Suspicious labels", anchor=False)
    note_shown(dataset)
    try:
        view = view_of(dataset)
        _show_found(dataset, view)
        folder = _job_folder(dataset)
        status = watch_job(folder)
        if status is not None and status.is_live:
            return
        with st.expander("Look for suspicious labels", icon=":material/search:", expanded=not searches(dataset)):
            _show_ways(dataset, view, folder)
    except FerError as error:
        st.error(literal(str(error)))


def _show_found(dataset: Dataset, view: DatasetIndex) -> None:
    found = read_suspicious(dataset, view)
    if found is None:
        st.markdown(
            "Nobody has looked for suspicious labels yet. A trained network can: it shows where it is sure of "
            "another expression than the label says."
        )
        return
    for search in searches(dataset):
        st.markdown(_sentence(search), help=search.basis)
    if found.empty:
        st.success("No label is suspicious, or all that were have been corrected.", icon=":material/check:")
        return
    _show_most_suspicious(dataset, view, found)
    st.page_link(
        "../pages/dataset.py",
        label=f"Look at all {len(found):,} in Browse",
        icon=":material/grid_view:",
        query_params={"dataset": dataset.name, "view": "browse", "check": "suspicious_label", "sort": "finding"},
    )


def _show_most_suspicious(dataset: Dataset, view: DatasetIndex, found: pd.DataFrame) -> None:
    """Show the first of the suspicious labels; a picture that is corrected keeps its place until the next search."""
    asked = (dataset.name, dataset.added_at, *(search.searched_at for search in searches(dataset)))
    kept = st.session_state.get(_SHOWN)
    if kept is None or kept[0] != asked:
        kept = (asked, found.head(_NUM_SHOWN))
        st.session_state[_SHOWN] = kept
    shown: pd.DataFrame = kept[1]
    st.caption(
        f"The {len(shown)} most suspicious; {len(found):,} are left. Below each what its label should perhaps be. A "
        "suspicion is no proof: look before you correct."
    )
    show_picture_grid(
        dataset,
        view,
        shown["image_id"].to_numpy(),
        key="suspicious-grid",
        title="The most suspicious labels",
        notes=[f"{name}? {score:.2f}" for name, score in zip(shown["suggested_label"], shown["score"], strict=True)],
    )


def _sentence(search: Search) -> str:
    share = 100 * search.num_suspicious / max(1, search.num_examined)
    return (
        f"**{literal(search.source)}** found {search.num_suspicious:,} of {search.num_examined:,} labels suspicious "
        f"({share:.1f} %) and estimates that {100 * search.noise_share:.0f} % are wrong."
    )


def _show_ways(dataset: Dataset, view: DatasetIndex, folder: Path) -> None:
    methods = available_methods()
    method = BUILT_IN
    if len(methods) > 1:
        method = choose("Method", methods, key="method", format_func=_METHODS.__getitem__)
    models = {model.name: model for model in list_models()}
    by_model, by_folds = st.columns(2, gap="large")
    with by_model:
        st.markdown("**With a model**: seconds to a minute. Judges only pictures that the model did not learn from.")
        if models:
            name = choose("Model", list(models), key="judge")
            arguments = {"model": str(models[name].folder), "dataset": dataset.name, "method": method}
            if start_button("Look with this model", key="look-by-model", icon=":material/search:"):
                title = f"Judging the labels of {dataset.name} with {name}"
                if begin_job(folder, _BY_MODEL, arguments, title=title, keys=_BUTTONS):
                    st.rerun()
        else:
            st.info("There is no model yet. Train one, or train in turns.", icon=":material/model_training:")
    with by_folds:
        _show_folds(dataset, view, folder, method)


def _show_folds(dataset: Dataset, view: DatasetIndex, folder: Path, method: str) -> None:
    st.markdown("**All of train, by training in turns**: slow. Each part is judged by a network trained on the others.")
    if "train" not in view.splits:
        st.info("This dataset has no split named train.", icon=":material/info:")
        return
    with st.container(horizontal=True):
        folds = st.number_input("Parts", 2, 10, 4, key="folds", help="As many trainings")
        epochs = st.number_input("Epochs each", 1, 100, 8, key="fold-epochs")
    architecture = choose(
        "Network", list(ARCHITECTURES), key="fold-network", default="small",
        format_func=lambda name: ARCHITECTURES[name].title,
    )  # fmt: skip
    num_images = len(view.select(split="train"))
    st.caption(f"{folds} × {epochs} epochs over {num_images * (folds - 1) // folds:,} of {num_images:,} pictures.")
    if start_button("Train in turns and look", key="look-by-folds", type="secondary", icon=":material/cached:"):
        config = TrainConfig(dataset.name, architecture=architecture, epochs=int(epochs)).to_dict()
        arguments = {"config": config, "folds": int(folds), "method": method}
        title = f"Training in turns on {dataset.name}"
        if begin_job(folder, _BY_FOLDS, arguments, title=title, keys=_BUTTONS, queue=training_queue()):
            st.rerun()


def _job_folder(dataset: Dataset) -> Path:
    """One search at a time for each dataset: they write the same files."""
    return job_folder_of("suspicious", dataset.name, dataset.added_at)
