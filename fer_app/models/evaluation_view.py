"""Measuring a model on a dataset's split: the job, and the result that was kept.

A result depends on the model, the pictures, the split and the views; each such choice has a job folder of its own.
"""

import hashlib
from pathlib import Path

import streamlit as st

from fer_app.controls import start_button
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.models.confidence_view import show_confidence
from fer_app.models.measured_on import MeasuredOn
from fer_app.models.report_view import show_report
from fer_core.dataset import Dataset
from fer_core.models.assessment import read_cached_evaluation
from fer_core.settings import load_settings

_TARGET = "fer_core.models.assessment:evaluate_job"


def show_evaluation(on: MeasuredOn) -> None:
    """Show how good a model is on the chosen pictures, or the way to measuring it."""
    st.caption("Measured on pictures whose expression is known; only pictures it has not learned from are a test.")
    report = read_cached_evaluation(on.package, on.dataset, on.split, on.views, index=on.index)
    folder = _job_folder(on)
    if report is not None:
        clear_ended_job(folder)
        show_report(report)
        show_confidence(on.package, report)
        if report["without_leaks"] is None:
            _offer_search_for_leaks(on.dataset)
        return
    status = watch_job(folder)
    if status is not None and status.is_live:
        return
    num_images = len(on.index.select(split=on.split))
    if start_button(f"Evaluate on {num_images:,} images", key="evaluate", icon=":material/fact_check:"):
        _start(folder, on)


def _offer_search_for_leaks(dataset: Dataset) -> None:
    st.caption("Images of the split that the model saw in training, under another name, flatter these figures.")
    st.page_link(
        "../pages/dataset.py",
        label="Look for duplicates, then measure without them",
        icon=":material/content_copy:",
        query_params={"dataset": dataset.name, "view": "duplicates"},
    )


def _start(folder: Path, on: MeasuredOn) -> None:
    arguments = {"model": str(on.package.folder), "dataset": on.dataset.name, "split": on.split, "views": on.views}
    title = f"Evaluating {on.package.name} on {on.dataset.name} ({on.split})"
    if begin_job(folder, _TARGET, arguments, title=title, keys=["evaluate"]):
        st.rerun()


def _job_folder(on: MeasuredOn) -> Path:
    decisive = "\n".join([on.package.answers_digest(), on.dataset.name, on.dataset.added_at, on.split, on.views])
    return load_settings().jobs_folder / f"evaluate-{hashlib.sha256(decisive.encode()).hexdigest()[:16]}"
