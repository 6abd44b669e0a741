"""The face to be explained: one of the chosen split, or one of an uploaded photo.

Controls appear on the page, a `ChosenFace` goes out. Which face of a split it is stands in the URL, so that other pages
can lead here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from fer_app.dataset.thumbnail import thumbnail
from fer_app.loaders import predictor_for
from fer_app.markdown import literal
from fer_app.models.measured_on import MeasuredOn
from fer_app.prediction.photo_sources import PHOTO_TYPES
from fer_app.sharing.visitor_limits import limits_here
from fer_core.errors import FerError
from fer_core.models import ModelPackage
from fer_core.models.assessment import read_cached_predictions
from fer_core.models.model_input import fit_images
from fer_core.prediction import Face

_SPLIT, _PHOTO = "A face of this split", "A photo of mine"
_ANY, _WRONG, _RIGHT = "Any", "Named wrongly, surest first", "Named rightly, surest first"
_IMAGE = "image"  # URL parameter: image_id of the face
_NUM_SHOWN, _SIDE = 8, 72  # faces to choose from, and their width in pixels
_READ = "explain-photo"  # session state: (what was read, its faces)


@dataclass(frozen=True, eq=False)
class ChosenFace:
    """A face as the network reads it.

    Args:
        crop: (size, size, channels) uint8, 0-255.
        name: What it is called.
        label: What it is said to show; "" where nobody has said.
    """

    crop: npt.NDArray[np.uint8]
    name: str
    label: str = ""


def choose_face(on: MeasuredOn) -> ChosenFace | None:
    """Let the person choose a face; None, and a word about it, while there is none."""
    source = st.segmented_control(
        "Face", [_SPLIT, _PHOTO], default=_SPLIT, required=True, key="explain-source", label_visibility="collapsed"
    )
    return _face_of_photo(on.package) if source == _PHOTO else _face_of_split(on)


def _face_of_split(on: MeasuredOn) -> ChosenFace | None:
    image_ids = _offered(on)
    if not len(image_ids):
        st.info("No face of this split is like that. Choose others.", icon=":material/search_off:")
        return None
    start = st.session_state.get("explain-start", 0) % len(image_ids)
    shown = [int(each) for each in image_ids[start : start + _NUM_SHOWN]]
    chosen = _image_of_url(on)
    chosen = shown[0] if chosen is None else chosen
    _show_strip(on, shown, chosen)
    if len(image_ids) > _NUM_SHOWN:
        st.button("Others", key="explain-others", icon=":material/refresh:", on_click=_turn_page, args=(start,))
    row = on.index.table.iloc[chosen]
    crop = fit_images(on.index.images[chosen : chosen + 1], on.package.info)[0]
    return ChosenFace(np.ascontiguousarray(crop), str(row["path"]), str(row["label"]))


def _offered(on: MeasuredOn) -> npt.NDArray[np.int64]:
    """Return the ids of the faces that fit the boxes, in an order that stays."""
    predictions = read_cached_predictions(on.package, on.dataset, on.split, on.views, index=on.index)
    left, right = st.columns(2)
    rows = on.index.select(split=on.split)
    of = left.selectbox("Its label", ["Any", *sorted(rows["label"].unique())], key="explain-label")
    kinds = [_ANY] if predictions is None else [_ANY, _WRONG, _RIGHT]
    said = "Wrong and right ones can be chosen once the model has been evaluated on this split, under How good."
    kind = right.selectbox("What the model says", kinds, key="explain-kind", help=said)
    if of != "Any":
        rows = rows[rows["label"] == of]
    if kind == _ANY or predictions is None:
        return np.random.default_rng(0).permutation(rows["image_id"].to_numpy(np.int64))
    return _judged(predictions[predictions["image_id"].isin(rows["image_id"])], kind == _RIGHT)


def _judged(predictions: pd.DataFrame, is_right: bool) -> npt.NDArray[np.int64]:
    chosen = predictions[(predictions["predicted"] == predictions["label"]) == is_right]
    ordered = chosen.sort_values("confidence", ascending=False, kind="stable")
    return np.asarray(ordered["image_id"].to_numpy(np.int64))


def _image_of_url(on: MeasuredOn) -> int | None:
    """Return the picture of the URL, None where there is none or it cannot be read."""
    text = st.query_params.get(_IMAGE, "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    is_there = 0 <= number < len(on.index.table) and bool(on.index.table["readable"].iloc[number])
    return number if is_there else None


def _show_strip(on: MeasuredOn, image_ids: Sequence[int], chosen: int) -> None:
    with st.container(horizontal=True, gap="small", key="explain-strip"):
        for image_id in image_ids:
            row = on.index.table.iloc[image_id]
            with st.container(width=_SIDE, gap="xsmall"):
                picture = thumbnail(on.index.images[image_id], _SIDE)
                st.image(picture, width=_SIDE, alt=f"{row['label']}: {row['path']}")
                st.button(
                    literal(str(row["label"])),
                    key=f"explain-{image_id}",
                    type="primary" if image_id == chosen else "tertiary",
                    on_click=_take,
                    args=(image_id,),
                    help=f"Explain {literal(str(row['path']))}",
                )


def _take(image_id: int) -> None:
    st.query_params[_IMAGE] = str(image_id)


def _turn_page(start: int) -> None:
    st.session_state["explain-start"] = start + _NUM_SHOWN
    st.query_params.pop(_IMAGE, None)


def _face_of_photo(package: ModelPackage) -> ChosenFace | None:
    upload = st.file_uploader(
        "A photo with a face; it stays in memory and is not kept",
        type=PHOTO_TYPES,
        max_upload_size=limits_here().photo_mb,
        key="explain-upload",
    )
    if upload is None:
        st.session_state.pop(_READ, None)
        return None
    as_whole = st.toggle("The picture is itself the crop of one face", key="explain-whole")
    try:
        faces = _read(package, upload.file_id, upload.getvalue(), "whole" if as_whole else "detect")
    except FerError as error:
        st.error(literal(str(error)))
        return None
    if not faces:
        st.info("No face was found in this photo.", icon=":material/search_off:")
        return None
    number = _which(len(faces)) if len(faces) > 1 else 0
    return ChosenFace(faces[number].crop, f"{upload.name}, face {number + 1}")


def _which(num_faces: int) -> int:
    names = {f"Face {number} of {num_faces}": number - 1 for number in range(1, num_faces + 1)}
    return names[st.selectbox("Which face", list(names), key=f"explain-nth-{num_faces}")]


def _read(package: ModelPackage, file_id: str, picture: bytes, way: str) -> tuple[Face, ...]:
    """Find the faces of an upload, once as long as it lies there."""
    asked = (package.answers_digest(), file_id, way)
    kept = st.session_state.get(_READ)
    if kept is None or kept[0] != asked:
        kept = (asked, predictor_for(package).predict(picture, faces=way, views="one").faces)
        st.session_state[_READ] = kept
    return kept[1]
