"""How far a label can be trusted: of the faces that a model calls a class, the share that are of it.

A package comes in, one figure for each class goes out: from what the package itself says, or else from the newest
evaluation of the model on this computer. Where neither knows, nothing is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from fer_core.jobs.folder import read_json
from fer_core.models import ModelPackage
from fer_core.settings import load_settings

_SHARE, _COUNT = "precision of ", "called "  # figures of a package's metrics, followed by the class


@dataclass(frozen=True)
class Reliability:
    """How often a model is right when it says one class.

    Args:
        share: Precision, 0-1.
        num_called: The faces that it called so.
        measured_on: Which pictures they were.
    """

    share: float
    num_called: int
    measured_on: str


def reliability_of(package: ModelPackage, views: str) -> dict[str, Reliability]:
    """Return what is known of each class of a model, nothing for classes that were never measured."""
    return _from_metrics(package.info.metrics, views) or _from_evaluations(
        package.digest(), package.answers_digest(), views, _stamp(load_settings().evaluations_folder)
    )


def _from_metrics(metrics: Mapping[str, Mapping[str, float]], views: str) -> dict[str, Reliability]:
    """Read the package's figures: of a test split where there is one, which the package names last."""
    for split, figures in reversed(metrics.items()):
        if split.endswith("one view") == (views == "one"):
            names = [name.removeprefix(_SHARE) for name in figures if name.startswith(_SHARE)]
            known = {
                name: Reliability(figures[_SHARE + name], int(figures[_COUNT + name]), split.partition(",")[0])
                for name in names
                if figures.get(_COUNT + name)
            }
            if known:
                return known
    return {}


@st.cache_data(max_entries=32, show_spinner=False)
def _from_evaluations(digest: str, network: str, views: str, stamp: int) -> dict[str, Reliability]:
    files = sorted(load_settings().evaluations_folder.glob("*.json"), key=lambda path: -path.stat().st_mtime_ns)
    for path in files:
        report = read_json(path)
        if report is not None and report.get("network") == network and report.get("views") == views:
            return _from_report(report)
    return {}


def _from_report(report: Mapping[str, Any]) -> dict[str, Reliability]:
    counts = [sum(row[number] for row in report["confusion"]) for number in range(len(report["class_names"]))]
    called = dict(zip(report["class_names"], counts, strict=True))
    return {
        row["class_name"]: Reliability(row["precision"], called[row["class_name"]], f"the {report['split']} pictures")
        for row in report["per_class"]
        if called[row["class_name"]]
    }


def _stamp(folder: Path) -> int:
    """Return what changes when an evaluation is added."""
    return folder.stat().st_mtime_ns if folder.is_dir() else 0
