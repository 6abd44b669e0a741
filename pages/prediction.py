"""Prediction: drop photos, see for each face the seven probabilities, and take the table away."""

from datetime import datetime

import streamlit as st

from fer_app.controls import choose, choose_view
from fer_app.loaders import predictor_for
from fer_app.markdown import literal
from fer_app.prediction.photo_results import all_faces, read_photos
from fer_app.prediction.photo_view import show_photo
from fer_app.prediction.webcam_view import show_webcam
from fer_core.errors import FerError
from fer_core.models import list_models

PHOTO_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
MAX_PHOTO_SIZE = 100  # MB
NUM_OPEN = 3
VIEWS = {"photos": "Photos", "webcam": "Webcam"}

st.title("Prediction", anchor=False)
st.markdown(
    "Drop photos: the app finds the faces and shows how strongly each of them looks like the expressions that the "
    "model knows. Where no expression stands out, it says “unsure”."
)

models = {model.name: model for model in list_models()}
if not models:
    st.info("There is no model on this computer yet. Train one first; it appears here as soon as it is ready.")
    st.page_link("../pages/training.py", label="Train a network", icon=":material/model_training:")
    st.stop()

choice, whole_switch = st.columns([3, 2], vertical_alignment="bottom")
with choice:
    model = models[choose("Model", list(models), key="model")]
try:
    predictor = predictor_for(model)
except FerError as error:
    st.error(literal(str(error)))
    st.stop()
if choose_view("Where the faces come from", VIEWS, key="view") == "webcam":
    show_webcam(predictor, model_digest=model.digest())
    st.stop()

is_whole = whole_switch.toggle(
    "Each picture is one face",
    key="whole",
    bind="query-params",
    help="For pictures that are already cropped to one face: they are read as they are, without looking for faces.",
)
photos = st.file_uploader(
    "Photos (JPEG, PNG, WebP, BMP, TIFF)",
    type=PHOTO_TYPES,
    accept_multiple_files=True,
    max_upload_size=MAX_PHOTO_SIZE,
    help="They are processed in this computer's memory; nothing is stored and nothing is sent.",
)
if not photos:
    st.info(
        f"Drop one or many photos above, or choose them with the button. “{literal(model.name)}” tells apart "
        f"{', '.join(model.info.class_names)}. Faces of at least 40 pixels, seen from the front, are read best.",
        icon=":material/add_photo_alternate:",
    )
    st.stop()

as_whole: set[str] = st.session_state.setdefault("photos_as_whole", set())
bar = st.progress(0.0, text="Reading the photos")
results = []
for result in read_photos(
    photos,
    predictor,
    model_digest=model.digest(),
    whole={photo.file_id for photo in photos} if is_whole else as_whole,
    cache=st.session_state.setdefault("photo_results", {}),
):
    results.append(result)
    bar.progress(len(results) / len(photos), text=f"Read {len(results)} of {len(photos)} photos")
bar.empty()

faces = all_faces(results)
readable = [result for result in results if result.error is None]
broken = [result for result in results if result.error is not None]
num_unsure = int(faces["unsure"].sum()) if len(faces) else 0
st.markdown(
    f"**{len(faces)}** {'face' if len(faces) == 1 else 'faces'} on **{len(readable)}** "
    f"{'photo' if len(readable) == 1 else 'photos'}; unsure about **{num_unsure}** of them."
)
if broken:
    sentences = "\n".join(f"- **{literal(result.name)}**: {literal(str(result.error))}" for result in broken)
    st.error(f"{len(broken)} of {len(results)} photos could not be read:\n{sentences}", icon=":material/broken_image:")
for number, result in enumerate(readable):
    show_photo(result, expanded=number < NUM_OPEN, on_whole=as_whole.add)

if len(faces):
    st.subheader("All faces", anchor=False)
    shares = {
        name: st.column_config.NumberColumn(name.removeprefix("p_"), format="percent")
        for name in faces.columns
        if name.startswith("p_")
    }
    boxes = {name: st.column_config.NumberColumn(format="%.0f") for name in ("x1", "y1", "x2", "y2")}
    scores = {name: st.column_config.NumberColumn(format="percent") for name in ("detection_score", "confidence")}
    order = ["image", "face", "label", "confidence", "unsure", *shares, "detection_score", *boxes]
    st.dataframe(faces, hide_index=True, column_config=shares | boxes | scores, column_order=order)
    st.download_button(
        "Download the table (CSV)",
        faces.to_csv(index=False).encode(),
        file_name=f"expressions-{model.name}-{datetime.now():%Y-%m-%d-%H%M}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
