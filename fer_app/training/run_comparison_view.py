"""Several runs side by side: their curves over each other, what differs in their settings, and what they reached."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fer_app.markdown import literal
from fer_app.training.live_curves import show_curves
from fer_core.errors import FerError
from fer_core.training import Run, remove_run
from fer_core.training.runs.comparison import compare_runs
from fer_core.training.runs.model_use import live_users_of


def show_comparison(runs: Sequence[Run]) -> None:
    """Show two runs or more."""
    st.header(f"{len(runs)} runs side by side", anchor=False)
    try:
        comparison = compare_runs([run.name for run in runs])
    except FerError as error:
        st.error(literal(str(error)))
        return
    with_curves = [run for run in runs if not run.history().empty]
    if with_curves:
        show_curves(with_curves)
    st.markdown("**Results**")
    _show_table(comparison.results, "Results of the runs")
    st.markdown("**Settings that differ**")
    if comparison.settings.empty:
        st.caption("None: the settings of these runs are the same.")
    else:
        _show_table(comparison.settings, "Settings that differ between the runs")
    _show_deletion(runs)


def _show_table(table: pd.DataFrame, alt: str) -> None:
    st.dataframe(table, width="stretch", alt=alt)


def _show_deletion(runs: Sequence[Run]) -> None:
    removable = [run for run in runs if not run.status().is_live and not live_users_of(run.name)]
    kept = [run.name for run in runs if run not in removable]
    with st.popover(f"Delete these {len(runs)} runs", icon=":material/delete:", disabled=not removable):
        names = literal(", ".join(run.name for run in removable))
        st.markdown(f"Deletes **{names}** with their models. The datasets stay.")
        if kept:
            st.caption(f"{literal(', '.join(kept))} stays: it is under way, or its model is in use.")
        if st.button("Delete", key="delete-several", type="primary", icon=":material/delete:"):
            _delete(removable)


def _delete(runs: Sequence[Run]) -> None:
    try:
        for run in runs:
            remove_run(run.name)
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.query_params.pop("runs", None)
    st.rerun()
