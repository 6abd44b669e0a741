"""The table of training runs, and deleting one.

A click on a row shows that run; the choice stands in the URL as `?run=name`.
"""

from typing import Any

import pandas as pd
import streamlit as st

from fer_app.job_view import duration
from fer_app.markdown import literal
from fer_core.errors import FerError
from fer_core.training import Run, remove_run

_COLUMNS = {
    "Best validation accuracy": st.column_config.NumberColumn(format="%.1f %%", help="On the images held back"),
    "Started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
}


def show_run_table(runs: list[Run]) -> None:
    """Show all runs; a selected row becomes the run shown."""
    table = pd.DataFrame([_row(run) for run in runs])
    key = f"runs-{len(runs)}"
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        width="stretch",
        column_config=_COLUMNS,
        on_select=lambda: _show_selected(key, [run.name for run in runs]),
        selection_mode="single-row",
        placeholder="–",
        alt="Table of training runs",
    )


def _row(run: Run) -> dict[str, Any]:
    """Return what stays true until the page runs again: a live run's figures stand in its live view."""
    status = run.status()
    row = {"Run": run.name, "State": "under way" if status.is_live else status.state, "Best validation accuracy": None}
    try:
        row |= {
            "Epochs": f"{run.config.epochs}",
            "Dataset": run.config.dataset,
            "Architecture": run.config.architecture,
        }
    except FerError:  # a damaged run can still be deleted
        row |= {"Epochs": None, "Dataset": None, "Architecture": None}
    row["Started"] = pd.to_datetime(status.started_at, unit="s", utc=True)
    if status.is_live:
        return row
    best = status.details.get("best_val_accuracy")
    return row | {
        "Best validation accuracy": None if best is None else 100 * best,
        "Epochs": f"{len(run.history())} of {row['Epochs']}",
        "Duration": duration(status.seconds_elapsed),
    }


def _show_selected(key: str, names: list[str]) -> None:
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(names):
        st.query_params["run"] = names[rows[0]]


def show_deletion(run: Run) -> None:
    """Say what deleting a run takes away, and do it when the person agrees."""
    with st.popover("Delete this run", icon=":material/delete:"):
        model = " and its model" if run.model else ""
        st.markdown(f"Deletes the settings, curves and log of **{literal(run.name)}**{model}. The dataset stays.")
        if st.button("Delete", key=f"delete-{run.name}", type="primary", icon=":material/delete:"):
            _delete(run.name)


def _delete(name: str) -> None:
    try:
        remove_run(name)
    except FerError as error:
        st.error(literal(str(error)))
        return
    st.query_params.pop("run", None)
    st.rerun()
