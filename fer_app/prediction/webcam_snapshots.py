"""Single pictures from the camera, or a photo from a file, where live video does not work or is not wanted."""

import streamlit as st

from fer_app.markdown import literal
from fer_app.prediction.photo_turns import photo_turns
from fer_app.sharing.visitor_limits import limits_here
from fer_core.charts import probabilities_figure
from fer_core.errors import FerError
from fer_core.images import read_image
from fer_core.prediction import Face, Prediction, Predictor

PHOTO_TYPES = ["jpg", "jpeg", "png", "webp"]
WANTED = "webcam-snapshots"  # session state: whether the person has chosen single pictures
_NUM_SHOWN = 6


def show_snapshots(predictor: Predictor) -> None:
    """Offer a camera that takes single pictures, and a place for a file; show what the picture says.

    Args:
        predictor: Reads the picture.
    """
    st.button("Back to live video", icon=":material/arrow_back:", on_click=choose_live)
    camera, file = st.columns(2, gap="medium")
    taken = camera.camera_input("Take a picture", key="webcam-picture")
    with file:
        chosen = st.file_uploader(
            "Or choose a photo; a phone offers its camera here as well",
            type=PHOTO_TYPES,
            max_upload_size=limits_here().photo_mb,
            key="webcam-photo",
        )
    for photo in (taken, chosen):
        if photo is None:
            continue
        try:
            with photo_turns().turn():
                picture = read_image(photo.getvalue(), max_pixels=limits_here().pixels)
                prediction = predictor.predict(picture, name=photo.name)
            _show(prediction, key=photo.file_id)
        except FerError as error:
            st.error(literal(str(error)))


def _show(prediction: Prediction, *, key: str) -> None:
    picture, faces = st.columns([3, 2], gap="medium")
    picture.image(prediction.draw(), alt=f"The picture with {len(prediction.faces)} faces marked")
    with faces:
        if not prediction.faces:
            st.info(
                "No face was found here. Very small, turned or covered faces are missed.", icon=":material/search_off:"
            )
        for number, face in enumerate(prediction.faces[:_NUM_SHOWN], start=1):
            st.markdown(f"**Face {number}** · {_in_words(face)}")
            st.plotly_chart(
                probabilities_figure(prediction.class_names, face.probabilities.tolist()),
                key=f"webcam-bars-{key}-{number}",
                config={"displayModeBar": False},
            )


def _in_words(face: Face) -> str:
    return "unsure" if face.unsure else f"{literal(face.label)}, {100 * face.confidence:.0f} %"


def choose_snapshots() -> None:
    """Let the next run show single pictures instead of live video."""
    st.session_state[WANTED] = True


def choose_live() -> None:
    """Let the next run show live video again."""
    st.session_state[WANTED] = False
