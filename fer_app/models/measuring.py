"""The evaluations that a view of the Models page stands on: those that are missing are made in one job."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from fer_app.controls import start_button
from fer_app.job_folders import job_folder_of
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.models.mapping_view import choose_label_map
from fer_app.models.measured_on import MeasuredOn
from fer_core.models import ModelPackage
from fer_core.models.model_comparison import unmeasured

_TARGET = "fer_core.models.model_comparison:measure_models_job"


def are_measured(packages: Sequence[ModelPackage], on: MeasuredOn, *, label_map: Mapping[str, str]) -> bool:
    """Tell whether models are evaluated on the chosen pictures; show the way to it where one is not.

    Args:
        packages: The models.
        on: The pictures; its own model plays no part.
        label_map: Label of the dataset -> class of the models.
    """
    folder = _job_folder(packages, on, label_map)
    missing = unmeasured(packages, on.dataset, on.split, views=on.views, label_map=label_map, index=on.index)
    if not missing:
        clear_ended_job(folder)
        return True
    status = watch_job(folder)
    if status is not None and status.is_live:
        return False
    labels = on.index.select(split=on.split)["label"]
    num_images = sum(bool(label_map.get(label, label)) for label in labels)
    names = ", ".join(package.name for package in missing)
    if start_button(f"Measure {names} on {num_images:,} images", key="measure-models", icon=":material/fact_check:"):
        arguments = {
            "models": [str(package.folder) for package in missing],
            "dataset": on.dataset.name,
            "split": on.split,
            "views": on.views,
            "label_map": dict(label_map),
        }
        title = f"Evaluating {names} on {on.dataset.name} ({on.split})"
        if begin_job(folder, _TARGET, arguments, title=title, keys=["measure-models"]):
            st.rerun()
    return False


def ask_label_map(packages: Sequence[ModelPackage], on: MeasuredOn) -> dict[str, str] | None:
    """Return what the labels mean that are no classes of all the models; None while the person is asked.

    Args:
        packages: The models, at least one.
        on: The pictures.
    """
    shared = set.intersection(*(set(package.info.class_names) for package in packages))
    class_names = [name for name in packages[0].info.class_names if name in shared]
    counts = on.index.select(split=on.split)["label"].value_counts().to_dict()
    whose = packages[0].name if len(packages) == 1 else "Each of the models"
    return choose_label_map(counts, class_names, whose=whose)


def _job_folder(packages: Sequence[ModelPackage], on: MeasuredOn, label_map: Mapping[str, str]) -> Path:
    networks = [package.answers_digest() for package in packages]
    renamed = repr(sorted(label_map.items()))
    return job_folder_of("measure", *networks, on.dataset.name, on.dataset.added_at, on.split, on.views, renamed)
