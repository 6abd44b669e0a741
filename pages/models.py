"""The Models page: what models there are, what is inside, how good they are, and taking one along.

The chosen model, the view, and the dataset, split and views of each face that it is measured on, stand in the URL.
"""

import streamlit as st

from fer_app.controls import choose, choose_view, show_url
from fer_app.models.compare_view import show_comparison
from fer_app.models.documents_view import show_documents
from fer_app.models.evaluation_view import show_evaluation
from fer_app.models.explain_view import show_explanation
from fer_app.models.export_view import show_export
from fer_app.models.foreign_view import show_foreign
from fer_app.models.groups_view import show_groups
from fer_app.models.import_view import show_import, show_origin
from fer_app.models.measured_on import choose_measured_on
from fer_app.models.model_widgets import show_facts, show_model_table
from fer_app.models.robustness_view import show_robustness
from fer_core.models import list_models

ABOUT_IT = {"overview": ("Overview", (show_facts, show_origin, show_documents, show_export, show_import))}
MEASURED = {
    "evaluation": ("How good", (show_evaluation,)),
    "robustness": ("Robustness", (show_robustness,)),
    "predictions": ("Other predictions", (show_foreign,)),
    "groups": ("For whom", (show_groups,)),
    "compare": ("Compare", (show_comparison,)),
    "explain": ("Where it looks", (show_explanation,)),
}

st.title("Models")
show_url()
st.markdown("The models on this computer: what they learned from, how good they are, and a copy to take along.")

models = {model.name: model for model in list_models()}
if not models:
    st.info("No model yet. Train one; it appears here as soon as it is ready.", icon=":material/deployed_code:")
    st.page_link("../pages/training.py", label="Train a network", icon=":material/arrow_forward:")
    st.stop()

model = models[choose("Model", list(models), key="model")]
view = choose_view("View", {name: title for name, (title, _) in {**ABOUT_IT, **MEASURED}.items()}, key="view")
if view in ABOUT_IT:
    show_model_table(list(models.values()))
    for show_part in ABOUT_IT[view][1]:
        show_part(model)
elif (on := choose_measured_on(model)) is not None:
    for show_measured in MEASURED[view][1]:
        show_measured(on)

st.divider()
st.page_link(
    "../pages/prediction.py",
    label="Try it on photos",
    icon=":material/add_reaction:",
    query_params={"model": model.name},
)
