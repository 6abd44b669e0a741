"""Single pictures from the camera, or a photo from a file, where live video does not work or is not wanted."""

import streamlit as st

from fer_app.prediction.photo_results import read_photos
from fer_app.prediction.photo_view import show_photo
from fer_core.prediction import Predictor

PHOTO_TYPES = ["jpg", "jpeg", "png", "webp"]
WANTED = "webcam-snapshots"  # session state: whether the person has chosen single pictures


def show_snapshots(predictor: Predictor, *, model_digest: str) -> None:
    """Offer a camera that takes single pictures, and a place for a file; show what the picture says.

    Args:
        predictor: Reads the picture.
        model_digest: Tells its model from others.
    """
    st.button("Back to live video", icon=":material/arrow_back:", on_click=choose_live)
    camera, file = st.columns(2, gap="medium")
    taken = camera.camera_input("Take a picture", key="webcam-picture")
    with file:
        chosen = st.file_uploader(
            "Or choose a photo; a phone offers its camera here as well", type=PHOTO_TYPES, key="webcam-photo"
        )
    whole: set[str] = st.session_state.setdefault("webcam-as-whole", set())
    results = read_photos(
        [photo for photo in (taken, chosen) if photo is not None],
        predictor,
        model_digest=model_digest,
        whole=whole,
        cache=st.session_state.setdefault("webcam-photo-results", {}),
    )
    for result in results:
        if result.error is not None:
            st.error(result.error)
        else:
            show_photo(result, expanded=True, on_whole=whole.add)


def choose_snapshots() -> None:
    """Let the next run show single pictures instead of live video."""
    st.session_state[WANTED] = True


def choose_live() -> None:
    """Let the next run show live video again."""
    st.session_state[WANTED] = False
