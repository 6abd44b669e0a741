"""The Dataset page: get faces, see what is wrong with them, mend it, go on to training.

The chosen dataset and the view stand in the URL; each view keeps there what it shows.
"""

import streamlit as st

from fer_app.controls import choose, choose_view, show_url
from fer_app.dataset.adding_job import is_adding, show_added_dataset
from fer_app.dataset.adding_view import show_adding, show_ways_to_add
from fer_app.dataset.browse_edits import keep_author
from fer_app.dataset.browse_view import show_browse
from fer_app.dataset.corrections_view import show_corrections
from fer_app.dataset.dataset_view import show_facts, show_removal, show_samples
from fer_app.dataset.duplicates_view import show_duplicates
from fer_app.dataset.file_changes_view import show_file_changes
from fer_app.dataset.health_view import show_health
from fer_app.dataset.map_view import show_map
from fer_app.dataset.others_edits import watch_for_edits
from fer_app.dataset.suspicious_view import show_suspicious
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_core.dataset import list_datasets
from fer_core.errors import FerError

VIEWS = {
    "health": ("Health", (show_facts, show_health, show_suspicious)),
    "browse": ("Browse", (show_browse,)),
    "samples": ("Samples", (show_samples,)),
    "duplicates": ("Duplicates & leaks", (show_duplicates,)),
    "map": ("Map", (show_map,)),
    "corrections": ("Corrections", (show_corrections,)),
}

st.title("Dataset")
show_url()
st.markdown("Get pictures of faces sorted by expression, see what is wrong with them, mend it, then train on them.")

show_added_dataset()
datasets = {dataset.name: dataset for dataset in list_datasets()}
show_adding()
with st.expander("Add a dataset", expanded=not datasets, icon=":material/add:"):
    show_ways_to_add(list(datasets.values()))

if not datasets:
    if not is_adding():
        st.info("No dataset yet. **Add drawn faces** above is the quickest start; it takes a few seconds.")
    st.stop()

dataset = datasets[choose("Dataset", list(datasets), key="dataset")]
watch_for_edits(dataset)
try:
    view_of(dataset)
except FerError as error:
    st.error(literal(str(error)))
    show_removal(dataset)
    st.stop()

show_file_changes(dataset)
view = choose_view("View", {name: title for name, (title, _) in VIEWS.items()}, key="view")
_, parts = VIEWS[view]
for show_part in parts:
    show_part(dataset)

st.divider()
show_removal(dataset)
keep_author()
