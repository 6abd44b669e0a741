"""Measuring a model on a dataset's split: the choice, the job, and the result that was kept.

A result depends on the model, the pictures, the split and the views; each such choice has a job folder of its own.
"""

import hashlib
from pathlib import Path

import streamlit as st

from fer_app.controls import choose, start_button
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_app.models.confidence_view import show_confidence
from fer_app.models.report_view import show_report
from fer_app.models.robustness_view import show_robustness
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.errors import FerError
from fer_core.models import ModelPackage
from fer_core.models.assessment import read_cached_evaluation
from fer_core.settings import load_settings

_TARGET = "fer_core.models.assessment:evaluate_job"
_VIEWS = {"all": "Ten views (slower, better)", "one": "One view (as in live video)"}


def show_evaluation(package: ModelPackage, datasets: dict[str, Dataset]) -> None:
    """Let the person choose what to measure on, and show the result or the way to it."""
    left, middle, right = st.columns(3)
    with left:
        own = package.info.training_data["dataset"]
        dataset = datasets[choose("Dataset", list(datasets), key="dataset", default=own)]
    try:
        index = view_of(dataset)
    except FerError as error:
        st.error(literal(str(error)))
        return
    with middle:
        split = choose("Split", index.splits, key="split", default="test")
    with right:
        views = choose("Views of each face", list(_VIEWS), key="views", format_func=_VIEWS.__getitem__)
    _warn_of_training_images(package, dataset, index, split)
    report = read_cached_evaluation(package, dataset, split, views, index=index)
    folder = _job_folder(package, dataset, split, views)
    if report is not None:
        clear_ended_job(folder)
        show_report(report)
        show_confidence(package, report)
        if report["without_leaks"] is None:
            _offer_search_for_leaks(dataset)
        st.subheader("How does it bear real pictures?", anchor=False)
        show_robustness(package, dataset, index, split)
        return
    status = watch_job(folder)
    if status is not None and status.is_live:
        return
    num_images = len(index.select(split=split))
    if start_button(f"Evaluate on {num_images:,} images", key="evaluate", icon=":material/fact_check:"):
        _start(folder, package, dataset, split, views)


def _warn_of_training_images(package: ModelPackage, dataset: Dataset, index: DatasetIndex, split: str) -> None:
    learned_from = package.info.training_data
    same = learned_from["dataset"] == dataset.name or learned_from["fingerprint"] == index.fingerprint
    if same and split == "train":
        st.warning(
            f"The model learned from these very images of {literal(dataset.name)}. The figures say how much it "
            "remembers, not how good it is on new faces; choose another split for that.",
            icon=":material/warning:",
        )


def _offer_search_for_leaks(dataset: Dataset) -> None:
    st.caption("Images of the split that the model saw in training, under another name, flatter these figures.")
    st.page_link(
        "../pages/dataset.py",
        label="Look for duplicates, then measure without them",
        icon=":material/content_copy:",
        query_params={"dataset": dataset.name, "view": "duplicates"},
    )


def _start(folder: Path, package: ModelPackage, dataset: Dataset, split: str, views: str) -> None:
    arguments = {"model": str(package.folder), "dataset": dataset.name, "split": split, "views": views}
    title = f"Evaluating {package.name} on {dataset.name} ({split})"
    if begin_job(folder, _TARGET, arguments, title=title, keys=["evaluate"]):
        st.rerun()


def _job_folder(package: ModelPackage, dataset: Dataset, split: str, views: str) -> Path:
    decisive = "\n".join([package.answers_digest(), dataset.name, dataset.added_at, split, views])
    return load_settings().jobs_folder / f"evaluate-{hashlib.sha256(decisive.encode()).hexdigest()[:16]}"
