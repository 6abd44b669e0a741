"""Prediction: photos, many pictures at once, or live video; for each face what it looks like and how sure that is."""

import streamlit as st

from fer_app.controls import choose, choose_view
from fer_app.loaders import predictor_for
from fer_app.markdown import literal
from fer_app.prediction.batch_view import show_batch
from fer_app.prediction.photo_page import show_photos
from fer_app.prediction.photo_settings import choose_settings
from fer_app.prediction.webcam_session import end_stream
from fer_app.prediction.webcam_view import show_webcam
from fer_app.sharing.visitor_limits import limits_here, told
from fer_core.errors import FerError
from fer_core.models import list_models

VIEWS = {
    "photos": ":material/image: Photos",
    "batch": ":material/photo_library: Many pictures",
    "webcam": ":material/videocam: Webcam",
}

st.title("Prediction", anchor=False)
st.markdown(
    "Give photos or live video: the app finds the faces and shows how strongly each of them looks like the expressions "
    "that the model knows. Where no expression stands out, it says “unsure”."
)

limits = limits_here()
models = {model.name: model for model in list_models()}
if not models:
    st.info("There is no model on this computer yet. Train one first; it appears here as soon as it is ready.")
    if limits.has_batches:
        st.page_link("../pages/training.py", label="Train a network", icon=":material/model_training:")
    st.stop()

views = {name: title for name, title in VIEWS.items() if name != "batch" or limits.has_batches}
view = choose_view("What to read", views, key="view")
left, right = st.columns([3, 1], vertical_alignment="bottom")
with left:
    model = models[choose("Model", list(models), key="model")]
try:
    predictor = predictor_for(model)
except FerError as error:
    st.error(literal(told(error, "This model cannot be used at the moment.")))
    st.stop()
if view == "webcam":
    show_webcam(predictor, model_digest=model.digest())
else:
    end_stream()
    with right:
        settings = choose_settings(model, has_threshold=view == "photos")
    if view == "batch" and limits.has_batches:
        show_batch(model, settings)
    else:
        show_photos(model, predictor, settings)
