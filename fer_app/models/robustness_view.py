"""How a model bears damaged faces, on a page: a curve and examples for each kind, and the whole table.

The job that measures it is begun and watched here; what changes the answer without a reason is told below.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.controls import start_button
from fer_app.job_folders import job_folder_of
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.models.counterfactual_view import show_counterfactuals
from fer_app.models.example_faces import example_faces, show_states
from fer_app.models.measured_on import MeasuredOn
from fer_app.models.measuring import ask_label_map
from fer_core.charts.confidence import robustness_figure
from fer_core.evaluation.counterfactuals import COUNTERFACTUALS
from fer_core.evaluation.degradations import DEGRADATIONS, degrade
from fer_core.models.robustness import NUM_IMAGES, read_cached_robustness, worst_row

_TARGET = "fer_core.models.robustness:robustness_job"
_SHARES = {
    name: st.column_config.NumberColumn(format="%.1f %%", help=help_text)
    for name, help_text in {
        "Right": "Of the damaged faces, how many are named correctly",
        "Called otherwise": "Of the faces, how many get another answer than undamaged",
    }.items()
} | {"Change": st.column_config.NumberColumn(format="%+.1f points", help="Against the same faces undamaged")}


def show_robustness(on: MeasuredOn) -> None:
    """Show what was measured on damaged faces of a split, or the way to it; it is measured with one view."""
    st.header("How does it bear real pictures?", anchor=False)
    label_map = ask_label_map([on.package], on)
    if label_map is None:
        return
    on = replace(on, index=on.index.with_labels(label_map))
    report = read_cached_robustness(on.package, on.dataset, on.split, index=on.index)
    folder = _job_folder(on, label_map)
    if report is not None:
        clear_ended_job(folder)
        _show_report(on, report)
        show_counterfactuals(on, report)
        return
    status = watch_job(folder)
    if status is not None and status.is_live:
        return
    num_images = min(NUM_IMAGES, len(on.index.select(split=on.split)))
    if not num_images:
        st.warning("Every image is left out. Give at least one label a class.", icon=":material/label_off:")
        return
    st.caption(
        f"Reads {num_images:,} faces of this split again, blurred, dark, tilted, covered, with glasses or a mask drawn "
        f"on them, {sum(len(kind.strengths) for kind in DEGRADATIONS.values()) + len(COUNTERFACTUALS)} times."
    )
    if start_button(f"Measure on {num_images:,} damaged faces", key="robustness", type="secondary"):
        arguments: dict[str, Any] = {"model": str(on.package.folder), "dataset": on.dataset.name, "split": on.split}
        arguments |= {"label_map": label_map}
        title = f"Damaging faces of {on.dataset.name} ({on.split}) for {on.package.name}"
        if begin_job(folder, _TARGET, arguments, title=title, keys=["robustness"]):
            st.rerun()


def _show_report(on: MeasuredOn, report: Mapping[str, Any]) -> None:
    worst = worst_row(report)
    st.markdown(
        f"Undamaged, **{100 * report['accuracy']:.1f} %** of {report['num_images']:,} faces are right (one view). "
        f"The worst of all is {worst['title'].lower()} {worst['strength']:g} ({worst['unit']}): "
        f"**{100 * worst['accuracy']:.1f} %**."
    )
    kind = st.selectbox("Damage", list(DEGRADATIONS), format_func=lambda name: DEGRADATIONS[name].title, key="damage")
    st.plotly_chart(
        robustness_figure(report, kind),
        key="robustness-figure",
        config={"displayModeBar": False},
        alt="Share of right answers by the strength of the damage",
    )
    _show_examples(on, kind)
    with st.expander("All kinds and strengths", icon=":material/table:"):
        st.dataframe(_table(report), hide_index=True, width="stretch", column_config=_SHARES, alt="Robustness table")


def _show_examples(on: MeasuredOn, kind: str) -> None:
    """Show a few faces at each strength, damaged before one's eyes."""
    faces, labels = example_faces(on)
    damaged = [(f"{strength:g}", degrade(faces, kind, strength)) for strength in DEGRADATIONS[kind].strengths]
    show_states(on, labels, [("As it is", faces), *damaged])


def _table(report: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Damage": row["title"],
            "Strength": f"{row['strength']:g}",
            "Unit": row["unit"],
            "Right": 100 * row["accuracy"],
            "Change": -100 * row["drop"],
            "Called otherwise": 100 * row["flipped"],
        }
        for row in report["rows"]
    )


def _job_folder(on: MeasuredOn, label_map: Mapping[str, str]) -> Path:
    decisive = [on.package.answers_digest(), on.dataset.name, on.dataset.added_at, on.split]
    return job_folder_of("robustness", *decisive, *([json.dumps(label_map, sort_keys=True)] if label_map else []))
