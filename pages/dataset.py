"""The Dataset page: get faces, look at what is there, go on to training.

The chosen dataset, the split and the seed of the samples stand in the URL.
"""

import streamlit as st

from fer_app.adding_job import is_adding, take_added_dataset
from fer_app.adding_view import show_adding, show_ways_to_add
from fer_app.controls import choose
from fer_app.dataset_view import show_facts, show_removal, show_samples
from fer_app.loaders import index_of
from fer_app.markdown import literal
from fer_core.charts import class_counts_figure
from fer_core.dataset import list_datasets
from fer_core.errors import FerError

st.title("Dataset")
st.markdown("Get pictures of faces sorted by expression, look at what is in them, then train a network on them.")

if added := take_added_dataset():
    st.query_params["dataset"] = added
    st.toast(f"“{added}” is ready.", icon=":material/check:")

datasets = {dataset.name: dataset for dataset in list_datasets()}
show_adding()
with st.expander("Add a dataset", expanded=not datasets, icon=":material/add:"):
    show_ways_to_add(list(datasets.values()))

if not datasets:
    if not is_adding():
        st.info("No dataset yet. **Add drawn faces** above is the quickest start; it takes a few seconds.")
    st.stop()

dataset = datasets[choose("Dataset", list(datasets), key="dataset")]
try:
    index = index_of(dataset)
except FerError as error:
    st.error(literal(str(error)))
    show_removal(dataset)
    st.stop()

show_facts(dataset, index)
st.page_link(
    "../pages/training.py",
    label="Train a network on this dataset",
    icon=":material/arrow_forward:",
    query_params={"dataset": dataset.name},
)

st.subheader("Images per class")
st.plotly_chart(
    class_counts_figure(index.counts()),
    key="class-counts",
    config={"displayModeBar": False},
    alt=f"Bar chart of the number of images per class for each split of {dataset.name}",
)

st.subheader("Sample faces")
controls = st.columns([2, 1, 3], vertical_alignment="bottom")
with controls[0]:
    split = choose("Split", index.splits, key="split")
seed = controls[1].number_input(
    "Seed", 0, 9999, 0, key="shuffle", bind="query-params", help="Another seed, other faces"
)
show_samples(index, split=split, seed=seed)

st.divider()
show_removal(dataset)
