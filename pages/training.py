"""The Training page: start a training, watch it learn, find its result again and lay runs side by side.

What is shown stands in the URL: the view, the run or runs, and what is in the form. All of it is read from the runs'
folders, so that a reload or a second tab shows the same.
"""

import streamlit as st

from fer_app.controls import choose_view, show_url
from fer_app.training.run_comparison_view import show_comparison
from fer_app.training.run_queue_view import show_queue
from fer_app.training.run_table import choose_runs, chosen_runs, show_run_table
from fer_app.training.run_view import show_run
from fer_app.training.training_form import show_training_form
from fer_core.dataset import list_datasets
from fer_core.training import Run, list_runs


def enter(runs: dict[str, Run]) -> None:
    """Decide what a visitor without a wish of their own sees: the training under way, else the form."""
    live = next((run.name for run in reversed(runs.values()) if run.status().is_live), None)
    asks_for_form = {"copy", "preset", "dataset"} & set(st.query_params)
    if "view" not in st.query_params:
        shows_runs = bool(chosen_runs()) or (live is not None and not asks_for_form)
        st.query_params["view"] = "runs" if shows_runs else "new"
    if st.query_params["view"] == "runs" and live is not None and not chosen_runs():
        choose_runs([live])


def show_runs(runs: dict[str, Run]) -> None:
    """Show the queue, the table, and what is chosen in it."""
    if not runs:
        st.info("No training yet. Start one; its curves and its result appear here.", icon=":material/model_training:")
        return
    gone = [name for name in chosen_runs() if name not in runs]
    if gone:
        st.warning(f"There is no run “{', '.join(gone)}”; it may have been deleted.", icon=":material/search_off:")
        choose_runs([name for name in chosen_runs() if name in runs])
    show_queue()
    show_run_table(list(runs.values()))
    shown = [runs[name] for name in chosen_runs()]
    if shown:
        with st.container(border=True):
            if len(shown) == 1:
                show_run(shown[0])
            else:
                show_comparison(shown)


st.title("Training")
st.markdown("Train a network on a dataset and watch it learn. The training goes on when this page is closed.")

show_url()
runs = {run.name: run for run in list_runs()}
enter(runs)
view = choose_view("What to show", {"new": "New training", "runs": f"Runs ({len(runs)})"}, key="view")
if view == "runs":
    show_runs(runs)
elif list_datasets():
    show_training_form()
else:
    st.info("A training needs a dataset. The drawn faces are ready in seconds.", icon=":material/photo_library:")
    st.page_link("../pages/dataset.py", label="Get a dataset", icon=":material/arrow_forward:")
