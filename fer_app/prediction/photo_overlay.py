"""The picture with boxes and labels, as it stands on the page: once for wide screens and once for a phone.

A `PhotoResult` comes in, a JPEG goes out; letters have a size that can be read at the width at which it will be shown.
"""

from collections import OrderedDict
from dataclasses import replace

import cv2
import numpy as np
import streamlit as st

from fer_app.prediction.photo_results import PhotoResult, jpeg, reduce_to
from fer_core.images import read_image
from fer_core.prediction.overlay import SMALLEST_SIDE, Mark, draw_marks

PHONE_WIDTH = 350  # CSS pixels of the page's column on a phone
_PHONE_SIDE = 2 * PHONE_WIDTH
_KEPT = 60  # drawn pictures in one session, some 0.3 MB each
_STORE = "photo-overlays"  # session state key


def overlay(result: PhotoResult, *, shown_width: int) -> bytes:
    """Return the picture with its boxes as a JPEG, drawn once in a session.

    Args:
        result: A picture that could be read.
        shown_width: The room for it on the screen in CSS pixels.
    """
    kept: OrderedDict[object, bytes] = st.session_state.setdefault(_STORE, OrderedDict())
    key = (result.picture.digest, result.way, result.threshold, shown_width)
    if key not in kept:
        kept[key] = draw_overlay(result, shown_width)
        while len(kept) > _KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def draw_overlay(result: PhotoResult, shown_width: int) -> bytes:
    """Draw the boxes and labels on the reduced picture."""
    if result.prediction is None:
        raise ValueError(f"{result.picture.name!r} was not read")
    image = np.asarray(cv2.cvtColor(cv2.imdecode(np.frombuffer(result.reduced, np.uint8), 1), cv2.COLOR_BGR2RGB))
    if shown_width <= PHONE_WIDTH:
        image = reduce_to(image, _PHONE_SIDE)
    scale = image.shape[1] / result.prediction.image.shape[1]
    marks = [_scaled(mark, scale) for mark in result.prediction.marks()]
    return jpeg(draw_marks(image, marks, shown_width=min(shown_width, max(image.shape[1], SMALLEST_SIDE))))


def annotated_picture(result: PhotoResult) -> bytes:
    """Return the picture at its full size with its boxes, a JPEG; it is read once more for that."""
    if result.prediction is None:
        raise ValueError(f"{result.picture.name!r} was not read")
    return jpeg(replace(result.prediction, image=read_image(result.picture.read())).draw())


def _scaled(mark: Mark, scale: float) -> Mark:
    x1, y1, x2, y2 = mark.bbox
    return replace(mark, bbox=(scale * x1, scale * y1, scale * x2, scale * y2))
