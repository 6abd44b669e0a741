"""One picture's result on the page: the picture with its boxes, the cards of its faces, and what can be done with it.

A `PhotoResult` comes in, elements on the page go out. One or two faces stand beside the picture, more of them below it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePath

import streamlit as st

from fer_app.markdown import literal
from fer_app.prediction.photo_downloads import file_stem
from fer_app.prediction.photo_faces import Heat, face_cards
from fer_app.prediction.photo_overlay import PHONE_WIDTH, annotated_picture, overlay
from fer_app.prediction.photo_results import PhotoResult, summary
from fer_app.sharing.visitor_limits import told
from fer_core.errors import ModelError
from fer_core.models.class_precision import ClassPrecision
from fer_core.prediction import Predictor
from fer_core.prediction.explain import draw_heat_map

NUM_FACES_BESIDE = 2
NUM_FACES_SHOWN = 60
_BESIDE_WIDTH, _FULL_WIDTH = 440, 900  # CSS pixels of the picture's column in a window of 1280
_OF_LABEL = "its own label"  # the heat map's class where none is chosen
ADVICE = (
    "- Faces of less than about 20 pixels, or seen from behind or in full profile, are not found: take a larger or "
    "closer picture.\n"
    "- A picture that lies on its side hides its faces: turn it upright.\n"
    "- Light on the face helps; so does taking off a mask or large sunglasses.\n"
    "- If the picture is itself the crop of one face, read it as a whole."
)


def show_photo(
    result: PhotoResult,
    predictor: Predictor,
    *,
    expanded: bool,
    reliability: Mapping[str, ClassPrecision],
    on_whole: Callable[[str, bool], None],
) -> None:
    """Show one picture under its name; a closed one costs nothing until it is opened.

    Args:
        result: What was found.
        predictor: Draws heat maps.
        expanded: Whether it is open at first.
        reliability: How often the model is right, by class.
        on_whole: Called with the picture's digest and whether it shall be taken as one face.
    """
    label = f"**{literal(PurePath(result.picture.name).name)}** · {literal(summary(result))}"
    expander = st.expander(label, expanded=expanded, key=f"photo-{result.picture.key}", on_change="rerun")
    if expander.open:
        with expander:
            _show_open(result, predictor, reliability, on_whole)


@st.fragment
def _show_open(
    result: PhotoResult,
    predictor: Predictor,
    reliability: Mapping[str, ClassPrecision],
    on_whole: Callable[[str, bool], None],
) -> None:
    beside = 0 < len(result.faces) <= NUM_FACES_BESIDE
    picture, rest = st.columns([5, 6], gap="medium") if beside else (st.container(), st.container())
    with picture:
        _show_picture(result, _BESIDE_WIDTH if beside else _FULL_WIDTH)
        heats = _show_actions(result, predictor, on_whole)
    with rest:
        if result.faces:
            _show_faces(result, reliability, heats)
        else:
            _offer_whole(result, on_whole)


def _show_picture(result: PhotoResult, width: int) -> None:
    alt = f"{result.picture.name} with {summary(result)}"
    for name, shown_width in (("wide", width), ("narrow", PHONE_WIDTH)):
        with st.container(key=f"photo-{name}-{result.picture.key}"):
            st.image(overlay(result, shown_width=shown_width), alt=alt)


def _show_actions(
    result: PhotoResult, predictor: Predictor, on_whole: Callable[[str, bool], None]
) -> list[Heat] | None:
    """Offer the picture for download and its heat maps; return these where they are wanted."""
    key, heats = result.picture.key, None
    was_chosen = result.way.faces == "whole" and result.picture.digest in st.session_state.get("photos-as-whole", ())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if result.faces:
            st.download_button(
                "Annotated picture",
                data=partial(annotated_picture, result),
                file_name=f"{file_stem(result.picture.name)}-annotated.jpg",
                mime="image/jpeg",
                icon=":material/download:",
                on_click="ignore",
                key=f"annotated-{key}",
            )
            if st.toggle("Heat map", key=f"heat-{key}", help="Where the network sees signs of a class, in red."):
                classes = [_OF_LABEL, *result.class_names]
                wanted = st.selectbox("What speaks for", classes, key=f"heat-class-{key}", width=180)
                heats = _heat_maps(result, predictor, None if wanted == _OF_LABEL else wanted)
        if was_chosen and st.button("Look for faces again", key=f"detect-{key}", icon=":material/search:"):
            on_whole(result.picture.digest, False)
            st.rerun()
    return heats


def _heat_maps(result: PhotoResult, predictor: Predictor, class_name: str | None) -> list[Heat] | None:
    """Return each face's crop with its heat map, None where the model has none."""
    try:
        return [
            (class_name or face.label, draw_heat_map(face.crop, predictor.heat_map(face, class_name)))
            for face in result.faces[:NUM_FACES_SHOWN]
        ]
    except ModelError as error:
        st.warning(literal(told(error, "There is no heat map of this picture.")))
        return None


def _show_faces(result: PhotoResult, reliability: Mapping[str, ClassPrecision], heats: list[Heat] | None) -> None:
    faces, num_left = result.faces[:NUM_FACES_SHOWN], max(0, len(result.faces) - NUM_FACES_SHOWN)
    st.html(
        face_cards(faces, result.class_names, threshold=result.threshold or 0.0, reliability=reliability, heats=heats)
    )
    if num_left:
        st.caption(f"{num_left} more faces stand in the table below.")


def _offer_whole(result: PhotoResult, on_whole: Callable[[str, bool], None]) -> None:
    st.info(f"**No face was found here.**\n\n{ADVICE}", icon=":material/search_off:")
    if st.button("Treat the whole picture as a face", key=f"whole-{result.picture.key}", icon=":material/crop_free:"):
        on_whole(result.picture.digest, True)
        st.rerun()
