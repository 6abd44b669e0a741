"""One photo's result on the page: the picture with its boxes, and for each face its crop and its probabilities.

A `PhotoResult` comes in, elements on the page go out. One or two faces stand beside the picture, more of them below
it in two columns.
"""

from collections.abc import Callable
from pathlib import PurePath

import streamlit as st

from fer_app.markdown import literal
from fer_app.prediction.photo_results import PhotoResult, in_words, summary
from fer_core.charts import probabilities_figure
from fer_core.prediction import Face

NUM_FACES_BESIDE = 2
NUM_FACES_SHOWN = 6
_CROP_WIDTH = 96  # CSS pixels; the crop itself is smaller
_CHART_CONFIG = {"displayModeBar": False}


def show_photo(result: PhotoResult, *, expanded: bool, on_whole: Callable[[str], None]) -> None:
    """Show one photo under its name; a closed one costs nothing until it is opened.

    Args:
        result: What was found.
        expanded: Whether it is open at first.
        on_whole: Called with the upload's id when the person wants the whole picture taken as a face.
    """
    label = f"**{literal(PurePath(result.name).name)}** · {summary(result)}"
    expander = st.expander(label, expanded=expanded, key=f"photo-{result.file_id}", on_change="rerun")
    if not expander.open:
        return
    with expander:
        beside = len(result.faces) <= NUM_FACES_BESIDE
        picture, rest = st.columns([5, 6], gap="medium") if beside else (st.container(), st.container())
        picture.image(result.overlay, alt=f"{result.name} with {summary(result)}")
        with rest:
            if result.faces:
                _show_faces(result, num_columns=1 if beside else 2)
            else:
                _offer_whole(result, on_whole)


def _show_faces(result: PhotoResult, num_columns: int) -> None:
    num_shown = NUM_FACES_SHOWN
    if len(result.faces) > num_shown and st.toggle(f"Show all {len(result.faces)} faces", key=f"all-{result.file_id}"):
        num_shown = len(result.faces)
    faces = list(enumerate(result.faces[:num_shown], start=1))
    for start in range(0, len(faces), num_columns):
        columns = st.columns(num_columns, gap="medium")
        for column, (number, face) in zip(columns, faces[start : start + num_columns], strict=False):
            with column:
                _show_face(result, face, number)


def _show_face(result: PhotoResult, face: Face, number: int) -> None:
    words = in_words(face, result.class_names)
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="medium"):
        with st.container(width=_CROP_WIDTH):
            st.image(face.crop, width=_CROP_WIDTH, alt=f"Face {number} as the network saw it")
        with st.container(width="stretch"):
            st.markdown(f"**Face {number}** · {literal(words)}")
            st.plotly_chart(
                probabilities_figure(result.class_names, face.probabilities.tolist()),
                key=f"bars-{result.file_id}-{number}",
                config=_CHART_CONFIG,
                alt=f"Probabilities of face {number}: {words}",
            )


def _offer_whole(result: PhotoResult, on_whole: Callable[[str], None]) -> None:
    st.info(
        "No face was found here. Very small, turned or covered faces are missed. If the picture is itself the crop of "
        "one face, it can be read as a whole.",
        icon=":material/search_off:",
    )
    st.button(
        "Treat the whole picture as a face",
        key=f"whole-{result.file_id}",
        icon=":material/crop_free:",
        on_click=on_whole,
        args=(result.file_id,),
    )
