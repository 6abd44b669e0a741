"""How far a label can be trusted, for the page: what the package says of its classes, or else what was measured here.

A package comes in, one figure for each class goes out. Where nobody has measured the model, nothing is said.
"""

from pathlib import Path

import streamlit as st

from fer_core.jobs.folder import read_json
from fer_core.models import ModelPackage
from fer_core.models.class_precision import ClassPrecision, class_precision, precision_in
from fer_core.settings import load_settings


def reliability_of(package: ModelPackage, views: str) -> dict[str, ClassPrecision]:
    """Return what is known of each class of a model, nothing for classes that were never measured."""
    folder = load_settings().evaluations_folder
    return class_precision(package.info, views) or _measured_here(package.answers_digest(), views, _stamp(folder))


@st.cache_data(max_entries=32, show_spinner=False)
def _measured_here(network: str, views: str, stamp: int) -> dict[str, ClassPrecision]:
    """Read the newest evaluation of a network on this computer."""
    files = sorted(load_settings().evaluations_folder.glob("*.json"), key=lambda path: -path.stat().st_mtime_ns)
    for report in filter(None, map(read_json, files)):
        if (report.get("network"), report.get("views")) == (network, views):
            return precision_in(report, str(report["split"]))
    return {}


def _stamp(folder: Path) -> int:
    """Return what changes when an evaluation is added."""
    return folder.stat().st_mtime_ns if folder.is_dir() else 0
