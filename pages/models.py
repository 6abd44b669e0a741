"""The Models page: what models there are, what is inside, how good they are, and taking one along.

The chosen model, and the dataset, split and views it is measured on, stand in the URL.
"""

import streamlit as st

from fer_app.controls import choose
from fer_app.models.evaluation_view import show_evaluation
from fer_app.models.model_widgets import show_facts, show_model_table
from fer_core.dataset import list_datasets
from fer_core.models import list_models

st.title("Models")
st.markdown("The models on this computer: what they learned from, how good they are, and a copy to take along.")

models = {model.name: model for model in list_models()}
if not models:
    st.info("No model yet. Train one; it appears here as soon as it is ready.", icon=":material/deployed_code:")
    st.page_link("../pages/training.py", label="Train a network", icon=":material/arrow_forward:")
    st.stop()

show_model_table(list(models.values()))
model = models[choose("Model", list(models), key="model")]
show_facts(model)

st.subheader("How good is it?", anchor=False)
st.markdown("Measured on pictures whose expression is known. Only pictures that it has not learned from are a test.")
datasets = {dataset.name: dataset for dataset in list_datasets()}
if datasets:
    show_evaluation(model, datasets)
else:
    st.info("Measuring needs a dataset with known expressions.", icon=":material/photo_library:")
    st.page_link("../pages/dataset.py", label="Get a dataset", icon=":material/arrow_forward:")

st.page_link(
    "../pages/prediction.py",
    label="Try it on photos",
    icon=":material/add_reaction:",
    query_params={"model": model.name},
)
