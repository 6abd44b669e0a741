"""The form that starts a training: what to train, on what, and how long.

Widgets give a `TrainConfig`; starting is guarded against a second click and a second tab.
"""

import threading
from dataclasses import replace

import streamlit as st

from fer_app.controls import choose, start_button, void_clicks
from fer_app.loaders import knows_duplicates, part_sizes
from fer_app.markdown import literal
from fer_core.dataset import Dataset, list_datasets
from fer_core.errors import FerError
from fer_core.models import ARCHITECTURES
from fer_core.training import AUGMENTATIONS, Run, TrainConfig, list_runs, start_run

_STARTING = threading.Lock()  # two sessions of this server must not both find that no run is live


def show_training_form(live: Run | None) -> None:
    """Show the form and start a run when asked to.

    Args:
        live: The run that is under way, if any; a second one is refused.
    """
    config = _read_config()
    if config is None:
        return
    if live is not None:
        st.caption(f"{literal(live.name)} is under way. A new training can start once it has ended.")
    if start_button("Start training", key="start-training", icon=":material/play_arrow:"):
        _start(config)


def _read_config() -> TrainConfig | None:
    """Show the fields; None where they do not make a training, with the reason shown."""
    defaults = TrainConfig(dataset="")
    datasets = {dataset.name: dataset for dataset in list_datasets()}
    left, right = st.columns(2)
    with left:
        dataset = choose("Dataset", list(datasets), key="dataset")
        without_leaks = _choose_leaks(datasets[dataset])
        _explain_split(datasets[dataset], replace(defaults, dataset=dataset, without_leaks=without_leaks))
    with right:
        names = list(ARCHITECTURES)
        architecture = st.selectbox(
            "Architecture",
            names,
            names.index(defaults.architecture),
            format_func=lambda name: ARCHITECTURES[name].title,
        )
        st.caption(ARCHITECTURES[architecture].description)
    epochs, batch_size, learning_rate, augmentation = st.columns(4)
    num_epochs = epochs.number_input("Epochs", 1, 10_000, defaults.epochs, help="Passes over the training images")
    size = batch_size.number_input("Batch size", 2, 4096, defaults.batch_size, help="Images in one step")
    rate = learning_rate.number_input(
        "Learning rate", 1e-6, 10.0, defaults.learning_rate, step=0.01, format="%.4f",
        help="The highest of the schedule: it rises in the first epochs and falls to zero until the last",
    )  # fmt: skip
    names = list(AUGMENTATIONS)
    chosen = augmentation.selectbox(
        "Augmentation", names, names.index(defaults.augmentation), format_func=lambda name: AUGMENTATIONS[name].title
    )
    st.caption(f"Augmentation: {AUGMENTATIONS[chosen].description}")
    with st.expander("More settings"):
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, defaults.seed,
            help="Decides the validation part, the first weights, the order of the images and the augmentation",
        )  # fmt: skip
    try:
        return TrainConfig(dataset, architecture, num_epochs, size, rate, chosen, seed, without_leaks=without_leaks)
    except FerError as error:
        st.error(literal(str(error)))
        return None


def _choose_leaks(dataset: Dataset) -> bool:
    is_known = knows_duplicates(dataset)
    chosen = st.checkbox(
        "Leave out images that recur in another split",
        key=f"without-leaks-{dataset.name}",
        disabled=not is_known,
        help="A test image that was learned from makes the figures too good. Needs the dataset's duplicates.",
    )
    if not is_known:
        st.page_link(
            "../pages/dataset.py",
            label="Look for duplicates first",
            icon=":material/content_copy:",
            query_params={"dataset": dataset.name, "view": "duplicates"},
        )
    return chosen and is_known


def _explain_split(dataset: Dataset, config: TrainConfig) -> None:
    try:
        num_train, num_validation = part_sizes(dataset, config)
    except FerError as error:
        st.error(literal(str(error)))
    else:
        st.caption(f"{num_train:,} images to learn from, {num_validation:,} held back to choose the best epoch.")


def _start(config: TrainConfig) -> None:
    try:
        with _STARTING:
            run = start_run(config)
    except FerError as error:
        st.error(literal(str(error)))
        _link_to_live_run()
        return
    void_clicks("start-training")
    st.query_params["run"] = run.name
    st.rerun()


def _link_to_live_run() -> None:
    live = next((run.name for run in list_runs() if run.status().is_live), None)
    if live is not None:
        st.page_link(
            "../pages/training.py", label=f"Watch {live}", icon=":material/monitoring:", query_params={"run": live}
        )
