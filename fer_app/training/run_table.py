"""The table of training runs: what each reached, filtered by dataset, state and tag, and the choice of some.

The chosen runs stand in the URL: `?run=name` for one, `?runs=a,b` for several; so do the filters.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.controls import choose
from fer_app.job_view import duration
from fer_app.loaders import Stamp, file_stamp
from fer_app.training.run_states import STATE_WORDS
from fer_core.errors import FerError
from fer_core.jobs.folder import STATUS_FILE
from fer_core.training import Run
from fer_core.training.runs.notes import NOTES_NAME, read_notes
from fer_core.training.runs.results import read_result
from fer_core.training.runs.run import CONFIG_NAME, TEST_NAME

_ALL = "all"
_CHOICE, _TURN = "runs-chosen", "runs-turn"
_DECISIVE = (STATUS_FILE, NOTES_NAME, CONFIG_NAME, TEST_NAME)
_FILTER_WIDTH = 180  # px
_ROW_HEIGHT = 35  # px, Streamlit's own
_MAX_ROWS = 7
_COLUMNS = {
    "Validation": st.column_config.NumberColumn(
        format="%.1f %%", help="Best accuracy on the images held back, one view of each face"
    ),
    "Test": st.column_config.NumberColumn(format="%.1f %%", help="Accuracy on the test split, ten views of each face"),
    "State": st.column_config.TextColumn(width=100),
    "Epochs": st.column_config.TextColumn(help="Finished of all"),
    "Started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
    "Tags": st.column_config.ListColumn(width="small"),
    "Note": st.column_config.TextColumn(width="small"),
}


def chosen_runs() -> list[str]:
    """Return the names in the URL."""
    several = st.query_params.get("runs", "")
    names = [name for name in several.split(",") if name] or [st.query_params.get("run", "")]
    return [name for name in dict.fromkeys(names) if name]


def choose_runs(names: Sequence[str]) -> None:
    """Put names into the URL."""
    for key in ("run", "runs"):
        st.query_params.pop(key, None)
    if len(names) == 1:
        st.query_params["run"] = names[0]
    elif names:
        st.query_params["runs"] = ",".join(names)


def show_run_table(runs: Sequence[Run]) -> None:
    """Show the runs; the ticked rows become the runs shown."""
    rows = _filtered([_row(run) for run in runs])
    if not rows:
        st.info("No run fits these filters.", icon=":material/filter_alt_off:")
        return
    names, chosen = [row["Run"] for row in rows], chosen_runs()
    key = _table_key(names, chosen)
    st.dataframe(
        pd.DataFrame(rows),
        key=key,
        hide_index=True,
        width="stretch",
        height=_ROW_HEIGHT * (min(len(rows), _MAX_ROWS) + 1) + 3,
        column_config=_COLUMNS,
        on_select=lambda: _keep_selection(key, names),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [names.index(name) for name in chosen if name in names]}},
        placeholder="–",
        alt="Table of training runs",
    )
    st.caption("Tick a row to see its curves and result, several to lay them side by side.")


def _table_key(names: Sequence[str], chosen: Sequence[str]) -> str:
    """Return another key where a choice was made elsewhere: the browser keeps the ticks of a table as long as it is."""
    if st.session_state.get(_CHOICE) != chosen:
        st.session_state[_CHOICE] = chosen
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    return f"runs-{st.session_state[_TURN]}-{hash(tuple(names))}"


def _keep_selection(key: str, names: Sequence[str]) -> None:
    chosen = [names[row] for row in st.session_state[key].selection.rows if row < len(names)]
    if chosen == st.session_state.get(_CHOICE):
        # A refresh that was under way while the person left this view: its URL is that of a moment ago.
        return
    st.session_state[_CHOICE] = chosen
    choose_runs(chosen)


def _filtered(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Let the person narrow the rows down, where there is anything to choose between."""
    values = {
        "in_dataset": ("Dataset", sorted({row["Dataset"] for row in rows if row["Dataset"]})),
        "state": (
            "State",
            [words.title for words in STATE_WORDS.values() if words.title in {r["State"] for r in rows}],
        ),
        "tag": ("Tag", sorted({tag for row in rows for tag in row["Tags"]})),
    }
    shown = {key: options for key, (_, options) in values.items() if len(options) > (key != "tag")}
    with st.container(horizontal=True):
        for key, options in shown.items():
            title = values[key][0]
            with st.container(width=_FILTER_WIDTH):
                wanted = choose(title, [_ALL, *options], key=key)
            if wanted != _ALL:
                rows = [row for row in rows if wanted in (row["Tags"] if key == "tag" else [row[title]])]
    return list(rows)


def _row(run: Run) -> dict[str, Any]:
    """Return what stands in a run's row; a live run's figures stand in its live view and are as of now."""
    if run.status().is_live:
        return _read_row(run)
    return _ended_row(str(run.folder), file_stamp(run.folder / name for name in _DECISIVE), run)


@st.cache_data(max_entries=2000, show_spinner=False)
def _ended_row(folder: str, stamp: Stamp, _run: Run) -> dict[str, Any]:
    return _read_row(_run)


def _read_row(run: Run) -> dict[str, Any]:
    status, result, notes = run.status(), read_result(run), read_notes(run.folder)
    try:
        epochs, dataset, architecture = f"{run.config.epochs}", run.config.dataset, run.config.architecture
    except FerError:  # a damaged run can still be deleted
        epochs, dataset, architecture = "?", None, None
    test = result.best_test
    return {
        "Run": run.name,
        "State": STATE_WORDS[status.state].title,
        "Validation": None if result.val_accuracy is None else 100 * result.val_accuracy,
        "Test": None if test is None else 100 * test["accuracy"],
        "Epochs": f"{result.num_epochs} of {epochs}",
        "Dataset": dataset,
        "Architecture": architecture,
        "Tags": list(notes.tags),
        "Note": notes.note,
        "Started": pd.to_datetime(status.started_at, unit="s", utc=True),
        "Duration": duration(result.seconds),
    }
