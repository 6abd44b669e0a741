"""What a model is measured on: dataset, split and views of each face, chosen once for all views of the Models page."""

from dataclasses import dataclass

import streamlit as st

from fer_app.controls import choose
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, DatasetIndex, list_datasets
from fer_core.errors import FerError
from fer_core.models import ModelPackage

_VIEWS = {"all": "Ten views (slower, better)", "one": "One view (as in live video)"}


@dataclass(frozen=True)
class MeasuredOn:
    """A model and the pictures that it is measured with.

    Args:
        package: The model.
        dataset: Where the pictures come from.
        index: The dataset's corrected view.
        split: Which of its splits.
        views: A name of `fer_core.models.VIEWS`.
    """

    package: ModelPackage
    dataset: Dataset
    index: DatasetIndex
    split: str
    views: str


def choose_measured_on(package: ModelPackage) -> MeasuredOn | None:
    """Let the person choose what to measure a model on; say the way on, and return None, where there is nothing."""
    datasets = {dataset.name: dataset for dataset in list_datasets()}
    if not datasets:
        st.info("Measuring needs a dataset with known expressions.", icon=":material/photo_library:")
        st.page_link("../pages/dataset.py", label="Get a dataset", icon=":material/arrow_forward:")
        return None
    left, middle, right = st.columns(3)
    with left:
        own = package.info.training_data["dataset"]
        dataset = datasets[choose("Dataset", list(datasets), key="dataset", default=own)]
    try:
        index = view_of(dataset)
    except FerError as error:
        st.error(literal(str(error)))
        return None
    with middle:
        split = choose("Split", index.splits, key="split", default="test")
    with right:
        views = choose("Views of each face", list(_VIEWS), key="views", format_func=_VIEWS.__getitem__)
    _warn_of_training_images(package, dataset, index, split)
    return MeasuredOn(package, dataset, index, split, views)


def _warn_of_training_images(package: ModelPackage, dataset: Dataset, index: DatasetIndex, split: str) -> None:
    learned_from = package.info.training_data
    same = learned_from["dataset"] == dataset.name or learned_from["fingerprint"] == index.fingerprint
    if same and split == "train":
        st.warning(
            f"The model learned from these very images of {literal(dataset.name)}. The figures say how much it "
            "remembers, not how good it is on new faces; choose another split for that.",
            icon=":material/warning:",
        )
