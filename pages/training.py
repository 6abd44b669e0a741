"""The Training page: start a training, watch it learn, find its result again.

The run shown is `?run=name` in the URL or the run that is under way; all of it is read from the run's folder.
"""

import streamlit as st

from fer_app.run_table import show_deletion, show_run_table
from fer_app.run_view import show_run
from fer_app.training_form import show_training_form
from fer_core.dataset import list_datasets
from fer_core.training import list_runs

st.title("Training")
st.markdown("Train a network on a dataset and watch it learn. The training goes on when this page is closed.")

runs = {run.name: run for run in list_runs()}
live = next((run for run in runs.values() if run.status().is_live), None)
wanted = st.query_params.get("run")
if wanted is not None and wanted not in runs:
    st.warning(f"There is no run “{wanted}”; it may have been deleted.", icon=":material/search_off:")
    del st.query_params["run"]
elif wanted is None and live is not None:
    st.query_params["run"] = live.name
shown = runs.get(st.query_params.get("run", ""))

if shown is not None:
    with st.container(border=True):
        show_run(shown)
        if not shown.status().is_live:
            show_deletion(shown)

st.subheader("New training", anchor=False)
if list_datasets():
    show_training_form(live)
else:
    st.info("A training needs a dataset. The drawn faces are ready in seconds.", icon=":material/photo_library:")
    st.page_link("../pages/dataset.py", label="Get a dataset", icon=":material/arrow_forward:")

if runs:
    st.subheader("All runs", anchor=False)
    st.caption("Select a row to see its curves and result.")
    show_run_table(list(runs.values()))
