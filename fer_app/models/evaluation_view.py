"""Measuring a model on a dataset's split: the job, and the result that was kept.

A result depends on the model, the pictures, the split, the views and the label map; each such choice has a job folder
of its own. Figures from before a correction stay until the split is measured again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_folders import job_folder_of
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.models.confidence_view import show_confidence
from fer_app.models.confusion_faces_view import Answers, show_mistakes
from fer_app.models.mapping_view import choose_label_map
from fer_app.models.measured_on import MeasuredOn
from fer_app.models.report_view import show_report
from fer_core.dataset import Dataset
from fer_core.models.assessment import read_cached_evaluation, read_cached_predictions
from fer_core.models.earlier_evaluation import num_corrected, read_earlier_evaluation

_TARGET = "fer_core.models.assessment:evaluate_job"

LabelMap = Mapping[str, str]


def show_evaluation(on: MeasuredOn) -> None:
    """Show how good a model is on the chosen pictures, or the way to measuring it."""
    st.caption("Measured on pictures whose expression is known; only pictures it has not learned from are a test.")
    labels = on.index.select(split=on.split)["label"]
    counts = labels.value_counts().to_dict()
    label_map = choose_label_map(counts, on.package.info.class_names, whose=on.package.name)
    if label_map is None:
        return
    report, table = _measured(on, label_map)
    is_current = report is not None
    if report is None or table is None:
        report, table = _earlier(on, label_map)
    num_images = sum(number for label, number in counts.items() if label_map.get(label, label))
    _show_measuring(on, label_map, num_images, table, is_current=is_current)
    if report is None or table is None:
        return
    show_report(report)
    show_mistakes(Answers(on.dataset, on.package, report, table, label_map, lambda: _start(on, label_map)))
    show_confidence(on.package, report)
    if is_current and report["without_leaks"] is None:
        _offer_search_for_leaks(on.dataset)


def _measured(on: MeasuredOn, label_map: LabelMap) -> tuple[dict[str, Any] | None, pd.DataFrame | None]:
    """Return report and predictions with the labels of now, None where they are to be measured."""
    asked = (on.package, on.dataset, on.split, on.views)
    report = read_cached_evaluation(*asked, label_map=label_map, index=on.index)
    table = read_cached_predictions(*asked, label_map=label_map, index=on.index)
    return (None, None) if report is None or table is None else (report, table)


def _earlier(on: MeasuredOn, label_map: LabelMap) -> tuple[dict[str, Any] | None, pd.DataFrame | None]:
    """Return what was measured before a label was corrected, None where nothing was."""
    found = read_earlier_evaluation(on.package, on.dataset, on.split, on.views, label_map=label_map, index=on.index)
    return (None, None) if found is None else found


def _show_measuring(
    on: MeasuredOn, label_map: LabelMap, num_images: int, earlier: pd.DataFrame | None, *, is_current: bool
) -> None:
    """Show how far the measurement is, or offer it where there is none of the labels of now."""
    folder = _job_folder(on, label_map)
    if is_current:
        clear_ended_job(folder)
        return
    status = watch_job(folder)
    if status is not None and status.is_live:
        return
    if not num_images:
        st.warning("Every image is left out. Give at least one label a class.", icon=":material/label_off:")
        return
    if earlier is not None:
        _say_what_changed(num_corrected(earlier, on.index, label_map))
    if start_button(f"Evaluate on {num_images:,} images", key="evaluate", icon=":material/fact_check:"):
        _start(on, label_map)


def _say_what_changed(number: int) -> None:
    since = "The dataset was edited, or its duplicates were looked for,"
    if number:
        since = f"{number:,} {'label was' if number == 1 else 'labels were'} corrected"
    st.info(f"{since} since these figures were measured. Measuring again takes moments.", icon=":material/history:")


def _offer_search_for_leaks(dataset: Dataset) -> None:
    st.caption("Images of the split that the model saw in training, under another name, flatter these figures.")
    st.page_link(
        "../pages/dataset.py",
        label="Look for duplicates, then measure without them",
        icon=":material/content_copy:",
        query_params={"dataset": dataset.name, "view": "duplicates"},
    )


def _start(on: MeasuredOn, label_map: LabelMap) -> None:
    arguments = {
        "model": str(on.package.folder),
        "dataset": on.dataset.name,
        "split": on.split,
        "views": on.views,
        "label_map": dict(label_map),
    }
    title = f"Evaluating {on.package.name} on {on.dataset.name} ({on.split})"
    if begin_job(_job_folder(on, label_map), _TARGET, arguments, title=title, keys=["evaluate"]):
        st.rerun()


def _job_folder(on: MeasuredOn, label_map: LabelMap) -> Path:
    renamed = json.dumps(label_map, sort_keys=True)
    return job_folder_of(
        "evaluate", on.package.answers_digest(), on.dataset.name, on.dataset.added_at, on.split, on.views, renamed
    )
