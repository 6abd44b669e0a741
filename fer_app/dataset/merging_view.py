"""Merging datasets: choose at least two, give the new one a name, say which labels mean the same.

Every picture of the new dataset keeps the name of the one it came from in the column `source`.
"""

from collections.abc import Sequence

import streamlit as st

from fer_app.controls import start_button
from fer_app.dataset.adding_job import start_merging
from fer_app.dataset.label_questions import KEEP, ask_labels
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset
from fer_core.dataset.merge import label_map_for_all
from fer_core.errors import FerError

_KEY = "add-merged"


def show_merging(datasets: Sequence[Dataset], busy: bool) -> None:
    """Offer to make one dataset of several."""
    st.markdown(
        "One new dataset of several: each picture keeps its split and the name of the dataset it came from. Merging "
        "what different people collected is how a training set comes to show more kinds of people. The parts stay as "
        "they are."
    )
    if len(datasets) < 2:
        st.caption("This takes at least two datasets. Add them in the other tabs first.")
        return
    by_name = {dataset.name: dataset for dataset in datasets}
    names = st.multiselect("Datasets", list(by_name), key="merge-names", placeholder="Choose two or more")
    name = st.text_input("Name of the new dataset", key="merge-name", placeholder="letters, digits, . - _").strip()
    answers = _ask_odd_labels([by_name[name_] for name_ in names]) if len(names) > 1 else {}
    if start_button("Merge", key=_KEY, icon=":material/merge:", disabled=busy):
        if len(names) < 2 or not name:
            st.warning("Choose at least two datasets and type a name first.", icon=":material/help:")
        else:
            _start(names, name, answers)


def _ask_odd_labels(parts: list[Dataset]) -> dict[str, str]:
    """Ask about labels that some of the parts do not have: they may be another's label under a different name."""
    counts: dict[str, int] = {}
    try:
        labels = [view_of(part).select()["label"].value_counts() for part in parts]
    except FerError as error:
        st.error(literal(str(error)))
        return {}
    common = set.intersection(*(set(part.index) for part in labels))
    for part in labels:
        for label, count in part.items():
            if label not in common:
                counts[str(label)] = counts.get(str(label), 0) + int(count)
    if not counts:
        st.caption(f"All of them have the same {len(common)} labels.")
        return {}
    st.markdown("Not all of them have these labels. Is one of them another's label under a different name?")
    answers = ask_labels(counts, suggestions=dict.fromkeys(counts, KEEP), key="merge-label")
    return {label: new for label, new in answers.items() if new != label}


def _start(names: list[str], name: str, answers: dict[str, str]) -> None:
    try:
        label_maps = label_map_for_all(names, answers)
    except FerError as error:
        st.error(literal(str(error)))
        return
    if start_merging(_KEY, names, name, label_maps):
        st.rerun()
