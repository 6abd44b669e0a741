"""The Photos view: pictures are given, read one after the other, shown as soon as they are read, and taken away.

A model and its predictor come in; the view goes out. What was read is kept for the session by the pictures' content,
so a widget, another model and back again, or the same picture dropped twice compute nothing anew.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from fer_app.markdown import literal
from fer_app.prediction.photo_downloads import faces_table, offer_downloads
from fer_app.prediction.photo_reliability import reliability_of
from fer_app.prediction.photo_results import PhotoResult, ReadingWay, ResultStore, with_threshold
from fer_app.prediction.photo_settings import PhotoSettings
from fer_app.prediction.photo_sources import Picture, ask_for_pictures
from fer_app.prediction.photo_table import counted, show_faces_table
from fer_app.prediction.photo_view import show_photo
from fer_app.sharing.visitor_limits import limits_here
from fer_core.models import ModelPackage
from fer_core.prediction import Predictor

NUM_OPEN = 3
PAGE_SIZE = 25
_STORE, _AS_WHOLE = "photo-results", "photos-as-whole"  # session state keys
_STYLE = Path(__file__).with_name("photo_faces.css")


def show_photos(model: ModelPackage, predictor: Predictor, settings: PhotoSettings) -> None:
    """Show the view.

    Args:
        model: The model that was chosen.
        predictor: Its predictor.
        settings: How the pictures are read.
    """
    st.html(_STYLE)
    pictures = ask_for_pictures()
    store: ResultStore = st.session_state.setdefault(_STORE, ResultStore())
    store.keep_only(pictures)
    if not pictures:
        _show_first_step(model)
        return
    limits = limits_here()
    if len(pictures) > limits.num_photos:
        advice = "“Many pictures” above reads any number." if limits.has_batches else "Remove some to see the others."
        shown = f"The first {limits.num_photos} of {len(pictures)} pictures are shown. {advice}"
        st.warning(shown, icon=":material/photo_library:")
    facts = st.container()
    results = _read_and_show(pictures[: limits.num_photos], model, predictor, settings)
    with facts:
        _show_facts(results)
    faces = faces_table(results, predictor.class_names)
    if len(faces):
        st.subheader("All faces", anchor=False)
        show_faces_table(faces)
        offer_downloads(results, faces, model)


def _show_first_step(model: ModelPackage) -> None:
    st.info(
        f"Drop one or many photos above, or try an example. “{literal(model.name)}” tells apart "
        f"{literal(', '.join(model.info.class_names))}. Faces of at least 40 pixels, seen from the front, are "
        "read best.",
        icon=":material/add_photo_alternate:",
    )


def _read_and_show(
    pictures: Sequence[Picture], model: ModelPackage, predictor: Predictor, settings: PhotoSettings
) -> list[PhotoResult]:
    """Read every picture; those on the chosen page appear as soon as they are read."""
    bar, digest, results = st.progress(0.0, text="Reading the photos"), model.digest(), []
    reliability = reliability_of(model, settings.views)
    as_whole: set[str] = st.session_state.setdefault(_AS_WHOLE, set())
    max_pixels = limits_here().pixels
    first, shown_after = _choose_page(len(pictures)), 0
    for number, picture in enumerate(pictures):
        faces = "whole" if picture.digest in as_whole else settings.faces
        way = ReadingWay(digest, settings.views, faces)
        read = st.session_state[_STORE].result(picture, predictor, way, max_pixels=max_pixels)
        result = with_threshold(read, settings.threshold)
        results.append(result)
        bar.progress(len(results) / len(pictures), text=f"Read {len(results)} of {len(pictures)} photos")
        if first <= number < first + PAGE_SIZE and result.error is None:
            is_open, shown_after = shown_after < NUM_OPEN, shown_after + 1
            show_photo(result, predictor, expanded=is_open, reliability=reliability, on_whole=_take_as_whole)
    bar.empty()
    return results


def _choose_page(num_pictures: int) -> int:
    """Let the person turn pages where there are many pictures; return the number of the first on the page, from 0."""
    num_pages = -(-num_pictures // PAGE_SIZE)
    page: int = st.pagination(num_pages, key=f"photo-page-{num_pages}") if num_pages > 1 else 1
    return (page - 1) * PAGE_SIZE


def _take_as_whole(digest: str, whole: bool) -> None:
    as_whole: set[str] = st.session_state.setdefault(_AS_WHOLE, set())
    (as_whole.add if whole else as_whole.discard)(digest)


def _show_facts(results: Sequence[PhotoResult]) -> None:
    """Say what was found in all, which pictures could not be read, and what to do where many have no face."""
    readable = [result for result in results if result.error is None]
    faces = [face for result in readable for face in result.faces]
    num_unsure = sum(face.unsure for face in faces)
    st.markdown(
        f"{counted(len(faces), 'face')} on {counted(len(readable), 'photo')}; unsure about **{num_unsure}** of them."
    )
    broken = [result for result in results if result.error is not None]
    if broken:
        sentences = "\n".join(
            f"- **{literal(result.picture.name)}**: {literal(result.error or '')}" for result in broken
        )
        told = f"{len(broken)} of {len(results)} photos could not be read:\n{sentences}"
        st.error(told, icon=":material/broken_image:")
    if any(result.is_busy for result in results) and st.button("Try again", icon=":material/refresh:"):
        st.rerun()
    without = [result for result in readable if not result.faces]
    if len(without) > 1 and st.button(
        f"Treat all {len(without)} photos without a face as one face each", icon=":material/crop_free:"
    ):
        for result in without:
            _take_as_whole(result.picture.digest, True)
        st.rerun()
